// Cancels what a bot that stays down has on the exchange, by its own tag and its policy (RISK-19). It works from the
// exchange's list alone, since the bot's books may not be used any more.

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { parseClientOrderId } from "../../trading/client-order-id.ts";
import { containedPort, guardedBy } from "./contain.ts";

const TRIES_MAX = 5;
const RETRY_MS = 1_000;

export interface SweepOptions {
  readonly port: ExchangePort;
  readonly clock: Clock;
  readonly symbol: string;
  readonly tag: string;
  readonly policy: "all" | "opening" | "none";
}

/** As {@link sweepOrders}; what throws on the way is told as something that may be left. */
export function sweepBot(options: SweepOptions, done: (left: readonly string[]) => void): void {
  const guard = guardedBy((error) => done([`unknown: ${String(error)}`]));
  guard(() => sweepOrders({ ...options, port: containedPort(options.port, guard) }, done));
}

/** `done` gets what is left that should be gone: nothing, or what five rounds could not remove. */
export function sweepOrders(options: SweepOptions, done: (left: readonly string[]) => void): void {
  if (options.policy === "none") done([]);
  else round(options, 1, done);
}

function round(options: SweepOptions, attempt: number, done: (left: readonly string[]) => void): void {
  const { port, clock, symbol } = options;
  const again = (left: readonly string[]): void => {
    if (attempt >= TRIES_MAX) done(left);
    else clock.at(clock.nowMs() + RETRY_MS, () => round(options, attempt + 1, done));
  };
  port.account(symbol, (account) => {
    if (account.result !== "ok") {
      again([`unknown: ${account.text}`]);
      return;
    }
    const held = account.positions.find((position) => position.symbol === symbol)?.lots ?? 0;
    port.openOrders(symbol, (open) => {
      if (open.result !== "ok") {
        again([`unknown: ${open.text}`]);
        return;
      }
      const mine = open.orders.filter((order) => parseClientOrderId(order.clientOrderId)?.tag === options.tag);
      // without the bot's books a side that closes the position is taken for an exit
      const closes = held > 0 ? "sell" : held < 0 ? "buy" : null;
      const gone = mine.filter(({ side }) => options.policy === "all" || side !== closes);
      if (gone.length === 0) {
        done([]);
        return;
      }
      for (const { clientOrderId } of gone) port.cancel(symbol, clientOrderId, () => undefined);
      again(gone.map(({ clientOrderId }) => clientOrderId));
    });
  });
}
