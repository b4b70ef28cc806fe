// Cases 9, 31 to 34, 36 and 37: limits, bans, clocks and connections that fail, and the way back.

import assert from "node:assert/strict";
import { type Case, moving } from "./exchange-case.ts";

/** Resolves when it holds; looked at again and again. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

export const CONNECTION_CASES: readonly Case[] = [
  {
    n: 9,
    text: "a dropped user event is recovered by reading within 15 s",
    faults: ["dropEvent"],
    play: async ({ hands, inject, heal, say, struck }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      inject("dropEvent");
      say("sold 599980x9");
      await until(() => struck("dropEvent") > 0);
      heal();
      const fromMs = performance.now();
      const [fill] = await watch.fills(1);
      assert.equal(fill?.clientOrderId, id);
      assert.equal((await watch.ended(id)).status, "filled");
      assert.ok(performance.now() - fromMs < 25_000);
    },
  },
  {
    n: 31,
    text: "a request over the exchange's limit: no order, and orders again once the wait is over",
    faults: ["rateLimit"],
    play: async ({ hands, inject, heal, truth }) => {
      await hands.watch().first("book");
      inject("rateLimit", { retryAfterS: 2 });
      const placed = await hands.place("buy 599990 x 5");
      assert.ok(placed.result === "rejected" || placed.result === "not-sent", placed.result);
      assert.deepEqual(truth.open(), []);
      heal();
      await until(async () => (await hands.place("buy 599980 x 5")).result === "accepted");
    },
  },
  {
    n: 32,
    text: "a ban: silence until it ends, and one word about it",
    faults: ["ban"],
    play: async ({ hands, inject, port, truth }) => {
      await hands.watch().first("book");
      const said: string[] = [];
      const end = port.watchHealth?.(({ subject, state }) => void said.push(`${subject} ${state}`));
      inject("ban", { seconds: 3 });
      const fromMs = performance.now();
      const placed = await hands.place("buy 599990 x 5");
      assert.notEqual(placed.result, "accepted");
      const asked = truth.requests("all") ?? 0;
      await until(() => performance.now() - fromMs > 2_000);
      assert.equal((truth.requests("all") ?? 0) - asked, 0, "nothing is asked inside a ban");
      await until(async () => (await hands.place("buy 599980 x 5")).result === "accepted");
      assert.equal(said.filter((word) => word === "limits down").length, 1);
      end?.();
    },
  },
  {
    n: 33,
    text: "a clock 2 s off is measured: the next request is accepted and the private stream works",
    setup: { skewMs: 2_000 },
    play: async ({ hands }) => {
      const watch = hands.watch();
      await watch.first("book");
      const placed = await hands.place("buy 599990 x 5");
      assert.equal(placed.result, "accepted");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === placed.id);
    },
  },
  {
    n: 34,
    text: "a socket that fell silent: the book is stale within seconds, and fresh again on another",
    faults: ["silentStall"],
    play: async (stage) => {
      const watch = stage.hands.watch();
      await watch.first("book");
      const stop = moving(stage);
      try {
        stage.inject("silentStall");
        const fromMs = performance.now();
        await watch.first("feed", ({ feed, state }) => feed === "book" && state === "stale");
        assert.ok(stage.struck("silentStall") > 0 && performance.now() - fromMs < 10_000);
        stage.heal();
        const stale = watch.heard.length;
        await watch.until((all) => all.slice(stale).some(({ kind }) => kind === "book") || undefined);
        await watch.until((all) => {
          const said = all.filter((each) => each.kind === "feed" && each.feed === "book");
          const last = said[said.length - 1];
          return (last?.kind === "feed" && last.state === "fresh") || undefined;
        });
      } finally {
        stop();
      }
    },
  },
  {
    n: 36,
    text: "the listen key expires: private events resume, nothing is lost",
    faults: ["listenKeyExpiry"],
    play: async ({ hands, inject, heal, say }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      inject("listenKeyExpiry");
      heal();
      say("sold 599980x9");
      assert.equal((await watch.ended(id)).status, "filled");
      const next = await hands.place("buy 599990 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === next.id);
    },
  },
  {
    n: 37,
    text: "every socket is closed: fills of the meantime are told, books and private streams come back",
    faults: ["closeStorm"],
    play: async ({ hands, inject, say }) => {
      const watch = hands.watch();
      await watch.first("book");
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      inject("closeStorm", { count: 1, everyMs: 1 });
      say("sold 599980x9");
      assert.equal((await watch.ended(id)).status, "filled");
      assert.equal((await watch.fills(1)).length, 1);
      const heard = watch.heard.length;
      say("book 599998x7 / 600004x9");
      await watch.until((all) => all.slice(heard).some(({ kind }) => kind === "book") || undefined);
    },
  },
];
