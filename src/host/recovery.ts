// Recovery steps 5 to 9 (durability.md section 12), the same for a first start and after any kill: streams first, then
// every open question settled, then fills, orders and account read. No place leaves before the last step (DUR-48), and
// all of it may be killed at any point and begun again (DUR-49).

import { encodeCanonical } from "../base/canonical.ts";
import { crashPoint } from "../base/crash-point.ts";
import type { Instrument } from "../market/instrument.ts";
import { DIRECT_LINEAGE, parseClientOrderId } from "../trading/client-order-id.ts";
import type { BotConfigData, StartFacts } from "../trading/event.ts";
import type { HostContext, HostEvent } from "./context.ts";
import { heldOn } from "./held-on.ts";
import { HostError } from "./host-error.ts";
import type { ExchangeRead, Reconciler } from "./reconciler.ts";
import { CONFIRM_MS } from "./reconciler.ts";
import type { Replayed } from "./replay-tail.ts";
import type { Settler } from "./settle.ts";

export type RecoveryStep = "instrument" | "settle" | "reconcile" | "recovered";

/** How far recovery is, for screens (DUR-51). `waiting`: what is awaited, or empty. */
export interface RecoveryProgress {
  readonly step: RecoveryStep;
  readonly done: number;
  readonly total: number;
  readonly waiting: string;
}

/** The configuration this run was started with. */
export interface Configuration {
  readonly revision: number;
  readonly hash: string;
  readonly by: string;
  readonly config: BotConfigData;
  /** As its file says it; kept in the journal by its hash. */
  readonly text: string;
}

/** Facts of the host that the safety check wants to know (RISK-30). */
export interface StartConditions {
  readonly clockOffsetMs: number;
  readonly clockErrorMs: number;
  readonly keyMayWithdraw: boolean;
  readonly keyRights?: NonNullable<StartFacts["keyRights"]>;
}

export interface RecoveryParts {
  readonly context: HostContext;
  readonly settler: Settler;
  readonly reconciler: Reconciler;
  readonly configuration: Configuration;
  readonly conditions: StartConditions;
  readonly epoch: number;
  readonly lineage: number;
  readonly host: string;
  readonly release: string;
  readonly coreHash: string;
  /** Steps what was offered, now. */
  readonly drain: () => void;
  readonly subscribe: () => void;
  readonly onProgress: (progress: RecoveryProgress) => void;
  /** `recovered` is about to be stepped: from its turn on places may leave. */
  readonly onRecovered: () => void;
  readonly onFailed: (error: HostError) => void;
}

/** Reads of the exchange before recovery goes on with a difference that changes from one to the next. */
const READS_MAX = 5;
/** Waits between tries to read the instrument. */
const RETRY_MS = [500, 1_000, 2_000, 4_000, 5_000] as const;

export class Recovery {
  private readonly parts: RecoveryParts;
  private readonly replayed: Replayed;
  /** Newest event of the journal as it was found: nothing can have been decided after it. */
  private readonly foundSeq: number;
  private stopped = false;
  private unknowns = 0;

  constructor(parts: RecoveryParts, replayed: Replayed) {
    this.parts = parts;
    this.replayed = replayed;
    this.foundSeq = replayed.state.seq;
  }

  /** Begins the run: unknown is from now on what had no outcome, and what was never recorded as decided never left. */
  begin(): void {
    const { context, configuration, conditions, drain } = this.parts;
    const { epoch, lineage, host, release, coreHash } = this.parts;
    const run = { epoch, lineage, host, release, coreHash, configHash: configuration.hash };
    context.offer({ kind: "run-started", ...run, clockOffsetMs: conditions.clockOffsetMs });
    for (const { effect } of this.replayed.missing.effects) {
      if (effect.kind !== "place") continue;
      context.offer({ kind: "absent", clientOrderId: effect.clientOrderId, note: "not-found" });
    }
    drain();
    this.readInstrument(0);
  }

  stop(): void {
    this.stopped = true;
  }

  /** The settler has nothing unknown left, or may have: goes on when that is so. */
  settled(): void {
    if (this.stopped || this.unknowns === 0) return;
    this.parts.drain();
    const left = this.countUnknown();
    this.progress("settle", this.unknowns - left, this.unknowns, left === 0 ? "" : `${left} orders without an outcome`);
    if (left > 0) return;
    this.unknowns = 0;
    this.reconcile();
  }

  private readInstrument(attempt: number): void {
    const { context } = this.parts;
    this.progress("instrument", 0, 1, attempt === 0 ? "" : "the exchange does not answer");
    context.port.instrument(context.symbol, (result) => {
      if (this.stopped) return;
      if (result.result === "ok") {
        this.configure(result.instrument);
        return;
      }
      this.progress("instrument", 0, 1, result.text);
      const { clock } = context;
      clock.at(clock.nowMs() + (RETRY_MS[attempt] ?? 5_000), () => {
        if (!this.stopped) this.readInstrument(attempt + 1);
      });
    });
  }

  /** A new configuration is an event; so are changed rules of the instrument (DUR-05). */
  private configure(instrument: Instrument): void {
    const { context, configuration, drain, subscribe } = this.parts;
    const { revision, hash, by, config } = configuration;
    const { state } = context;
    const before = state.instrument;
    if (before !== null && (before.symbol !== instrument.symbol || before.exchange !== instrument.exchange)) {
      this.parts.onFailed(anotherInstrument(before, instrument));
      return;
    }
    // the same text is another configuration on another grid: its limits count in lots
    if (state.configHash !== hash || (before !== null && isRegridded(before, instrument))) {
      context.offer({ kind: "configured", revision, hash, by, instrument, config });
    } else if (encodeCanonical(state.instrument) !== encodeCanonical(instrument)) {
      context.offer({ kind: "instrument", instrument });
    }
    drain();
    subscribe();
    this.settleAll();
  }

  private settleAll(): void {
    const { context, settler } = this.parts;
    const unknown = [...context.state.orders.values()].filter((order) => order.place === "unknown");
    this.unknowns = unknown.length;
    this.progress("settle", 0, unknown.length, "");
    if (unknown.length === 0) {
      this.reconcile();
      return;
    }
    for (const { clientOrderId, order, placedAtMs } of unknown) {
      settler.unknownSinceRestart({ symbol: order.symbol, clientOrderId, recordedAtMs: placedAtMs });
    }
  }

  private countUnknown(): number {
    let count = 0;
    for (const order of this.parts.context.state.orders.values()) if (order.place === "unknown") count += 1;
    return count;
  }

  /**
   * Fills since the last known one, open orders, account; then whatever orders those reads put in question. Where the
   * journal may have lost its end, what stays unexplained is judged before anything is placed: by two equal reads.
   */
  private reconcile(pass = 1): void {
    this.progress("reconcile", 0, 1, "");
    this.parts.reconciler.request((read) => {
      if (this.stopped) return;
      const ahead = this.aheadOfJournal(read);
      if (ahead !== null) {
        this.parts.onFailed(behindExchange(ahead, this.foundSeq));
        return;
      }
      this.parts.drain();
      crashPoint("recover.after-backfill");
      const { state } = this.parts.context;
      if (state.tailLost === true && state.started && pass < READS_MAX) this.reconcileSoon(pass + 1);
      else this.finish(read);
    });
  }

  private reconcileSoon(pass: number): void {
    const { clock } = this.parts.context;
    clock.at(clock.nowMs() + CONFIRM_MS, () => {
      if (!this.stopped) this.reconcile(pass);
    });
  }

  private finish(read: ExchangeRead): void {
    const { context, settler, drain } = this.parts;
    if (settler.open > 0) {
      this.progress("reconcile", 0, 1, `${settler.open} orders whose end is not known`);
      context.clock.at(context.clock.nowMs() + 50, () => {
        if (this.stopped) return;
        drain();
        this.finish(read);
      });
      return;
    }
    context.offer(this.startFacts(read));
    drain();
    if (this.stopped) return;
    this.progress("recovered", 1, 1, "");
    if (context.state.phase === "refused") return;
    this.parts.onRecovered();
    context.offer({ kind: "recovered" });
    drain();
  }

  private startFacts(read: ExchangeRead): HostEvent {
    const { context, conditions } = this.parts;
    const position = read.account.positions.find(({ symbol }) => symbol === context.symbol);
    const { tag } = context.state.identity;
    return {
      kind: "start-facts",
      positionLots: heldOn(context, read.account),
      positionEntry: position?.entry ?? null,
      quoteAvailable: read.account.quoteAvailable,
      equity: read.account.equity,
      maintenanceMargin: read.account.maintenanceMargin,
      leverage: position?.leverage ?? context.state.instrument?.leverage ?? 1,
      oneWayMode: read.account.oneWayMode,
      foreignOrders: read.orders.filter(({ clientOrderId }) => parseClientOrderId(clientOrderId)?.tag !== tag).length,
      clockOffsetMs: conditions.clockOffsetMs,
      clockErrorMs: conditions.clockErrorMs,
      keyMayWithdraw: conditions.keyMayWithdraw,
      ...(conditions.keyRights === undefined ? {} : { keyRights: conditions.keyRights }),
    };
  }

  /** DUR-25: an order or fill of our own lineage that this journal has not decided yet, or of a later one. */
  private aheadOfJournal(read: ExchangeRead): string | null {
    const { tag, lineage } = this.parts.context.state.identity;
    for (const { clientOrderId } of [...read.orders, ...read.fills]) {
      const own = clientOrderId === null ? null : parseClientOrderId(clientOrderId);
      if (own === null || own.tag !== tag || own.lineage < lineage) continue;
      // closed by hand while no engine ran: no journal decided it, and its fills are booked like any of our own
      if (own.lineage === DIRECT_LINEAGE) continue;
      if (own.lineage > lineage || own.seq > this.foundSeq) return clientOrderId;
    }
    return null;
  }

  private progress(step: RecoveryStep, done: number, total: number, waiting: string): void {
    this.parts.onProgress({ step, done, total, waiting });
  }
}

const isRegridded = (before: Instrument, now: Instrument): boolean =>
  before.tickSize !== now.tickSize || before.lotSize !== now.lotSize;

const anotherInstrument = (before: Instrument, now: Instrument): HostError =>
  new HostError(
    "ANOTHER_INSTRUMENT",
    `this bot's journal is about ${before.symbol} on ${before.exchange}, its configuration about ${now.symbol} on ` +
      `${now.exchange}: its position would be taken for one of the other. Nothing was sent. Give the new bot an id of its own.`,
  );

const behindExchange = (id: string, seq: number): HostError => {
  const lineage = (parseClientOrderId(id)?.lineage ?? 1) + 1;
  return new HostError(
    "JOURNAL_BEHIND_EXCHANGE",
    `JOURNAL_BEHIND_EXCHANGE: the exchange knows ${id}, which this journal has not decided yet (it ends at event ` +
      `${seq}): ` +
      "it has lost its end, or an old copy was put back. Nothing was sent. Own orders may be open on the exchange. " +
      `Ways out: put the newer journal back; or \`opensqt journal restore BACKUP FOLDER --lineage ${lineage}\`; or ` +
      "`opensqt journal salvage`, which keeps what is here; or `opensqt journal adopt`. Each lets the bot cancel its " +
      "own orders, fetch the fills of before and book what stays unexplained.",
  );
};
