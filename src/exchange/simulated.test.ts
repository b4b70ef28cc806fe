import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DEFAULTS, factsOf } from "../../test/risk-examples.ts";
import { PERPETUAL, tapeOf, usdt } from "../../test/try-market.ts";
import { encodeCanonical } from "../base/canonical.ts";
import { PacedClock } from "../base/paced-clock.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import { lots, type Side, ticks } from "../market/amounts.ts";
import type { Tape } from "../market/tape.ts";
import { approve, initialRiskState } from "../risk/approve.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import type { Faults } from "../sim/fault-plan.ts";
import { tapeSource } from "../sim/market-source.ts";
import { type SimulationOptions, simulationOptions } from "../sim/options.ts";
import { CALM_BTC, SyntheticMarket } from "../sim/synthetic-market.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import type { NewOrder } from "../trading/order.ts";
import type { ExchangePort, StreamMessage } from "./port.ts";
import { SimulatedPort } from "./simulated.ts";
import { SimulatedDriver } from "./simulated-driver.ts";
import { readExchange, recordTo, SavedExchangeError, writeExchange } from "./simulated-file.ts";

const SYMBOL = PERPETUAL.symbol;
const BOOK = "0 book 600000x50 599990x80 / 600001x40 600010x70";
const TEN_MS = { kind: "constant" as const, us: 10_000 };
const LATENCY = { feed: { kind: "zero" as const }, entry: TEN_MS, response: TEN_MS };

function exchangeOver(tape: Tape, options: Partial<SimulationOptions> = {}): SimulatedExchange {
  return new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument: PERPETUAL, source: tapeSource(tape), fill: { level: "L2", queue: "back" } }],
      accounts: [{ name: "bot", balances: new Map([["USDT", usdt(1_000_000)]]) }],
      latency: LATENCY,
      accountIntervalMs: 0,
      ...options,
    }),
  );
}

function portOver(exchange: SimulatedExchange, clock: VirtualClock): SimulatedPort {
  return new SimulatedPort(new SimulatedDriver(exchange, clock), { account: "bot" });
}

function place(port: ExchangePort, id: string, side: Side, price: number, done: (result: string) => void): void {
  const order: NewOrder = {
    symbol: SYMBOL,
    side,
    price: ticks(price),
    quantity: lots(5),
    timeInForce: "GTC",
    postOnly: true,
    reduceOnly: false,
    slotKey: "",
  };
  const approval = approve(DEFAULTS, initialRiskState(), factsOf(), order);
  assert.ok(approval.ok, approval.ok ? "" : approval.text);
  port.place({ clientOrderId: foreignOrderId(id), order: approval.approved }, ({ result }) => done(result));
}

test("EXCH-47 EXCH-01 an order through the port: accepted, opened, filled, each at its time, never inside the call", () => {
  const clock = new VirtualClock(0);
  const port = portOver(exchangeOver(tapeOf(`${BOOK}\n500 sold 599980x1\n900 diff 1x1`)), clock);
  const story: string[] = [];
  const tell = (what: string): void => void story.push(`${clock.nowMs()} ${what}`);
  port.subscribe({ symbol: SYMBOL, candleInterval: null, bookIntervalMs: 100 }, (message: StreamMessage) => {
    if (message.kind === "order") tell(`order ${message.status}`);
    else tell(message.kind);
  });
  clock.at(100, () => {
    place(port, "a", "buy", 599_990, tell);
    tell("sent");
  });
  clock.at(120, () => tell("timer"));
  clock.runUntil(1_000_000);
  assert.deepEqual(story, [
    "0 book",
    "100 sent",
    "120 accepted",
    "120 order open",
    "120 timer",
    "510 fill",
    "510 order filled",
    "900 book",
  ]);
});

test("BT-24 at equal time: market data, exchange replies, timers", () => {
  const clock = new VirtualClock(0);
  const port = portOver(exchangeOver(tapeOf(`${BOOK}\n120 diff 600000x7\n900 diff 1x1`)), clock);
  const story: string[] = [];
  clock.at(120, () => story.push("timer"));
  port.subscribe({ symbol: SYMBOL, candleInterval: null, bookIntervalMs: 0 }, ({ kind }) => {
    if (clock.nowMs() === 120) story.push(kind);
  });
  clock.at(100, () => place(port, "a", "buy", 599_990, (result) => story.push(result)));
  clock.runUntil(200_000);
  assert.deepEqual(story, ["book", "accepted", "order", "timer"]);
});

test("EXCH-40 forgotten fills are not silently missing: a read that begins before them is told so", () => {
  const clock = new VirtualClock(0);
  const sold = Array.from({ length: 4 }, (_, n) => `${500 + 100 * n} sold 599980x1`).join("\n");
  const exchange = exchangeOver(tapeOf(`${BOOK}\n${sold}\n90000 diff 1x1`), { fillsKept: 1 });
  const port = portOver(exchange, clock);
  for (let n = 0; n < 4; n += 1) clock.at(450 + 100 * n, () => place(port, `o${n}`, "buy", 599_990, () => {}));
  const said: string[] = [];
  const ask = (sinceMs: number, cursor: string | null): void => {
    port.fills(SYMBOL, { sinceMs, cursor }, (answer) => {
      said.push(answer.result === "ok" ? `${answer.fills.length} to ${answer.cursor}` : answer.text);
    });
  };
  clock.at(650, () => ask(0, null));
  clock.at(1_000, () => {
    ask(0, null);
    ask(0, "1");
    ask(0, "2");
    ask(750, null);
  });
  clock.runUntil(2_000_000);
  const gone = "the simulated exchange keeps the last 1 fills; what is asked for begins before them";
  assert.deepEqual(said, ["2 to 2", gone, gone, "2 to 4", "1 to 4"]);
});

test("EXCH-11 EXCH-14 look-up, open orders, fills, account and an id sent twice", () => {
  const clock = new VirtualClock(0);
  const port = portOver(exchangeOver(tapeOf(`${BOOK}\n500 sold 599980x1\n90000 diff 1x1`)), clock);
  const said = new Map<string, unknown>();
  clock.at(100, () => place(port, "a", "buy", 599_990, () => {}));
  clock.at(200, () => {
    place(port, "a", "buy", 599_990, (result) => said.set("twice", result));
    port.lookup(SYMBOL, foreignOrderId("a"), (found) => said.set("found", found.result));
    port.lookup(SYMBOL, foreignOrderId("b"), (found) => said.set("absent", found.result));
    port.cancel(SYMBOL, foreignOrderId("b"), ({ result }) => said.set("cancel", result));
    port.openOrders(SYMBOL, (open) => said.set("open", open.result === "ok" ? open.orders.length : open.text));
    port.instrument(SYMBOL, (answer) => said.set("instrument", answer.result));
  });
  clock.at(600, () => {
    port.fills(SYMBOL, { sinceMs: 0, cursor: null }, (answer) => {
      said.set("fills", answer.result === "ok" ? `${answer.fills.length} to ${answer.cursor}` : answer.text);
    });
    port.fills(SYMBOL, { sinceMs: 0, cursor: "1" }, (answer) => {
      said.set("newer", answer.result === "ok" ? answer.fills.length : answer.text);
    });
    port.account(SYMBOL, (answer) => {
      said.set("position", answer.result === "ok" ? answer.positions[0]?.lots : answer.text);
      said.set("entry", answer.result === "ok" ? answer.positions[0]?.entry : answer.text);
    });
  });
  clock.runUntil(1_000_000);
  assert.deepEqual(Object.fromEntries(said), {
    twice: "accepted",
    found: "found",
    absent: "absent",
    cancel: "not-open",
    open: 1,
    instrument: "ok",
    fills: "1 to 1",
    newer: 0,
    position: 5,
    entry: 599_990_000,
  });
});

test("BT-22 each fault of a request ends as it would on the wire, and is counted", () => {
  const table: [fault: keyof Faults, outcome: string, accepted: boolean][] = [
    ["notSent", "not-sent", false],
    ["timeoutNotAccepted", "unknown", false],
    ["acceptThenTimeout", "unknown", true],
    ["serverErrorNotAccepted", "unknown", false],
    ["serverErrorAfterAccept", "unknown", true],
    ["cutReply", "unknown", true],
    ["rateLimit", "rejected", false],
    ["postOnlyReject", "rejected", false],
    ["insufficientFunds", "rejected", false],
    ["otherReject", "rejected", false],
    ["fillBeforeAck", "accepted", true],
  ];
  for (const [fault, outcome, accepted] of table) {
    const clock = new VirtualClock(0);
    const exchange = exchangeOver(tapeOf(`${BOOK}\n90000 diff 1x1`), { faults: { [fault]: 1 } });
    const port = portOver(exchange, clock);
    const outcomes: string[] = [];
    clock.at(100, () => place(port, "a", "buy", 599_990, (result) => outcomes.push(result)));
    clock.runUntil(10_000_000);
    assert.deepEqual(outcomes, [outcome], fault);
    assert.equal(exchange.desk.ledger.find("bot", "a") !== undefined, accepted, fault);
    assert.equal(exchange.faults.counts.get(fault), 1, fault);
  }
});

test("BT-22 faults of reads and streams: unavailable, lagging, stale, lost, doubled, late, swapped, silent", () => {
  const heard = (faults: Faults): string[] => {
    const clock = new VirtualClock(0);
    const exchange = exchangeOver(tapeOf(`${BOOK}\n500 sold 599980x1\n90000 diff 1x1`), { faults, openOnStream: true });
    const port = portOver(exchange, clock);
    const story: string[] = [];
    port.subscribe({ symbol: SYMBOL, candleInterval: null, bookIntervalMs: 1_000_000 }, (message) => {
      if (message.kind !== "book") story.push(message.kind === "order" ? message.status : message.kind);
    });
    clock.at(100, () => place(port, "a", "buy", 599_990, () => {}));
    clock.at(150, () => {
      port.lookup(SYMBOL, foreignOrderId("a"), ({ result }) => story.push(result));
      port.openOrders(SYMBOL, (open) => story.push(open.result === "ok" ? String(open.orders.length) : open.result));
    });
    clock.runUntil(80_000_000);
    return story;
  };
  assert.deepEqual(heard({}), ["open", "found", "1", "fill", "filled"]);
  assert.deepEqual(heard({ readUnavailable: 1 }), ["open", "unavailable", "unavailable", "fill", "filled"]);
  assert.deepEqual(heard({ lookupLag: 1 }), ["open", "absent", "1", "fill", "filled"]);
  assert.deepEqual(heard({ staleOpenOrders: 1 }), ["open", "found", "0", "fill", "filled"]);
  assert.deepEqual(heard({ dropEvent: 1 }), ["found", "1"]);
  assert.equal(heard({ duplicateEvent: 1 }).length, 8);
  assert.deepEqual(heard({ lateEvent: 1 }).slice(0, 2), ["found", "1"]);
  assert.deepEqual(heard({ reorderEvents: 1 }).toSorted(), heard({}).toSorted());
  const stalled = heard({ silentStall: 300 });
  assert.ok(stalled.includes("feed"), "the client is told that its feeds are stale");
});

test("EXCH-47 an exchange that shares its process with a bot remembers, after a kill, what it accepted", () => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-exchange-"));
  const file = join(folder, "exchange.json");
  const tape = tapeOf(`${BOOK}\n500 sold 599980x1\n90000 diff 1x1`);
  const record = recordTo(join(folder, "record.jsonl"));
  const first = exchangeOver(tape, { record });
  const clock = new VirtualClock(0);
  let repliedBeforeKept = false;
  const driver = new SimulatedDriver(first, clock, { persist: () => writeExchange(file, first) });
  const port = new SimulatedPort(driver, { account: "bot" });
  clock.at(100, () => {
    place(port, "a", "buy", 599_990, () => {
      const kept = readExchange(file);
      repliedBeforeKept = kept?.open.length !== 1;
    });
  });
  clock.at(200, () => driver.stop());
  clock.runUntil(1_000_000);
  assert.equal(repliedBeforeKept, false);

  const second = exchangeOver(tape, { record });
  const saved = readExchange(file);
  assert.ok(saved !== null);
  second.restore(saved);
  assert.equal(encodeCanonical(second.save()), encodeCanonical(saved));
  const later = new VirtualClock(Math.floor(saved.nowUs / 1000));
  const back = new SimulatedPort(new SimulatedDriver(second, later), { account: "bot" });
  const heard: string[] = [];
  back.subscribe({ symbol: SYMBOL, candleInterval: null, bookIntervalMs: 1_000_000 }, ({ kind }) => heard.push(kind));
  later.runUntil(1_000_000);
  assert.ok(heard.includes("fill"), "the order rests on after the restart, and fills");
  const lines = readFileSync(join(folder, "record.jsonl"), "utf8").trim().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).kind).slice(0, 3), ["request", "accepted", "fill"]);

  writeFileSync(file, "half a fi");
  assert.throws(() => readExchange(file), SavedExchangeError);
  rmSync(folder, { recursive: true });
});

test("EXCH-47 on a wall clock, ten times as fast: the market goes on and orders are answered", () => {
  // a wall clock whose time the test turns
  const wall = new VirtualClock(1_000_000);
  const bare = {
    nowMs: () => wall.nowMs(),
    monotonicMs: () => wall.monotonicMs(),
    at: (ms: number, wake: () => void) => wall.at(ms, wake),
  };
  const paced = new PacedClock(bare, 5_000, 10);
  const source = new SyntheticMarket({ ...CALM_BTC, seed: "1", startUs: 5_000_000 });
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument: PERPETUAL, source, fill: { level: "L2", queue: "back" } }],
      accounts: [{ name: "bot", balances: new Map([["USDT", usdt(1_000_000)]]) }],
      latency: LATENCY,
    }),
  );
  const port = new SimulatedPort(new SimulatedDriver(exchange, paced), { account: "bot" });
  let books = 0;
  let answered = 0;
  port.subscribe({ symbol: SYMBOL, candleInterval: "1m", bookIntervalMs: 100 }, ({ kind }) => {
    if (kind === "book") books += 1;
  });
  wall.at(1_000_100, () => place(port, "a", "buy", 599_000, () => (answered = paced.nowMs())));
  wall.runUntil(1_010_000_000);
  assert.equal(paced.nowMs(), 105_000);
  assert.ok(books > 300 && books < 1_100, `${books} books in 100 s, at most ten a second`);
  assert.ok(answered >= 6_020 && answered < 6_100, `answered at ${answered}`);
});
