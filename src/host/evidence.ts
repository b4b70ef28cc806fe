// What the exchange knows about one order, asked in the order of DUR-44: look-up, open orders, fills. Everything found
// goes to the engine as events; this file concludes nothing but "found", "absent everywhere" or "unclear".

import { crashPoint } from "../base/crash-point.ts";
import type { Unstamped } from "../exchange/port.ts";
import type { ClientOrderId } from "../trading/client-order-id.ts";
import type { FillEvent } from "../trading/event.ts";
import { fillIdentity } from "../trading/ledger.ts";
import type { HostContext } from "./context.ts";

/** Fills are read from this long before the order's record (DUR-44). */
const FILLS_BEFORE_MS = 60_000;

/** The order to ask for. `recordedAtMs`: engine time of the decision. */
export interface Question {
  readonly symbol: string;
  readonly clientOrderId: ClientOrderId;
  readonly recordedAtMs: number;
}

/**
 * `found`: its state and all its fills are with the engine. `absent`: no look-up, no open order and no fill that is not
 * booked knows it, at this moment. `unclear`: an answer is missing, or the answers contradict each other; ask again.
 */
export type Answer = "found" | "absent" | "unclear";

/** Asks the exchange and queues what it says. `done` is called once. */
export function askAbout(context: HostContext, question: Question, done: (answer: Answer) => void): void {
  crashPoint("settle.before-lookup");
  context.port.lookup(question.symbol, question.clientOrderId, (result) => {
    crashPoint("settle.after-lookup");
    switch (result.result) {
      case "unavailable":
        done("unclear");
        return;
      case "found":
        readFills(context, question, result.order.exchangeOrderId, (fills) => {
          offerFills(context, fills ?? []);
          context.offer(result.order);
          const told = fills !== null && sum(fills) >= result.order.cumulative;
          done(told ? "found" : "unclear");
        });
        return;
      case "absent":
        askOpenOrders(context, question, done);
        return;
    }
  });
}

function askOpenOrders(context: HostContext, question: Question, done: (answer: Answer) => void): void {
  context.port.openOrders(question.symbol, (result) => {
    if (result.result === "unavailable") {
      done("unclear");
      return;
    }
    const order = result.orders.find((candidate) => candidate.clientOrderId === question.clientOrderId);
    if (order !== undefined) {
      // open, though the look-up does not know it: it is there; its fills come with the next look
      context.offer(order);
      done("unclear");
      return;
    }
    readFills(context, question, null, (fills) => {
      offerFills(context, fills ?? []);
      // fills that are booked contradict nothing: the order is over, and the exchange has forgotten how it ended
      // (GRID-27)
      done(fills?.every((fill) => isBooked(context, fill)) === true ? "absent" : "unclear");
    });
  });
}

type Fill = Unstamped<FillEvent>;

/** This order's fills, or null when they could not be read. */
function readFills(
  context: HostContext,
  question: Question,
  exchangeOrderId: string | null,
  done: (fills: readonly Fill[] | null) => void,
): void {
  const sinceMs = Math.max(0, question.recordedAtMs - FILLS_BEFORE_MS - context.stampedLateMs);
  const since = { sinceMs, cursor: null };
  context.port.fills(question.symbol, since, (result) => {
    if (result.result === "unavailable") {
      done(null);
      return;
    }
    const own = result.fills.filter(
      (fill) =>
        fill.clientOrderId === question.clientOrderId ||
        (fill.clientOrderId === null && exchangeOrderId !== null && fill.exchangeOrderId === exchangeOrderId),
    );
    done(own.map((fill) => ({ ...fill, clientOrderId: question.clientOrderId })));
  });
}

function offerFills(context: HostContext, fills: readonly Fill[]): void {
  for (const fill of fills) context.offer(fill);
}

const isBooked = ({ state }: HostContext, fill: Fill): boolean =>
  state.recentFills.has(fillIdentity(state.instrument?.exchange ?? "", fill));

const sum = (fills: readonly Fill[]): number => fills.reduce((total, fill) => total + fill.quantity, 0);
