// The graceful stop (DUR-58): the engine stops opening, waits and cancels by policy; this file bounds the wait, proves
// by two reads of the exchange that nothing is left which should be gone, and lets the host close the journal.

import { crashPoint } from "../base/crash-point.ts";
import { parseClientOrderId } from "../trading/client-order-id.ts";
import type { HostContext } from "./context.ts";
import type { TurnDone } from "./loop.ts";
import type { ExchangeRead, Reconciler } from "./reconciler.ts";

/** Limits of the steps, by the machine; and the time between the two reads of the proof, by the market. */
export const STOP_LIMITS_MS = { sendsAndCancels: 15_000, proof: 10_000, betweenReads: 1_000 } as const;

export interface StopParts {
  readonly context: HostContext;
  readonly reconciler: Reconciler;
  readonly drain: () => void;
  /** The proof is done: own orders that are left though they should be gone. */
  readonly onProven: (ordersLeft: readonly string[]) => void;
}

export class GracefulStop {
  private readonly parts: StopParts;
  private step: "idle" | "stopping" | "proving" | "done" = "idle";
  private cancelWait: (() => void) | null = null;
  private cleanReadAtMs: number | null = null;
  private lastLeft: readonly string[] | null = null;
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
    const { state } = this.parts.context;
    if (state.orders.size === 0 && state.ended.size === 0) {
      this.finish([]);
      return;
    }
    this.wait(STOP_LIMITS_MS.proof, () => this.finish(this.lastLeft ?? [...state.orders.keys()]));
    this.read();
  }

  private read(): void {
    if (this.step !== "proving") return;
    this.parts.reconciler.request((read) => {
      if (this.step !== "proving") return;
      const { clock } = this.parts.context;
      const now = clock.monotonicMs();
      this.lastLeft = this.leftOf(read);
      if (this.lastLeft.length > 0) this.cleanReadAtMs = null;
      else if (this.cleanReadAtMs === null) this.cleanReadAtMs = now;
      else if (now - this.cleanReadAtMs >= STOP_LIMITS_MS.betweenReads) {
        this.finish([]);
        return;
      }
      clock.at(clock.nowMs() + STOP_LIMITS_MS.betweenReads, () => this.read());
    });
  }

  /** Own orders on the exchange that the policy does not keep. */
  private leftOf(read: ExchangeRead): readonly string[] {
    const { state } = this.parts.context;
    const own = read.orders.filter(
      ({ clientOrderId }) => parseClientOrderId(clientOrderId)?.tag === state.identity.tag,
    );
    if (state.stopPolicy === "all") return own.map(({ clientOrderId }) => clientOrderId);
    const left = own.filter(({ clientOrderId }) => state.orders.get(clientOrderId)?.cancelAsked !== false);
    return left.map(({ clientOrderId }) => clientOrderId);
  }

  private finish(ordersLeft: readonly string[]): void {
    if (this.step === "done") return;
    this.cancelWait?.();
    this.step = "done";
    this.parts.onProven(ordersLeft);
  }
}
