// One-line breakages put between the parts (TEST-17): each is a bug somebody could write tomorrow, and names the
// checker that must notice it alone.

import type { ExchangePort, StreamMessage } from "../../../src/exchange/port.ts";
import type { Engine } from "../../../src/host/context.ts";
import { lots, money } from "../../../src/market/amounts.ts";
import { parseClientOrderId } from "../../../src/trading/client-order-id.ts";
import { type Breakage, effects, journal, over, port, unfenced } from "./breakage.ts";
import { LATE_BREAKAGES } from "./late-breakages.ts";
import { STATE_BREAKAGES } from "./state-breakages.ts";

const lostReplies: Breakage["faults"] = [
  ["acceptThenTimeout", 0.2],
  ["lookupLag", 0.2],
];
const kills: Breakage["faults"] = [["kill", 60]];

let extra = 0;

export const BREAKAGES: readonly Breakage[] = [
  ...LATE_BREAKAGES,
  ...STATE_BREAKAGES,
  {
    name: "an order is sent before its decision is committed",
    caughtBy: "journal-before-send",
    faults: [],
    wraps: journal((inner, wire) => ({
      appendEffects: (turn) => {
        for (const { effect } of turn.effects) {
          if (effect.kind === "place")
            wire()?.place({ clientOrderId: effect.clientOrderId, order: effect.order }, () => {});
        }
        inner.appendEffects(turn);
      },
    })),
  },
  {
    name: "an order is sent twice",
    caughtBy: "duplicate-orders",
    faults: [],
    wraps: port((inner, world) => ({
      place: (request, done) => {
        inner.place(request, done);
        // long after: the first is finished, and the exchange takes the id again
        world.atUs(world.nowUs() + 300_000_000, () => inner.place(request, () => {}));
      },
    })),
  },
  {
    name: "one id is used for every order",
    caughtBy: "journal-before-send",
    faults: [],
    wraps: port((inner) => {
      let first: Parameters<ExchangePort["place"]>[0]["clientOrderId"] | null = null;
      return {
        place: (request, done) => {
          first ??= request.clientOrderId;
          inner.place({ ...request, clientOrderId: first }, done);
        },
      };
    }),
  },
  {
    name: "every fifth fill is dropped",
    caughtBy: "lost-fills",
    faults: [],
    wraps: port((inner) => ({
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) => (isFifth(message) ? undefined : listener(message))),
      fills: (symbol, since, done) =>
        inner.fills(symbol, since, (result) =>
          done(result.result === "ok" ? { ...result, fills: result.fills.filter((fill) => !isFifth(fill)) } : result),
        ),
    })),
  },
  {
    name: "a fill is known by the time it was seen, so it is booked twice",
    caughtBy: "lost-fills",
    faults: [],
    wraps: port((inner, world) => ({
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) => {
          listener(message);
          if (message.kind === "fill") listener({ ...message, tradeId: `${message.tradeId}/${world.nowUs()}` });
        }),
    })),
  },
  {
    name: "a time-out is taken for a rejection",
    caughtBy: "unknown-blocks",
    faults: lostReplies,
    wraps: port((inner) => ({
      place: (request, done) =>
        inner.place(request, (outcome) =>
          done(outcome.result === "unknown" ? { result: "rejected", reason: "OTHER", text: outcome.text } : outcome),
        ),
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) => (message.kind === "order" ? undefined : listener(message))),
    })),
  },
  {
    name: "a broken socket is taken for nothing sent",
    caughtBy: "unknown-blocks",
    faults: lostReplies,
    wraps: port((inner) => ({
      place: (request, done) =>
        inner.place(request, (outcome) =>
          done(outcome.result === "unknown" ? { result: "not-sent", text: outcome.text } : outcome),
        ),
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) => (message.kind === "order" ? undefined : listener(message))),
    })),
  },
  {
    name: "an order is declared absent without waiting for the window",
    caughtBy: "unknown-blocks",
    faults: [
      ["acceptLate", 0.3],
      ["acceptThenTimeout", 0.1],
    ],
    wraps: port(() => ({
      requestExpiryMs: 0,
      lookupLagMs: 0,
      lookup: (_symbol, _id, done) => done({ result: "absent" }),
      openOrders: (_symbol, done) => done({ result: "ok", orders: [] }),
      fills: (_symbol, since, done) => done({ result: "ok", fills: [], cursor: since.cursor ?? "" }),
    })),
  },
  {
    name: "reduce-only is forgotten on the way out",
    caughtBy: "approved-only",
    faults: [],
    wraps: port((inner) => ({
      place: (request, done) =>
        inner.place({ ...request, order: Object.assign({ ...request.order }, { reduceOnly: false }) }, done),
    })),
  },
  {
    name: "an order is made larger after risk approved it",
    caughtBy: "approved-only",
    faults: [],
    wraps: effects((effect) =>
      effect.kind === "place"
        ? [{ ...effect, order: Object.assign({ ...effect.order }, { quantity: lots(effect.order.quantity + 1) }) }]
        : [effect],
    ),
  },
  {
    name: "limits are ignored",
    caughtBy: "limits",
    faults: [],
    wraps: {
      engine: (inner) =>
        over<Engine>(inner, {
          step: (state, event) => {
            const huge = money(10n ** 30n);
            if (state.limits !== null)
              state.limits = { ...state.limits, positionNotionalMax: huge, exposureGrossMax: huge };
            return inner.step(state, event);
          },
        }),
    },
  },
  {
    name: "a snapshot forgets the orders",
    caughtBy: "start",
    faults: kills,
    wraps: {
      engine: (inner) =>
        over<Engine>(inner, {
          decode: (text) => {
            const state = inner.decode(text);
            state.orders.clear();
            return state;
          },
        }),
    },
  },
  {
    name: "a decision depends on something that is not in the journal",
    caughtBy: "replay",
    faults: [],
    wraps: effects((effect) => {
      extra += 1;
      return effect.kind === "place" ? [{ ...effect, because: { ...effect.because, extra } }] : [effect];
    }),
  },
  {
    name: "a cancel that was called is believed to have happened",
    caughtBy: "kill-proof",
    faults: [["killSwitch", 20]],
    wraps: port((inner) => ({
      cancel: (_symbol, _id, done) => inner.instrument("", () => done({ result: "accepted" })),
      openOrders: (symbol, done) =>
        inner.openOrders(symbol, (result) => done(result.result === "ok" ? { ...result, orders: [] } : result)),
      lookup: (symbol, id, done) =>
        inner.lookup(symbol, id, (result) =>
          done(
            result.result === "found" ? { result: "found", order: { ...result.order, status: "canceled" } } : result,
          ),
        ),
    })),
  },
  {
    name: "the owner's orders are cancelled too",
    caughtBy: "foreign-untouched",
    faults: [["handOrder", 30]],
    wraps: port((inner) => ({
      openOrders: (symbol, done) =>
        inner.openOrders(symbol, (result) => {
          if (result.result === "ok") {
            for (const { clientOrderId } of result.orders) {
              if (parseClientOrderId(clientOrderId) === null) inner.cancel(symbol, clientOrderId, () => {});
            }
          }
          done(result);
        }),
    })),
  },
  {
    name: "a stale writer is not stopped",
    caughtBy: "fence",
    faults: [["takenOver", 20]],
    wraps: journal(unfenced),
  },
  {
    name: "timers are never given back",
    caughtBy: "bounded",
    faults: [],
    wraps: {
      clock: (inner) => ({
        nowMs: () => inner.nowMs(),
        monotonicMs: () => inner.monotonicMs(),
        at: (atMs, wake) => {
          inner.at(atMs + 86_400_000, () => {});
          return inner.at(atMs, wake);
        },
      }),
    },
  },
  {
    name: "orders of ours meet",
    caughtBy: "no-self-trade",
    faults: [],
    wraps: port((inner) => {
      let buy = 0;
      return {
        place: (request, done) => {
          const { order } = request;
          if (order.side === "buy") buy = Math.max(buy, order.price);
          const crossing = order.side === "sell" && buy > 0 ? { price: buy, postOnly: false } : {};
          inner.place({ ...request, order: Object.assign({ ...order }, crossing) }, done);
        },
      };
    }),
  },
  {
    name: "funding is not booked",
    caughtBy: "ledger",
    faults: [],
    wraps: port((inner) => ({
      funding: (_symbol, _since, done) => inner.instrument("", () => done({ result: "ok", settlements: [] })),
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) => (message.kind === "funding-settled" ? undefined : listener(message))),
    })),
  },
  {
    name: "every tenth answer is forgotten",
    caughtBy: "liveness",
    faults: [],
    wraps: port((inner) => {
      let answers = 0;
      return {
        place: (request, done) =>
          inner.place(request, (outcome) => {
            answers += 1;
            if (answers % 10 !== 0) done(outcome);
          }),
        subscribe: (request, listener) =>
          inner.subscribe(request, (message) => (message.kind === "order" ? undefined : listener(message))),
      };
    }),
  },
];

const isFifth = (message: StreamMessage): boolean =>
  message.kind === "fill" && Number.parseInt(message.tradeId, 10) % 5 === 0;
