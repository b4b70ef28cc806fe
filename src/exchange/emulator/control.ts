// The operations of the control API as typed calls (EMU-35). Everything done through it stands in the record. The HTTP in
// front of it, and the faults, are others'.

import { type AccountSpec, openingBalances } from "./accounts.ts";
import { EmulatorError } from "./error.ts";
import type { SocketView } from "./gates.ts";
import type { MarketChoice } from "./market/choice.ts";
import type { Counters } from "./server.ts";
import type { ClockMode } from "./time.ts";
import { Universe, type UniverseOptions } from "./universe.ts";
import { type EmulatedAccount, walletOf } from "./world.ts";

export interface ClockOrder {
  readonly mode?: ClockMode;
  /** Emulated milliseconds in one of the machine's, where the mode is `paced`. */
  readonly speed?: number;
  /** Manual time goes on by so much … */
  readonly advanceMs?: number;
  /** … or up to there, Unix ms. */
  readonly toMs?: number;
}

/** Emulated time between two looks at whether every frame was written. */
const SLICE_US = 1_000_000;

export class EmulatorControl {
  private readonly first: UniverseOptions;
  private readonly counters: Counters;
  private readonly endSockets: (code: number, reason: string) => void;
  private current: Universe;
  private advancing = false;
  private waiting: (() => void)[] = [];

  constructor(parts: {
    readonly first: UniverseOptions;
    readonly counters: Counters;
    readonly endSockets: (code: number, reason: string) => void;
  }) {
    this.first = parts.first;
    this.counters = parts.counters;
    this.endSockets = parts.endSockets;
    this.current = new Universe(parts.first);
  }

  /** The world of now and all that lives in it; another one after a reset. */
  get universe(): Universe {
    return this.current;
  }

  /** Runs what a client sent: at once, or as soon as time that is being moved by hand stands still. */
  inbound(act: () => void): void {
    if (this.advancing) this.waiting.push(act);
    else {
      this.current.pump.settle();
      act();
    }
  }

  /** A fresh world; open sockets are closed. What is not given is as it was at the start. */
  reset(
    given: { readonly seed?: string; readonly market?: MarketChoice; readonly clock?: UniverseOptions["clock"] } = {},
  ): void {
    this.current.end();
    this.endSockets(1012, "the emulator is reset");
    this.counters.requests = 0;
    this.counters.sockets = 0;
    this.current = new Universe({ ...this.first, ...given });
    this.told("reset", { seed: given.seed ?? this.first.seed });
  }

  /** Returns the time when every due event has fired and every frame was written. Errors: CLOCK. */
  async clock(order: ClockOrder): Promise<number> {
    this.told("clock", order);
    const { time } = this.current;
    if (order.mode !== undefined || order.speed !== undefined) {
      time.set(order.mode ?? time.mode, order.speed ?? Math.max(1, time.speed));
    }
    if (order.advanceMs !== undefined || order.toMs !== undefined) {
      const toMs = order.toMs ?? time.nowMs() + (order.advanceMs ?? 0);
      await this.advance(toMs * 1000);
    }
    return this.current.time.nowMs();
  }

  /** Errors: ACCOUNT_TWICE, AMOUNT. */
  addAccount(spec: AccountSpec): EmulatedAccount {
    this.told("accounts", { ...spec, secret: undefined });
    const { accounts, world, options } = this.current;
    for (const { name } of options.protocols) openingBalances(spec, name);
    const account = accounts.add(spec);
    for (const { name } of options.protocols) {
      const fees = spec.fees === undefined ? {} : { fees: spec.fees };
      world.interventions.addAccount({
        name: walletOf(account.name, name),
        balances: openingBalances(spec, name),
        ...fees,
      });
    }
    return account;
  }

  sockets(): readonly SocketView[] {
    return this.first.sockets();
  }

  private async advance(toUs: number): Promise<void> {
    const { time, pump } = this.current;
    if (time.mode !== "manual") {
      throw new EmulatorError("CLOCK", `time is moved by hand only in the mode manual; it is ${time.mode}`);
    }
    if (this.advancing) throw new EmulatorError("CLOCK", "time is being moved already; wait for that call's answer");
    this.advancing = true;
    try {
      do {
        pump.goTo(Math.max(time.nowUs(), Math.min(toUs, time.nowUs() + SLICE_US)));
        await this.written();
      } while (time.nowUs() < toUs && this.current.time === time);
    } finally {
      this.advancing = false;
      for (const act of this.waiting.splice(0)) this.inbound(act);
    }
  }

  /** Every frame has gone to the machine's own buffers. */
  private async written(): Promise<void> {
    while (this.counters.writing.count > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private told(operation: string, given: unknown): void {
    this.current.record.add({ kind: "control", operation, given });
  }
}
