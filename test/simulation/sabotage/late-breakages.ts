// Breakages of what must happen in time, be told, or be paid: pulling on a stale book, budgets, recovery, alerts,
// funding and fees (TEST-17).

import type { ExchangePort } from "../../../src/exchange/port.ts";
import type { Engine } from "../../../src/host/context.ts";
import { money } from "../../../src/market/amounts.ts";
import { type Breakage, effects, over, port } from "./breakage.ts";

export const LATE_BREAKAGES: readonly Breakage[] = [
  {
    name: "entries stay while the book is stale",
    caughtBy: "stale-pull",
    faults: [["deaf", 40]],
    wraps: effects((effect) => (effect.kind === "cancel" ? [] : [effect])),
  },
  {
    name: "a stale book is forgotten by the next event",
    caughtBy: "stale-pull",
    faults: [
      ["deaf", 60],
      ["update", 60],
    ],
    wraps: {
      engine: (inner) =>
        over<Engine>(inner, {
          step: (state, event) => {
            const stepped = inner.step(state, event.kind === "feed" ? { ...event, state: "fresh" } : event);
            return stepped;
          },
        }),
    },
  },
  {
    name: "the order budget is full again at every event",
    caughtBy: "request-budget",
    faults: [["update", 60]],
    wraps: {
      engine: (inner) =>
        over<Engine>(inner, {
          step: (state, event) => {
            state.risk.bucket = null;
            return inner.step(state, event);
          },
        }),
    },
  },
  {
    name: "cancels wait for the next minute",
    caughtBy: "request-budget",
    faults: [],
    wraps: {
      port: (inner, world) =>
        over<ExchangePort>(inner, {
          cancel: (symbol, id, done) =>
            void world.atUs(world.nowUs() + 60_000_000, () => inner.cancel(symbol, id, done)),
        }),
    },
  },
  {
    name: "a recovery thinks for six seconds about every question",
    caughtBy: "recovery-time",
    faults: [["kill", 10]],
    wraps: port((inner, world) => {
      const later = (act: () => void): void => void world.atUs(world.nowUs() + 6_000_000, act);
      return {
        openOrders: (symbol, done) => later(() => inner.openOrders(symbol, done)),
        fills: (symbol, since, done) => later(() => inner.fills(symbol, since, done)),
        account: (symbol, done) => later(() => inner.account(symbol, done)),
      };
    }),
  },
  {
    name: "every alert is raised twice",
    caughtBy: "alerts",
    faults: [["deaf", 20]],
    wraps: effects((effect) => (effect.kind === "alert" ? [effect, effect] : [effect])),
  },
  {
    name: "a stale feed is told to nobody",
    caughtBy: "alerts",
    faults: [["deaf", 20]],
    wraps: effects((effect) => (effect.kind === "alert" && effect.code === "feed-stale" ? [] : [effect])),
  },
  {
    name: "a quiet market is taken for a dead feed",
    caughtBy: "alerts",
    faults: [],
    wraps: port((inner, world) => ({
      subscribe: (request, listener) => {
        const say = (state: "stale" | "fresh"): void => listener({ kind: "feed", feed: "book", state });
        world.atUs(world.nowUs() + 300_000_000, () => say("stale"));
        world.atUs(world.nowUs() + 320_000_000, () => say("fresh"));
        return inner.subscribe(request, listener);
      },
    })),
  },
  {
    name: "a settlement is booked with the wrong sign",
    caughtBy: "funding-and-fees",
    faults: [],
    wraps: port((inner) => ({
      funding: (_symbol, _since, done) => inner.instrument("", () => done({ result: "ok", settlements: [] })),
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) =>
          listener(message.kind === "funding-settled" ? { ...message, amount: money(-message.amount) } : message),
        ),
    })),
  },
  {
    name: "fees are rounded away",
    caughtBy: "funding-and-fees",
    faults: [],
    wraps: port((inner) => ({
      subscribe: (request, listener) =>
        inner.subscribe(request, (message) =>
          listener(message.kind === "fill" ? { ...message, fee: money(0n) } : message),
        ),
    })),
  },
];
