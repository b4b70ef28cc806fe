// The exchange port over a socket: what a bot holds when the exchange is another process. A broken socket answers every
// call that waits: unknown for what may have arrived, unavailable for what was only asked.

import { createConnection, type Socket } from "node:net";
import type { Clock } from "../../src/base/clock.ts";
import { SIMULATED_CAPABILITIES } from "../../src/exchange/capabilities.ts";
import type { ExchangePort, StreamMessage } from "../../src/exchange/port.ts";
import { type Answer, type Call, type Hello, onLines, send } from "./wire.ts";

const UNKNOWN = { result: "unknown", text: "the connection broke" } as const;
const UNAVAILABLE = { result: "unavailable", text: "the connection broke" } as const;

interface Waiting {
  readonly done: (value: unknown) => void;
  readonly lost: unknown;
}

/** A connection that knows who is on the other side. */
export class Line {
  readonly socket: Socket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly listeners = new Map<number, (message: StreamMessage) => void>();
  private last = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    onLines(socket, (value) => this.take(value as Answer));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const { done, lost } of this.waiting.values()) done(lost);
      this.waiting.clear();
    });
  }

  /** Errors: those of the socket. */
  static open(path: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(path);
      socket.once("connect", () => resolve(new Line(socket)));
      socket.once("error", reject);
    });
  }

  /** `lost` is the answer when the connection breaks first. */
  call(call: Call, lost: unknown, done: (value: unknown) => void): void {
    this.last += 1;
    this.waiting.set(this.last, { done, lost });
    send(this.socket, { id: this.last, ...call });
  }

  /** Errors: the connection broke. */
  ask<T>(call: Call): Promise<T> {
    return new Promise((resolve, reject) => {
      this.call(call, null, (value) => {
        if (value === null && this.socket.destroyed) reject(new Error(`${call.call}: the connection broke`));
        else resolve(value as T);
      });
    });
  }

  listen(call: Call, listener: (message: StreamMessage) => void): () => void {
    this.last += 1;
    const subscription = this.last;
    this.listeners.set(subscription, listener);
    send(this.socket, { id: subscription, ...call });
    return () => {
      this.listeners.delete(subscription);
      this.last += 1;
      send(this.socket, { id: this.last, call: "unsubscribe", subscription });
    };
  }

  close(): void {
    this.socket.destroy();
  }

  private take(answer: Answer): void {
    if ("subscription" in answer) {
      this.listeners.get(answer.subscription)?.(answer.message);
      return;
    }
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    waiting?.done(answer.value);
  }
}

/** The account's connection to the exchange on the other side of `line`. */
export class RemotePort implements ExchangePort {
  readonly name: string;
  readonly capabilities = SIMULATED_CAPABILITIES;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  private readonly line: Line;
  private readonly clock: Clock;

  constructor(line: Line, clock: Clock, { name, requestExpiryMs, lookupLagMs }: Hello) {
    this.line = line;
    this.clock = clock;
    this.name = name;
    this.requestExpiryMs = requestExpiryMs;
    this.lookupLagMs = lookupLagMs;
  }

  instrument(...[symbol, done]: Parameters<ExchangePort["instrument"]>): void {
    this.read({ call: "instrument", symbol }, done);
  }

  place(...[request, done]: Parameters<ExchangePort["place"]>): void {
    this.mutate({ call: "place", sentMs: this.clock.nowMs(), request }, done);
  }

  cancel(...[symbol, clientOrderId, done]: Parameters<ExchangePort["cancel"]>): void {
    this.mutate({ call: "cancel", sentMs: this.clock.nowMs(), symbol, clientOrderId }, done);
  }

  lookup(...[symbol, clientOrderId, done]: Parameters<ExchangePort["lookup"]>): void {
    this.read({ call: "lookup", symbol, clientOrderId }, done);
  }

  openOrders(...[symbol, done]: Parameters<ExchangePort["openOrders"]>): void {
    this.read({ call: "openOrders", symbol }, done);
  }

  fills(...[symbol, since, done]: Parameters<ExchangePort["fills"]>): void {
    this.read({ call: "fills", symbol, ...since }, done);
  }

  funding(...[symbol, sinceMs, done]: Parameters<NonNullable<ExchangePort["funding"]>>): void {
    this.read({ call: "funding", symbol, sinceMs }, done);
  }

  account(...[symbol, done]: Parameters<ExchangePort["account"]>): void {
    this.read({ call: "account", symbol }, done);
  }

  candles(...[request, done]: Parameters<ExchangePort["candles"]>): void {
    this.read({ call: "candles", request }, done);
  }

  subscribe(...[request, listener]: Parameters<ExchangePort["subscribe"]>): () => void {
    return this.line.listen({ call: "subscribe", request }, listener);
  }

  close(): void {
    this.line.close();
  }

  private read<T>(call: Call, done: (result: T) => void): void {
    this.line.call(call, UNAVAILABLE, (value) => done(value as T));
  }

  private mutate<T>(call: Call, done: (outcome: T) => void): void {
    this.line.call(call, UNKNOWN, (value) => done(value as T));
  }
}
