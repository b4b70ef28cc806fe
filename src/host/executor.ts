// Carries out recorded effects. Nothing gets here before it is on the disk (DUR-11); a place is sent once or not at
// all, a cancel until its outcome is known; every send ends as exactly one outcome event (EXCH-06).

import { assert } from "../base/assert.ts";
import { crashPoint } from "../base/crash-point.ts";
import type { Prng } from "../base/prng.ts";
import type { CancelOutcome, SendOutcome } from "../exchange/port.ts";
import type { EffectToAppend } from "../journal/port.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { Effect } from "../trading/effect.ts";
import type { CandleInterval } from "../trading/event.ts";
import type { HostContext } from "./context.ts";
import { KillHalves } from "./kill-halves.ts";
import { SEND_DELAY_MS_MAX, type Settler } from "./settle.ts";
import { withoutTakenBack } from "./taken-back.ts";

/** Tries of one cancel, the first wait between them, doubling, and its jitter (EXCH-15). */
const CANCEL_TRIES = 3;
const CANCEL_RETRY_MS = 100;
const CANCEL_JITTER = 0.2;

/** Tries of one cancel so far, and how many of them left this machine. */
interface Tries {
  readonly attempt: number;
  readonly left: number;
}
const FIRST_TRY: Tries = { attempt: 1, left: 0 };

/** What a cancel under way waits for: its answer, or the time of its next try, which need not be waited for. */
type CancelWait = "answer" | { readonly tryNow: () => void };

const INTERVALS: readonly CandleInterval[] = ["1m", "3m", "5m", "15m", "1h"];
/** Waits between reads of candles that failed. */
const CANDLES_RETRY_MS = [1_000, 2_000, 5_000, 15_000, 60_000] as const;

/** Effects that other parts of the host carry out. */
export interface Executors {
  readonly timer: (atMs: number | null) => void;
  readonly alert: (effect: Extract<Effect, { kind: "alert" }>, id: string) => void;
  readonly reconcile: (effect: Extract<Effect, { kind: "reconcile" }>) => void;
  readonly stopped: (ordersLeft: number) => void;
  /** False from the moment on at which another process may have taken this bot over (DUR-56). */
  readonly holds: () => boolean;
}

const NOT_HELD = "the lease of the journal could not be renewed, so another process may have taken over";

const TAKEN_BACK = "its cancel was decided in the same turn";

/** How many answers of one turn's places are in, for the crash point of a half-answered batch. */
interface Batch {
  readonly size: number;
  answered: number;
}

export class Executor {
  private readonly context: HostContext;
  private readonly settler: Settler;
  private readonly others: Executors;
  private readonly jitter: Prng;
  /** Places on the wire: id → monotonic time at which the send began. */
  private readonly sending = new Map<ClientOrderId, number>();
  /** Cancels under way: a repeat joins the one on the wire (DUR-37). */
  private readonly cancelling = new Map<ClientOrderId, CancelWait>();
  private readonly halves: KillHalves;
  private placing = false;
  private stopped = false;

  constructor(context: HostContext, settler: Settler, parts: { readonly others: Executors; readonly jitter: Prng }) {
    this.context = context;
    this.settler = settler;
    this.others = parts.others;
    this.jitter = parts.jitter;
    this.halves = new KillHalves(() => context.state.kill.phase);
  }

  /** Places and cancels without an answer yet. */
  get inFlight(): number {
    return this.sending.size + this.cancelling.size;
  }

  isSending(id: ClientOrderId): boolean {
    return this.sending.has(id);
  }

  /** Recovery is over: from now on places leave (DUR-48). */
  open(): void {
    this.placing = true;
  }

  /** Nothing leaves any more, and no answer is reported. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * Sends a recorded turn's effects in their order, but no order that the same turn took back, for which its cancel
   * would race. `takenAtMs`: monotonic time at which the turn began.
   */
  handOver(effects: readonly EffectToAppend[], takenAtMs: number): void {
    const { leaving, takenBack } = withoutTakenBack(effects);
    for (const id of takenBack) this.placeOutcome(id, { result: "not-sent", text: TAKEN_BACK });
    const batch: Batch = { size: leaving.filter(({ effect }) => effect.kind === "place").length, answered: 0 };
    for (const recorded of leaving) {
      if (this.stopped) return;
      if (recorded.effect.kind === "place") this.place(recorded.effect, takenAtMs, batch);
      else this.carryOut(recorded);
    }
  }

  /**
   * Everything but places: those of a turn that a crash cut short are withdrawn, the rest is carried out (DUR step 4).
   */
  carryOut({ seq, index, effect }: EffectToAppend): void {
    switch (effect.kind) {
      case "place":
        return;
      case "cancel":
        this.cancelDecided(effect.symbol, effect.clientOrderId);
        return;
      case "timer":
        this.others.timer(effect.atMs);
        return;
      case "alert":
        this.others.alert(effect, `${seq}.${index}`);
        return;
      case "reconcile":
        this.others.reconcile(effect);
        return;
      case "lookup":
        this.askHowItEnded(effect.symbol, effect.clientOrderId);
        return;
      case "reload-candles":
        this.reloadCandles(effect, 0);
        return;
      case "stopped":
        this.others.stopped(effect.ordersLeft);
        return;
      case "grant":
      case "bot-breaker":
      case "bot-command":
      case "flow":
        return; // the account machine's: no bot says them
    }
  }

  private place(effect: Extract<Effect, { kind: "place" }>, takenAtMs: number, batch: Batch): void {
    const { clock, port } = this.context;
    const { clientOrderId, order } = effect;
    const sentAtMs = clock.monotonicMs();
    if (!this.placing) {
      this.placeOutcome(clientOrderId, { result: "not-sent", text: "recovery is not over" });
      return;
    }
    if (!this.others.holds()) {
      this.placeOutcome(clientOrderId, { result: "not-sent", text: NOT_HELD });
      return;
    }
    if (sentAtMs - takenAtMs > SEND_DELAY_MS_MAX) {
      const text = `decided ${Math.round(sentAtMs - takenAtMs)} ms ago, sent within ${SEND_DELAY_MS_MAX} ms or not at all`;
      this.placeOutcome(clientOrderId, { result: "not-sent", text });
      return;
    }
    this.sending.set(clientOrderId, sentAtMs);
    crashPoint("send.before-write");
    port.place({ clientOrderId, order }, (outcome) => {
      if (this.stopped || !this.sending.delete(clientOrderId)) return;
      crashPoint("send.after-reply");
      this.halves.placeAnswered();
      this.placeOutcome(clientOrderId, outcome, sentAtMs);
      crashPoint("send.outcome-queued");
      if (outcome.result === "unknown") {
        const recordedAtMs = this.context.state.orders.get(clientOrderId)?.placedAtMs ?? clock.nowMs();
        this.settler.unknown({ symbol: order.symbol, clientOrderId, recordedAtMs }, sentAtMs);
      }
      batch.answered += 1;
      if (batch.size > 1 && batch.answered === batch.size >> 1) crashPoint("send.batch-half-answered");
    });
    crashPoint("send.after-write");
  }

  /** `sentAtMs`: monotonic time of the send; absent where nothing was. */
  private placeOutcome(clientOrderId: ClientOrderId, outcome: SendOutcome, sentAtMs: number | null = null): void {
    this.context.offer({
      kind: "outcome",
      of: "place",
      clientOrderId,
      result: outcome.result,
      exchangeOrderId: outcome.result === "accepted" ? outcome.exchangeOrderId : null,
      reason: outcome.result === "rejected" ? outcome.reason : null,
      text: outcome.result === "accepted" ? "" : outcome.text,
      ...this.took(outcome.result === "accepted" || outcome.result === "rejected" ? sentAtMs : null),
    });
  }

  /** Round trip of an answered send, whole ms (RISK-18 `latency`). */
  private took(sentAtMs: number | null): { readonly tookMs?: number } {
    return sentAtMs === null ? {} : { tookMs: Math.max(0, Math.round(this.context.clock.monotonicMs() - sentAtMs)) };
  }

  /**
   * One that is on its way is not sent twice; one that waits for its next try is decided anew, and waits no more. There
   * is nothing to cancel of what never left.
   */
  private cancelDecided(symbol: string, clientOrderId: ClientOrderId): void {
    if (this.context.state.ended.get(clientOrderId)?.place === "withdrawn") return;
    const awaited = this.cancelling.get(clientOrderId);
    if (awaited === "answer") return;
    if (awaited !== undefined) awaited.tryNow();
    else {
      this.cancelling.set(clientOrderId, "answer");
      this.cancel(symbol, clientOrderId, FIRST_TRY);
    }
  }

  private cancel(symbol: string, clientOrderId: ClientOrderId, { attempt, left }: Tries): void {
    if (!this.others.holds()) {
      this.cancelling.delete(clientOrderId);
      this.cancelOutcome(
        clientOrderId,
        { result: "unknown", text: NOT_HELD },
        { sentAtMs: this.context.clock.monotonicMs(), tries: left },
      );
      return;
    }
    const sentAtMs = this.context.clock.monotonicMs();
    this.context.port.cancel(symbol, clientOrderId, (outcome) => {
      if (this.stopped) return;
      // what never left this machine was no request: it must not look like a storm of them (RISK-18 `retries`)
      const tries = outcome.result === "not-sent" ? left : left + 1;
      if (outcome.result !== "accepted" && outcome.result !== "not-open" && attempt < CANCEL_TRIES) {
        this.cancelAgain(symbol, clientOrderId, { attempt: attempt + 1, left: tries });
        return;
      }
      this.cancelling.delete(clientOrderId);
      this.cancelOutcome(clientOrderId, outcome, { sentAtMs, tries });
      this.halves.cancelAnswered();
      if (outcome.result === "not-open") this.askHowItEnded(symbol, clientOrderId);
    });
    crashPoint("cancel.after-write");
    if (attempt === 1) this.halves.cancelSent();
  }

  private askHowItEnded(symbol: string, clientOrderId: ClientOrderId): void {
    const { orders, ended } = this.context.state;
    const order = orders.get(clientOrderId) ?? ended.get(clientOrderId);
    if (order !== undefined) this.settler.ended({ symbol, clientOrderId, recordedAtMs: order.placedAtMs });
  }

  private cancelAgain(symbol: string, clientOrderId: ClientOrderId, tries: Tries): void {
    const { clock } = this.context;
    const wait = CANCEL_RETRY_MS * 2 ** (tries.attempt - 2) * (1 + CANCEL_JITTER * (2 * this.jitter.float() - 1));
    const tryNow = (): void => {
      cancelWait();
      if (this.stopped) return;
      this.cancelling.set(clientOrderId, "answer");
      this.cancel(symbol, clientOrderId, tries);
    };
    const cancelWait = clock.at(clock.nowMs() + Math.round(wait), tryNow);
    this.cancelling.set(clientOrderId, { tryNow });
  }

  private cancelOutcome(
    clientOrderId: ClientOrderId,
    outcome: CancelOutcome,
    tried: { readonly sentAtMs: number; readonly tries: number },
  ): void {
    const answered = outcome.result === "accepted" || outcome.result === "not-open";
    this.context.offer({
      kind: "outcome",
      of: "cancel",
      clientOrderId,
      result: outcome.result,
      exchangeOrderId: null,
      reason: null,
      text: outcome.result === "accepted" ? "" : outcome.text,
      ...this.took(answered ? tried.sentAtMs : null),
      ...(tried.tries > 1 ? { tries: tried.tries } : {}),
    });
  }

  /** Closed candles only, oldest first; a read repeats safely, so it goes on until it succeeds. */
  private reloadCandles(effect: Extract<Effect, { kind: "reload-candles" }>, attempt: number): void {
    const { clock, port } = this.context;
    const { symbol, count } = effect;
    const interval = INTERVALS.find((known) => known === effect.interval);
    assert(interval !== undefined, () => `no candles of ${effect.interval}`);
    port.candles({ symbol, interval, count }, (result) => {
      if (this.stopped) return;
      if (result.result === "ok") {
        for (const candle of result.candles) if (candle.closed) this.context.offer(candle);
        return;
      }
      const wait = CANDLES_RETRY_MS[Math.min(attempt, CANDLES_RETRY_MS.length - 1)] ?? 60_000;
      clock.at(clock.nowMs() + wait, () => {
        if (!this.stopped) this.reloadCandles(effect, attempt + 1);
      });
    });
  }
}
