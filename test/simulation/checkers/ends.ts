// Judged as the run goes and at its end: own orders never meet, decisions repeat, sizes stay bounded, and after the
// healing everything is settled and the bot quotes again or says why not.

import { clientOrderIdOf, effectBody } from "../../../src/journal/codec.ts";
import type { Checker, Evidence } from "./checker.ts";

export function noSelfTrade({ tape, report }: Evidence): Checker {
  const name = "no-self-trade";
  return {
    name,
    onTape(entry) {
      if (entry.kind === "ended" && entry.why === "self-trade prevention" && tape.isOwn(entry.clientOrderId)) {
        report(name, `${entry.clientOrderId} met another order of ours`);
      }
      if (entry.kind === "fill" && tape.isOwn(entry.clientOrderId) && entry.counterparty === entry.account) {
        report(name, `${entry.clientOrderId} traded with ourselves`);
      }
    },
  };
}

/** Every recorded effect is the one the production engine decides from the recorded events, byte for byte. */
export function replay({ journal, report }: Evidence): Checker {
  const name = "replay";
  return {
    name,
    onEvent(record, event) {
      const [left] = journal.expected;
      if (left === undefined || left.seq === record.seq || event.kind !== "run-started") return;
      report(name, `${left.effect.kind} ${left.seq}.${left.index} is decided, but was never recorded`);
      journal.expected.length = 0;
    },
    onEffect(record, effect) {
      const now = journal.expected.shift();
      const same =
        now !== undefined &&
        now.seq === record.seq &&
        now.index === record.index &&
        now.effect.kind === effect.kind &&
        clientOrderIdOf(now.effect) === record.clientOrderId &&
        effectBody(now.effect) === record.body;
      if (same) return;
      const decided =
        now === undefined ? "nothing" : `${now.seq}.${now.index} ${now.effect.kind} ${effectBody(now.effect)}`;
      report(name, `recorded is ${record.seq}.${record.index} ${effect.kind} ${record.body}; decided is ${decided}`);
      journal.expected.length = 0;
    },
    atEnd(ending) {
      const wrong = ending.verify();
      if (wrong !== null) report(name, wrong);
    },
  };
}

const BOUNDS = { timers: 64, orders: 220, ended: 4_000, recentFills: 10_000, blocks: 16, corrections: 10 };
const SIZES_MAX = { mailbox: 10_000, inFlight: 200, armedWakes: 400, subscriptions: 1, sessions: 6 };

export function bounded({ journal, report }: Evidence): Checker {
  const name = "bounded";
  return {
    name,
    onSizes(sizes) {
      for (const key of ["mailbox", "inFlight", "armedWakes", "subscriptions", "sessions"] as const) {
        if (sizes[key] > SIZES_MAX[key]) report(name, `${sizes[key]} ${key}, at most ${SIZES_MAX[key]}`);
      }
      const { timers, orders, ended, recentFills, blocks } = journal.shadow;
      const state = { timers, orders, ended, recentFills, blocks };
      for (const key of ["timers", "orders", "ended", "recentFills", "blocks"] as const) {
        if (state[key].size > BOUNDS[key])
          report(name, `${state[key].size} ${key} in the state, at most ${BOUNDS[key]}`);
      }
    },
  };
}

export function liveness({ tape, journal, report }: Evidence): Checker {
  const name = "liveness";
  return {
    name,
    atEnd({ latched }) {
      const { shadow } = journal;
      const ours = [...shadow.orders.values()];
      for (const order of ours) {
        if (order.place !== "acknowledged") report(name, `${order.clientOrderId} is ${order.place} after the healing`);
      }
      const theirs = tape.openOrders();
      const known = new Set(ours.map(({ clientOrderId }) => clientOrderId as string));
      for (const { clientOrderId } of theirs) {
        if (!known.has(clientOrderId)) report(name, `${clientOrderId} is open on the exchange, not in the books`);
      }
      const there = new Set(theirs.map(({ clientOrderId }) => clientOrderId));
      for (const id of known) if (!there.has(id)) report(name, `${id} is open in the books, not on the exchange`);
      if (latched === null && theirs.length === 0) report(name, "nothing is wrong, and nothing is quoted");
    },
  };
}
