// Snapshot, then live (live.md section 4): whenever somebody joins, and however slowly it reads, it ends up knowing
// what the picture knows, and heard every event exactly once.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ConsoleModel } from "./console-model.fixture.ts";
import { DEMO_OF } from "./demo-feed.fixture.ts";
import type { ClassicKline, ClassicMessage, ClassicTradeEvent } from "./messages.ts";
import { FILLS_LISTED } from "./picture.ts";
import { type MemoryWire, openStage, type Stage } from "./stage.fixture.ts";

const numRuns = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "200", 10);
const CANDLES = `${DEMO_OF.exchange}|${DEMO_OF.symbol}|1m`;

type Step = { readonly do: "tick" | "clog" | "unclog" | "resend" } | { readonly do: "pass"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ do: "tick" } as const) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 900 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: "clog" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "unclog" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "resend" } as const) },
);

interface Told {
  readonly version: number;
  readonly trade: ClassicTradeEvent;
}

/** Plays the steps; `join` is called before the step of that number. */
function play(stage: Stage, steps: readonly Step[], at: { joinAt: number; join: () => MemoryWire }): MemoryWire {
  stage.feed.begin(5);
  let wire: MemoryWire | null = null;
  for (const [index, each] of steps.entries()) {
    if (index === at.joinAt) wire = at.join();
    switch (each.do) {
      case "tick":
        stage.feed.tick();
        break;
      case "pass":
        stage.pass(each.ms);
        break;
      case "clog":
        wire?.stopUp();
        break;
      case "unclog":
        wire?.unstop();
        break;
      case "resend":
        stage.picture.bots(
          "demo",
          [...stage.picture.botsOf.values()].map(({ bot }) => bot),
        );
        stage.picture.orders(DEMO_OF.exchange, stage.picture.orderBook.all());
        break;
    }
  }
  wire ??= at.join();
  wire.unstop();
  stage.pass(2000);
  wire.unstop();
  return wire;
}

const scenario = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  steps: fc.array(step, { minLength: 1, maxLength: 60 }),
  joinAt: fc.integer({ min: 0, max: 60 }),
});

test("TEST-P29 LIVE-02 a console that joins whenever knows the picture: nothing twice, nothing missing", () => {
  fc.assert(
    fc.property(scenario, ({ seed, steps, joinAt }) => {
      const stage = openStage({ seed });
      const told: Told[] = [];
      stage.picture.listen(({ body, version }) => {
        if (body.type === "trade_event") told.push({ version, trade: body.data });
      });
      let since = 0;
      const wire = play(stage, steps, {
        joinAt,
        join: () => {
          const joined = stage.wire();
          stage.hub.joinConsole(joined);
          since = stage.picture.version;
          return joined;
        },
      });
      if (wire.closed !== null) {
        // cut for good reason only: events did not fit
        assert.deepEqual(wire.closed, { code: 1013, reason: "slow" });
        return;
      }
      const model = new ConsoleModel();
      for (const message of wire.messages()) model.take(message);
      const { picture } = stage;
      const candles = picture.candleBooks.get(CANDLES)?.book.last(1000) ?? [];
      const known = [...(model.candles.get(CANDLES)?.values() ?? [])];
      assert.deepEqual(known, candles.slice(candles.length - known.length));
      assert.deepEqual(
        [...model.orders.values()],
        picture.orderBook.all().map(({ order }) => order),
      );
      assert.deepEqual([...model.fills.values()].slice(-FILLS_LISTED), picture.fillBook.last(FILLS_LISTED));
      assert.deepEqual(
        model.trades,
        told.filter(({ version }) => version > since).map(({ trade }) => trade),
      );
      assert.deepEqual(model.curves.get(DEMO_OF.bot), picture.curveOf.get(DEMO_OF.bot));
      assert.deepEqual(model.latest.get(`pnl|${DEMO_OF.bot}`), picture.pnlOf.get(DEMO_OF.bot));
      assert.deepEqual(model.latest.get(`slots|${DEMO_OF.bot}`), picture.slotsOf.get(DEMO_OF.bot)?.slots);
      assert.deepEqual(model.latest.get(`risk|${DEMO_OF.bot}`), picture.riskOf.get(DEMO_OF.bot));
      assert.deepEqual(
        [...model.bots.values()],
        [...picture.botsOf.values()].map(({ bot }) => bot),
      );
      assert.deepEqual([...model.alerts.values()], picture.alertBook.last(500));
    }),
    { numRuns },
  );
});

test("LIVE-11 a classic connection that joins at any time gets its history once and every candle, order and fill after it", () => {
  fc.assert(
    fc.property(scenario, ({ seed, steps, joinAt }) => {
      const stage = openStage({ seed });
      const told: Told[] = [];
      stage.picture.listen(({ body, version }) => {
        if (body.type === "trade_event") told.push({ version, trade: body.data });
      });
      let since = 0;
      const wire = play(stage, steps, {
        joinAt,
        join: () => {
          const joined = stage.wire();
          stage.hub.joinClassic(joined, { name: "BTCUSDT", exchange: "" });
          since = stage.picture.version;
          return joined;
        },
      });
      if (wire.closed !== null) return;
      const messages = wire.texts.map((text) => JSON.parse(text) as ClassicMessage);
      const types = messages.map(({ type }) => type);
      assert.deepEqual(types.slice(0, 4), ["history", "orders", "account", "position"]);
      assert.equal(types.filter((type) => type === "history").length, 1);
      const [history, orders] = messages;
      assert.ok(history?.type === "history" && orders?.type === "orders" && Array.isArray(orders.data));
      const candles = new Map<number, ClassicKline>(history.data.map((candle) => [candle.time, candle]));
      const open = new Set((orders.data as readonly { readonly id: string }[]).map(({ id }) => id));
      const trades: ClassicTradeEvent[] = [];
      for (const message of messages.slice(4)) {
        if (message.type === "kline") candles.set(message.data.time, message.data);
        if (message.type === "trade_event") trades.push(message.data);
        if (message.type === "orders" && "id" in message.data) {
          if (message.data.status === "NEW") open.add(message.data.id);
          else open.delete(message.data.id);
        }
      }
      const known = [...candles.values()].sort((a, b) => a.time - b.time);
      assert.deepEqual(known, stage.picture.candleBooks.get(CANDLES)?.book.last(known.length));
      assert.deepEqual(
        trades,
        told.filter(({ version }) => version > since).map(({ trade }) => trade),
      );
      assert.deepEqual(
        [...open].sort(),
        stage.picture.orderBook
          .all()
          .map(({ order }) => order.id)
          .sort(),
      );
    }),
    { numRuns },
  );
});

test("LIVE-14 log lines reach only those who asked, none twice: at most 50 a message, 250 ms apart, the rest counted", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 }), (bursts) => {
      const stage = openStage();
      const wire = stage.wire();
      const deaf = stage.wire();
      const seat = stage.hub.joinConsole(wire);
      stage.hub.joinConsole(deaf);
      let written = 0;
      const line = (): { at: number; level: string; process: string; code: string; text: string; fields: object } => {
        written += 1;
        return { at: written, level: "info", process: "p", code: "", text: String(written), fields: {} };
      };
      const write = (count: number): void => {
        stage.picture.log(Array.from({ length: count }, () => ({ ...line(), fields: {} })));
        stage.pass(60);
      };
      for (const [index, count] of bursts.entries()) {
        if (index === Math.floor(bursts.length / 2)) {
          seat.message(JSON.stringify({ type: "subscribe", topics: ["log"] }));
        }
        write(count);
      }
      stage.pass(1000);
      const messages = wire.messages().flatMap((each) => (each.type === "log" ? [each] : []));
      const numbers = messages.flatMap(({ data }) => data.lines.map(({ text }) => Number.parseInt(text, 10)));
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
      assert.ok(messages.every(({ data }) => data.lines.length <= 50));
      assert.equal(numbers.at(-1), written);
      assert.equal(
        deaf.messages().some(({ type }) => type === "log"),
        false,
      );
    }),
    { numRuns: Math.min(numRuns, 50) },
  );
});
