// Cases 9, 31 to 34, 36 and 37: limits, bans, clocks and connections that fail, and the way back.

import assert from "node:assert/strict";
import { STREAM_TIMES } from "../../src/exchange/ccxt/streams/times.ts";
import { REDIAL_WAITS_MS } from "../../src/rpc/backoff.ts";
import { type Case, moving } from "./exchange-case.ts";

/** Resolves when it holds; looked at again and again. */
async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

export const CONNECTION_CASES: readonly Case[] = [
  {
    n: 9,
    text: "a dropped user event is recovered by reading before a second probe, and probe and grace end within 15 s",
    faults: ["dropEvent"],
    setup: { probeMs: STREAM_TIMES.ordersProbeMs / 10 },
    play: async ({ hands, inject, heal, say, struck, truth, ready }) => {
      // here a tenth of it, by the machine's time; the whole of it by its numbers
      assert.ok(STREAM_TIMES.ordersProbeMs + STREAM_TIMES.probeGraceMs < 15_000);
      const watch = hands.watch();
      await ready(watch);
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      inject("dropEvent");
      const probes = (): number => truth.requests("open orders") ?? 0;
      const before = probes();
      say("sold 599980x9");
      await until(() => struck("dropEvent") > 0);
      const [fill] = await watch.fills(1);
      assert.equal(fill?.clientOrderId, id);
      assert.equal((await watch.ended(id)).status, "filled");
      // one under way when it was dropped, the one that missed it, and the read that told it
      assert.ok(probes() - before <= 3, `${probes() - before} reads`);
      heal();
      assert.equal((await watch.fills(1)).length, 1);
    },
  },
  {
    n: 31,
    text: "a request over the exchange's limit: no order, and orders again once the wait is over",
    faults: ["rateLimit"],
    play: async ({ hands, inject, heal, truth, ready }) => {
      await ready(hands.watch());
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
    play: async ({ hands, inject, port, truth, ready }) => {
      await ready(hands.watch());
      const said: string[] = [];
      const end = port.watchHealth?.(({ subject, state }) => void said.push(`${subject} ${state}`));
      inject("ban", { seconds: 6 });
      const fromMs = performance.now();
      const placed = await hands.place("buy 599990 x 5");
      assert.notEqual(placed.result, "accepted");
      // what was on its way when the ban was told has arrived by then
      await until(() => performance.now() - fromMs > 500);
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
    play: async ({ hands, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
      await stage.ready(watch);
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
    play: async ({ hands, inject, heal, say, ready }) => {
      const watch = hands.watch();
      await ready(watch);
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
    text: "five closes in a row: waits of 3, 5, 10, 30, 30 (here hundredths) within 20 %, then everything is back",
    faults: ["closeStorm"],
    setup: { redialWaitsMs: REDIAL_WAITS_MS.map((waitMs) => waitMs / 100) },
    play: async ({ hands, inject, say, ready, redials, truth, port }) => {
      const states = new Map<string, string>();
      const end = port.watchHealth?.(({ subject, state }) => void states.set(subject, state));
      const watch = hands.watch();
      await ready(watch);
      const { id } = await hands.place("buy 599995 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === id);
      const open = truth.sockets() ?? 0;
      const own = (): readonly number[] => redials().get("own events") ?? [];
      for (let round = 1; round <= 5; round += 1) {
        inject("closeStorm", { count: 1, everyMs: 1 });
        await until(() => own().length >= round);
        if (round === 3) say("sold 599980x9");
        await until(() => (truth.sockets() ?? 0) >= open);
      }
      assert.equal(own().length, 5);
      for (const [socket, waits] of redials()) {
        waits.forEach((waitMs, i) => {
          const plainMs = [30, 50, 100, 300, 300][i] ?? 0;
          const within = waitMs >= plainMs * 0.8 - 1 && waitMs <= plainMs * 1.2 + 1;
          assert.ok(within, `${socket}, redial ${i + 1}: ${waitMs} ms`);
        });
      }
      assert.equal((await watch.ended(id)).status, "filled");
      assert.equal((await watch.fills(1)).length, 1);
      const heard = watch.heard.length;
      say("book 599998x7 / 600004x9");
      await watch.until((all) => all.slice(heard).some(({ kind }) => kind === "book") || undefined);
      const next = await hands.place("buy 599990 x 5");
      await watch.first("order", ({ clientOrderId }) => clientOrderId === next.id);
      say("sold 599970x9");
      assert.equal((await watch.ended(next.id)).status, "filled");
      assert.equal((await watch.fills(2)).length, 2, "each fill was told once");
      await until(() => states.get("orders") === "live");
      end?.();
    },
  },
];
