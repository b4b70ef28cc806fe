// The graceful stop (DUR-58): the engine stops opening, waits and cancels by policy; this file bounds the wait, proves
// by two reads of the exchange that nothing is left which should be gone, and lets the host close the journal.

import { crashPoint } from "../base/crash-point.ts";
import type { BotState } from "../engine/state.ts";
import { FIRST_LINEAGE } from "../journal/open-options.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import { isLive, type Order } from "../trading/order.ts";
import type { HostContext } from "./context.ts";
import type { TurnDone } from "./loop.ts";
import type { ExchangeRead, Reconciler } from "./reconciler.ts";

/** Limits of the steps, by the machine; and the time between the two reads of the proof, by the market. */
export const STOP_LIMITS_MS = { sendsAndCancels: 15_000, proof: 10_000, betweenReads: 1_000 } as const;

/** Own orders left though they should be gone; `isProven`: two reads showed none, and none is of unknown fate. */
export interface StopProof {
  readonly ordersLeft: readonly string[];
  readonly isProven: boolean;
}

export interface StopParts {
  readonly context: HostContext;
  readonly reconciler: Reconciler;
  readonly drain: () => void;
  /** The proof is done, or its time is over. */
  readonly onEnd: (proof: StopProof) => void;
}

/** The policy leaves it where it is (`cancelOnExit`): it rests, and nobody asked for its cancel. */
export const isKept = ({ cancelAsked, place }: Order, policy: BotState["stopPolicy"]): boolean =>
  policy !== "all" && !cancelAsked && place === "acknowledged";

export class GracefulStop {
  private readonly parts: StopParts;
  private step: "idle" | "stopping" | "proving" | "done" = "idle";
  private cancelWait: (() => void) | null = null;
  private cleanReadAtMs: number | null = null;
  private lastRead: ExchangeRead | null = null;
  private cancels = 0;
  private cancelled = 0;

  constructor(parts: StopParts) {
    this.parts = parts;
  }

  get active(): boolean {
    return this.step !== "idle";
  }

  /** Step 1: from this event on no new risk. */
  begin(by: string): void {
    if (this.step !== "idle") return;
    const { context, drain } = this.parts;
    this.step = "stopping";
    this.wait(STOP_LIMITS_MS.sendsAndCancels, () => this.prove());
    context.offer({ kind: "stop-requested", by });
    drain();
    crashPoint("stop.after-no-new-risk");
    if (context.state.instrument === null) this.engineStopped();
  }

  /** The engine has nothing left to wait for (steps 2 and 3 are over). */
  engineStopped(): void {
    const { clock } = this.parts.context;
    clock.at(clock.nowMs(), () => this.prove()); // this turn is still being handed over
  }

  /** Counts cancels and their answers, for the crash point in the middle of them. */
  saw(turn: TurnDone): void {
    if (this.step !== "stopping") return;
    for (const event of turn.events) {
      if (event.kind !== "outcome" || event.of !== "cancel") continue;
      this.cancelled += 1;
      if (this.cancels > 1 && this.cancelled === this.cancels >> 1) crashPoint("stop.cancel-half");
    }
    for (const { effect } of turn.effects) if (effect.kind === "cancel") this.cancels += 1;
  }

  /** A second signal: nothing is waited for any more (DUR-59). */
  abandon(): void {
    this.cancelWait?.();
    this.step = "done";
  }

  private wait(ms: number, then: () => void): void {
    this.cancelWait?.();
    const { machine } = this.parts.context;
    this.cancelWait = machine.at(machine.nowMs() + ms, then);
  }

  /** Step 4: two reads, a second apart, without an order that should be gone. Late arrivals are cancelled again. */
  private prove(): void {
    if (this.step === "proving" || this.step === "done") return;
    this.step = "proving";
    if (this.neverPlaced()) {
      this.finish({ ordersLeft: [], isProven: true });
      return;
    }
    this.wait(STOP_LIMITS_MS.proof, () => this.finish({ ordersLeft: this.left(), isProven: false }));
    this.read();
  }

  /** It decided no order; nor did another journal before this one, which may have lost what it knew (DUR-27). */
  private neverPlaced(): boolean {
    const { orders, ended, identity } = this.parts.context.state;
    return orders.size === 0 && ended.size === 0 && identity.lineage === FIRST_LINEAGE;
  }

  private read(): void {
    if (this.step !== "proving") return;
    this.parts.reconciler.request((read) => {
      if (this.step !== "proving") return;
      const { clock } = this.parts.context;
      const now = clock.monotonicMs();
      this.lastRead = read;
      if (this.left().length > 0) this.cleanReadAtMs = null;
      else if (this.cleanReadAtMs === null) this.cleanReadAtMs = now;
      else if (now - this.cleanReadAtMs >= STOP_LIMITS_MS.betweenReads) {
        this.finish({ ordersLeft: [], isProven: true });
        return;
      }
      clock.at(clock.nowMs() + STOP_LIMITS_MS.betweenReads, () => this.read());
    });
  }

  /**
   * Own orders that the policy does not keep: on the exchange as it was last read, and those that streams and answers
   * have not ended. A read does not show what is still on its way (DUR-36).
   */
  private left(): readonly string[] {
    const { state } = this.parts.context;
    const left = new Set<string>();
    for (const { clientOrderId } of this.lastRead?.orders ?? []) {
      if (parseClientOrderId(clientOrderId)?.tag !== state.identity.tag) continue;
      const order = state.orders.get(clientOrderId);
      if (order === undefined || !isKept(order, state.stopPolicy)) left.add(clientOrderId);
    }
    for (const order of state.orders.values()) {
      if (isLive(order) && !isKept(order, state.stopPolicy)) left.add(order.clientOrderId);
    }
    return [...left];
  }

  private finish(proof: StopProof): void {
    if (this.step === "done") return;
    this.cancelWait?.();
    this.step = "done";
    this.parts.onEnd(proof);
  }
}
