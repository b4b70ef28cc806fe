// A clock and a port as one bot uses them: what its own code throws in a wake or an answer goes to its owner instead of
// the process, so that one bot's bug never ends the others (RISK-19, OPS-15).

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";

/** Runs `work`; what it throws is handed to the owner of the bot. */
export type Guard = (work: () => void) => void;

export const guardedBy =
  (onThrown: (error: unknown) => void): Guard =>
  (work) => {
    try {
      work();
    } catch (error) {
      onThrown(error);
    }
  };

export function containedClock(clock: Clock, guard: Guard): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    at: (atMs, wake) => clock.at(atMs, () => guard(wake)),
  };
}

/** What an exchange may lack and a bot does not ask: the owner of the account does, through the connector. */
type NotForBots =
  | "clockOffset"
  | "lookupReachMs"
  | "funding"
  | "heartbeat"
  | "publicMarket"
  | "settings"
  | "deadMan"
  | "amend"
  | "cancelEverything"
  | "budget"
  | "watchHealth";

/** Every member is passed on by name, so that a new one fails the compile here. Closing and beating are the fleet's. */
export function containedPort(port: ExchangePort, guard: Guard): ExchangePort {
  const answer =
    <A extends readonly unknown[]>(done: (...args: A) => void) =>
    (...args: A): void =>
      guard(() => done(...args));
  const contained: Required<Omit<ExchangePort, NotForBots>> = {
    get name() {
      return port.name;
    },
    get capabilities() {
      return port.capabilities;
    },
    get requestExpiryMs() {
      return port.requestExpiryMs;
    },
    get lookupLagMs() {
      return port.lookupLagMs;
    },
    instrument: (symbol, done) => port.instrument(symbol, answer(done)),
    place: (request, done) => port.place(request, answer(done)),
    cancel: (symbol, id, done) => port.cancel(symbol, id, answer(done)),
    lookup: (symbol, id, done) => port.lookup(symbol, id, answer(done)),
    openOrders: (symbol, done) => port.openOrders(symbol, answer(done)),
    fills: (symbol, since, done) => port.fills(symbol, since, answer(done)),
    account: (symbol, done) => port.account(symbol, answer(done)),
    candles: (request, done) => port.candles(request, answer(done)),
    subscribe: (request, listener) => port.subscribe(request, answer(listener)),
    close: () => undefined,
  };
  const { lookupReachMs } = port;
  return Object.assign(contained, {
    ...(lookupReachMs === undefined ? {} : { lookupReachMs }),
    ...(port.funding === undefined ? {} : { funding: fundingOf(port, guard) }),
  });
}

type Funding = NonNullable<ExchangePort["funding"]>;

const fundingOf =
  (port: ExchangePort, guard: Guard): Funding =>
  (symbol, sinceMs, done) =>
    port.funding?.(symbol, sinceMs, (result) => guard(() => done(result)));
