// The operations of the control API as typed calls (EMU-35): what concerns the world as a whole. What is done to
// prices, money and positions is the operator's; the HTTP in front of it, and the faults, are others'. All of it is
// recorded.

import { lots } from "../../market/amounts.ts";
import { formatQuantity } from "../../market/instrument.ts";
import { type AccountSpec, openingBalances } from "./accounts.ts";
import { passBarrier } from "./barrier.ts";
import type { AccountChange, BarrierOrder, ClockOrder, ResetOrder, SocketFilter } from "./control-orders.ts";
import { EmulatorError } from "./error.ts";
import type { SocketView } from "./gates.ts";
import type { OrderLife } from "./order-history.ts";
import { type SavedWorld, savedOptions } from "./saved-world.ts";
import { performLine, type ScriptLine } from "./script.ts";
import type { Counters } from "./server.ts";
import { type Belief, type Difference, differences, type StateView, stateOf } from "./state.ts";
import { Universe, type UniverseOptions } from "./universe.ts";
import { type EmulatedAccount, walletOf } from "./world.ts";

export type { AccountChange, BarrierOrder, ClockOrder, ResetOrder, SocketFilter } from "./control-orders.ts";

export interface ControlParts {
  readonly first: UniverseOptions;
  readonly counters: Counters;
  readonly script: readonly ScriptLine[];
  /** Hears what a script wanted in vain. */
  readonly onTrouble: (text: string) => void;
  readonly endSockets: (code: number, reason: string) => void;
}

/** How long a client may leave its frames unread while time is moved by hand. */
const UNREAD_MS = 5_000;

/** Emulated time between two looks at whether every frame was written. */
const SLICE_US = 1_000_000;

export class EmulatorControl {
  private readonly parts: ControlParts;
  private readonly first: UniverseOptions;
  private readonly counters: Counters;
  private readonly endSockets: (code: number, reason: string) => void;
  private current: Universe;
  private advancing = false;
  private waiting: (() => void)[] = [];
  private readonly saved = new Map<string, SavedWorld>();

  constructor(parts: ControlParts) {
    this.first = parts.first;
    this.counters = parts.counters;
    this.endSockets = parts.endSockets;
    this.parts = parts;
    this.current = new Universe(parts.first);
    this.play();
  }

  /** The world of now and all that lives in it; another one after a reset. */
  get universe(): Universe {
    return this.current;
  }

  /** Prices, rules, money and positions; each deed is recorded under its own name by whoever asks for it. */
  get operator(): Universe["operator"] {
    return this.current.operator;
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
  reset(order: ResetOrder = {}): void {
    const { seed = this.first.seed, market = this.first.market } = order;
    const clock = order.clock === undefined ? this.first.clock : { speed: 1, startMs: null, ...order.clock };
    this.replace({ ...this.first, seed, market, clock }, "the emulator is reset");
    this.told("reset", { seed, market: market.kind, clock });
  }

  /** Returns the time when every due event has fired and every frame was written. Errors: CLOCK. */
  async clock(order: ClockOrder): Promise<number> {
    this.told("clock", order);
    const { time, operator } = this.current;
    if (order.mode !== undefined || order.speed !== undefined) {
      const mode = order.mode ?? time.mode;
      time.set(mode, order.speed ?? (time.speed === 0 ? 1 : time.speed));
    }
    if (order.skewMs !== undefined) operator.skew(null, order.skewMs);
    if (order.advanceMs !== undefined || order.toMs !== undefined) {
      const toMs = order.toMs ?? time.nowMs() + (order.advanceMs ?? 0);
      await this.advance(toMs * 1000);
    }
    return this.current.time.nowMs();
  }

  /** Errors: ACCOUNT_TWICE, AMOUNT. */
  addAccount(spec: AccountSpec): EmulatedAccount {
    const { accounts, world, options } = this.current;
    this.told("accounts", { name: spec.name });
    for (const { name } of options.protocols) openingBalances(spec, name);
    const account = accounts.add(spec);
    for (const { name } of options.protocols) {
      const fees = spec.fees === undefined ? {} : { fees: spec.fees };
      const balances = openingBalances(spec, name);
      world.interventions.addAccount({ name: walletOf(account.name, name), balances, ...fees });
    }
    return account;
  }

  /** Errors: NOT_FOUND. */
  changeAccount(name: string, change: AccountChange): EmulatedAccount {
    const { apiKey, secret, ...told } = change;
    this.told("account", { name, ...told, ...(apiKey === undefined ? {} : { apiKey }) });
    const { accounts, world, options } = this.current;
    const account = accounts.named(name);
    if (account === null) throw new EmulatorError("NOT_FOUND", `there is no account ${name}`);
    if (apiKey !== undefined || secret !== undefined) {
      accounts.rekey(account, apiKey ?? account.apiKey, secret ?? account.secret);
    }
    if (change.positionMode !== undefined) account.positionMode = change.positionMode;
    if (change.skewMs !== undefined) account.skewMs = change.skewMs;
    if (change.revoked !== undefined) account.revoked = change.revoked;
    if (change.rights !== undefined) account.rights = { ...account.rights, ...change.rights };
    if (change.fees !== undefined) {
      for (const { name: protocol } of options.protocols) {
        world.interventions.setFees(walletOf(name, protocol), change.fees);
      }
    }
    return account;
  }

  /** Open sockets that the filter means, oldest first. */
  sockets(filter: SocketFilter = {}): readonly SocketView[] {
    return this.first
      .sockets()
      .filter(
        ({ id, protocol, path, subscriptions }) =>
          (filter.id === undefined || filter.id === id) &&
          (filter.protocol === undefined || filter.protocol === protocol.name) &&
          (filter.path === undefined || path.startsWith(filter.path)) &&
          (filter.stream === undefined || subscriptions.some((each) => each.includes(filter.stream ?? ""))),
      );
  }

  /** Closes them with the code, 1006 without a close frame; says how many. */
  closeSockets(filter: SocketFilter = {}, code = 1001, reason = ""): number {
    this.told("sockets/close", { ...filter, code });
    const meant = this.sockets(filter);
    for (const socket of meant) socket.close(code, reason);
    return meant.length;
  }

  state(): StateView & { readonly hash: string } {
    this.current.pump.settle();
    return stateOf({ world: this.current.world, protocols: this.current.options.protocols });
  }

  /** Every order that used the client id, oldest first, at whichever protocol; as far as its history knows. */
  orders(clientOrderId: string): readonly OrderLife[] {
    this.current.pump.settle();
    return this.current.history.withClientId(clientOrderId);
  }

  /** Entries after number `since` as JSON lines, and the hash over everything recorded so far. */
  log(
    since = 0,
    max?: number,
  ): { readonly lines: readonly string[]; readonly forgotten: number; readonly hash: string } {
    const { record } = this.current;
    return { ...record.since(since, max), hash: record.hash() };
  }

  /** How a client's belief differs from the world; empty where it does not (EMU-36). */
  compare(belief: Belief): readonly Difference[] {
    const { world, history } = this.current;
    const filledOf = (clientOrderId: string): string => {
      const lives = history
        .withClientId(clientOrderId)
        .filter(({ account }) => account.startsWith(`${belief.account}@`));
      const symbol = lives[0]?.symbol;
      const filled = lives.reduce((sum, life) => sum + life.filled, 0);
      return symbol === undefined ? "0" : formatQuantity(world.exchange.market(symbol).instrument, lots(filled));
    };
    return differences(this.state(), belief, filledOf);
  }

  /** Puts the world aside under a name, `""` unless told; a later one of that name replaces it. */
  snapshot(name = ""): void {
    this.current.pump.settle();
    this.saved.set(name, this.current.save());
    this.told("snapshot", { name });
  }

  /** Returns to a world that was put aside; open sockets are closed. Errors: NOT_FOUND. */
  restore(name = ""): void {
    const saved = this.saved.get(name);
    if (saved === undefined) throw new EmulatorError("NOT_FOUND", `no world was put aside under the name "${name}"`);
    this.replace({ ...this.first, ...savedOptions(saved) }, "the emulator returns to another world");
    this.told("restore", { name });
  }

  /** Returns when all of the order holds, and how long that took by the machine's clock, ms. Errors: DEADLINE. */
  barrier(order: BarrierOrder): Promise<number> {
    const { deadlineMs } = order;
    return passBarrier(
      {
        until: JSON.stringify(order),
        holds: () => this.holds(order),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      },
      this.first.machine,
    );
  }

  private holds({ order, sockets, requests }: BarrierOrder): boolean {
    if (order !== undefined) {
      const lives = this.orders(order.clientOrderId);
      const status = lives[lives.length - 1]?.status ?? "absent";
      if (status !== order.status) return false;
    }
    if (sockets !== undefined && this.sockets(sockets.filter).length !== sockets.count) return false;
    return requests === undefined || this.counters.requests >= requests;
  }

  private replace(options: UniverseOptions, reason: string): void {
    if (this.advancing) throw new EmulatorError("CLOCK", "time is being moved; wait for that call's answer");
    this.endSockets(1012, reason);
    this.current.end();
    this.counters.requests = 0;
    this.counters.sockets = 0;
    this.current = new Universe(options);
    this.play();
  }

  /** The script's lines wait for their times; those of before a world that goes on are over. */
  private play(): void {
    const { time, startMs, record } = this.current;
    for (const line of this.parts.script) {
      if (startMs + line.atMs < time.nowMs()) continue;
      time.at(startMs + line.atMs, () => {
        const trouble = performLine(this, line);
        if (trouble === null) return;
        record.add({ kind: "control", operation: "script", given: { ...line, trouble } });
        this.parts.onTrouble(`${line.call} at ${line.atMs} ms came to nothing: ${trouble}`);
      });
    }
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
      } while (time.nowUs() < toUs);
    } finally {
      this.advancing = false;
      for (const act of this.waiting.splice(0)) this.inbound(act);
    }
  }

  /** Every frame has gone to the machine's own buffers; a client that does not read holds nobody up for long. */
  private async written(): Promise<void> {
    const { machine } = this.first;
    const untilMs = machine.monotonicMs() + UNREAD_MS;
    while (this.counters.writing.count > 0 && machine.monotonicMs() < untilMs) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  private told(operation: string, given: unknown): void {
    this.current.record.add({ kind: "control", operation, given });
  }
}
