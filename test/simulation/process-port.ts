// One process's connection: the simulated exchange behind a network that can be cut in either direction. Everything
// that leaves is seen by the witness at the moment it leaves; every call still ends exactly once.

import type { VirtualClock } from "../../src/base/virtual-clock.ts";
import type { ExchangePort, PortCapabilities, StreamMessage } from "../../src/exchange/port.ts";
import type { ClientOrderId } from "../../src/trading/client-order-id.ts";
import type { NewOrder } from "../../src/trading/order.ts";
import type { ClockGate } from "./process-clock.ts";

/** The machine's network. `out`: requests get lost; `in`: replies and streams do. */
export interface Network {
  out: "open" | "cut";
  in: "open" | "cut";
  /** How late the streams are read, µs. */
  lateUs: number;
}

/** Something that left a process: what a spy on the wire writes down. */
export type Sent =
  | { readonly kind: "place"; readonly clientOrderId: ClientOrderId; readonly order: NewOrder }
  | { readonly kind: "cancel"; readonly clientOrderId: ClientOrderId; readonly symbol: string };

export interface PortParts {
  readonly world: VirtualClock;
  readonly gate: ClockGate;
  readonly network: Network;
  readonly onSent: (sent: Sent) => void;
}

/** How long after the first lost message the client gives the streams up. */
const STALE_AFTER_US = 5_000_000;

export class ProcessPort implements ExchangePort {
  readonly name: string;
  readonly capabilities: PortCapabilities;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  private readonly inner: ExchangePort;
  private readonly parts: PortParts;
  private readonly listeners = new Set<(message: StreamMessage) => void>();
  private readonly calls = new Set<() => void>();
  private readUs = 0;

  constructor(inner: ExchangePort, parts: PortParts) {
    this.inner = inner;
    this.parts = parts;
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    this.requestExpiryMs = inner.requestExpiryMs;
    this.lookupLagMs = inner.lookupLagMs;
  }

  /** Streams that are open. */
  get subscriptions(): number {
    return this.listeners.size;
  }

  instrument(...[symbol, done]: Parameters<ExchangePort["instrument"]>): void {
    this.call((answer) => this.inner.instrument(symbol, answer), UNAVAILABLE, done);
  }

  place(...[request, done]: Parameters<ExchangePort["place"]>): void {
    this.parts.onSent({ kind: "place", clientOrderId: request.clientOrderId, order: request.order });
    this.call((answer) => this.inner.place(request, answer), UNKNOWN, done);
  }

  cancel(...[symbol, clientOrderId, done]: Parameters<ExchangePort["cancel"]>): void {
    this.parts.onSent({ kind: "cancel", clientOrderId, symbol });
    this.call((answer) => this.inner.cancel(symbol, clientOrderId, answer), UNKNOWN, done);
  }

  lookup(...[symbol, clientOrderId, done]: Parameters<ExchangePort["lookup"]>): void {
    this.call((answer) => this.inner.lookup(symbol, clientOrderId, answer), UNAVAILABLE, done);
  }

  openOrders(...[symbol, done]: Parameters<ExchangePort["openOrders"]>): void {
    this.call((answer) => this.inner.openOrders(symbol, answer), UNAVAILABLE, done);
  }

  fills(...[symbol, since, done]: Parameters<ExchangePort["fills"]>): void {
    this.call((answer) => this.inner.fills(symbol, since, answer), UNAVAILABLE, done);
  }

  account(...[symbol, done]: Parameters<ExchangePort["account"]>): void {
    this.call((answer) => this.inner.account(symbol, answer), UNAVAILABLE, done);
  }

  funding(...[symbol, sinceMs, done]: Parameters<NonNullable<ExchangePort["funding"]>>): void {
    this.call((answer) => this.inner.funding?.(symbol, sinceMs, answer), UNAVAILABLE, done);
  }

  candles(...[request, done]: Parameters<ExchangePort["candles"]>): void {
    this.call((answer) => this.inner.candles(request, answer), UNAVAILABLE, done);
  }

  subscribe(...[request, listener]: Parameters<ExchangePort["subscribe"]>): () => void {
    const { gate, network, world } = this.parts;
    this.listeners.add(listener);
    const end = this.inner.subscribe(request, (message) => {
      if (network.in !== "open") return;
      const hear = (): void => gate.through(() => (this.listeners.has(listener) ? listener(message) : undefined));
      // in their order, whatever each is late by
      this.readUs = Math.max(this.readUs, world.nowUs() + network.lateUs);
      if (this.readUs <= world.nowUs()) hear();
      else world.atUs(this.readUs, hear);
    });
    return () => {
      this.listeners.delete(listener);
      end();
    };
  }

  close(): void {
    this.listeners.clear();
    this.calls.clear();
    this.inner.close();
  }

  /** Nothing comes in until `untilUs`: the client notices after a while, and connects again when it can. */
  lostStreams(untilUs: number): void {
    const { world } = this.parts;
    const say = (state: "stale" | "fresh"): void => {
      for (const feed of ["book", "orders"] as const) this.tellAll({ kind: "feed", feed, state });
    };
    const staleUs = world.nowUs() + STALE_AFTER_US;
    if (staleUs < untilUs) world.atUs(staleUs, () => say("stale"));
    world.atUs(untilUs, () => {
      if (staleUs >= untilUs) say("stale");
      say("fresh");
    });
  }

  /** The connector behind it is gone: what was under way is lost, and said so at once. */
  dropCalls(): void {
    // what is asked in answer to a loss is a call of its own
    const lost = Array.from(this.calls);
    for (const drop of lost) drop();
  }

  private tellAll(message: StreamMessage): void {
    for (const listener of this.listeners) this.parts.gate.through(() => listener(message));
  }

  /** A request leaves when the turn's own time is over; an answer that cannot come in is `lost` at the deadline. */
  private call<T>(send: (answer: (value: T) => void) => void, lost: NoInfer<T>, done: (value: T) => void): void {
    const { world, gate, network } = this.parts;
    const deadlineUs = world.nowUs() + gate.debtUs + this.requestExpiryMs * 1000;
    let open = true;
    const end = (value: T): void => {
      if (!open) return;
      open = false;
      this.calls.delete(drop);
      gate.through(() => done(value));
    };
    const drop = (): void => end(lost);
    const giveUp = (): void => void world.atUs(Math.max(deadlineUs, world.nowUs()), drop);
    const go = (): void => {
      if (!open) return;
      if (network.out === "cut") {
        giveUp();
        return;
      }
      send((value) => {
        if (network.in === "cut") giveUp();
        else end(value);
      });
    };
    this.calls.add(drop);
    if (gate.debtUs === 0) go();
    else world.atUs(world.nowUs() + gate.debtUs, () => gate.through(go));
  }
}

const UNAVAILABLE = { result: "unavailable", text: "no answer before the deadline" } as const;
const UNKNOWN = { result: "unknown", text: "no answer before the deadline" } as const;
