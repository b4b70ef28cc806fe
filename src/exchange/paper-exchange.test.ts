import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { orderOf } from "../../test/contract/exchange-stage.ts";
import { BTC_PERPETUAL, BTC_SPOT, ETH_PERPETUAL } from "../../test/instruments.ts";
import { usdt } from "../../test/try-market.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import type { Instrument } from "../market/instrument.ts";
import { callersApproval } from "../risk/wire-approval.ts";
import { foreignOrderId } from "../trading/client-order-id.ts";
import { openPaperExchange, type PaperExchange, type PaperExchangeOptions } from "./paper-exchange.ts";
import { PaperExchangeError } from "./paper-source.ts";

const START_MS = 1_750_000_000_000;

/** A machine whose clocks the test turns. */
class Machine {
  private virtual = new VirtualClock(0);
  private passedMs = 0;
  readonly clock = {
    nowMs: () => this.virtual.nowMs(),
    monotonicMs: () => this.virtual.monotonicMs(),
    at: (atMs: number, wake: () => void) => this.virtual.at(atMs, wake),
  };
  readonly unixMs = (): number => START_MS + this.passedMs + this.virtual.nowMs();

  go(ms: number): void {
    this.virtual.runUntil((this.virtual.nowMs() + ms) * 1000);
  }

  /** Time in which no process of ours runs: its timers are gone. */
  away(ms: number): void {
    this.passedMs += this.virtual.nowMs() + ms;
    this.virtual = new VirtualClock(0);
  }
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-paper-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function optionsOf(dataDir: string, machine: Machine, instruments: readonly Instrument[]): PaperExchangeOptions {
  const zero = { kind: "zero" as const };
  return {
    dataDir,
    instruments: instruments.map((instrument) => ({ instrument, startPrice: null })),
    data: null,
    seed: "7",
    speed: 1,
    balances: new Map([["USDT", usdt(1_000_000)]]),
    margin: "cross",
    fees: null,
    latency: { feed: zero, entry: zero, response: zero },
    fill: { level: "auto", path: "nearest", rule: "through", volumeShareMaxPpm: null, queue: "front" },
    machine: machine.clock,
    unixMs: machine.unixMs,
    onLost: (error) => assert.fail(String(error)),
  };
}

const place = (paper: PaperExchange, id: string, text: string): Promise<string> =>
  new Promise((resolve) => {
    const order = callersApproval(orderOf(text));
    paper.connect().place({ clientOrderId: foreignOrderId(id), order }, ({ result }) => resolve(result));
  });

test("EXCH-47 a paper exchange of several instruments: each has a market of its own, in one account", async (t) => {
  const machine = new Machine();
  const paper = await openPaperExchange(optionsOf(folderOf(t), machine, [BTC_PERPETUAL, ETH_PERPETUAL, BTC_SPOT]));
  const port = paper.connect();
  const best = new Map<string, number>();
  for (const symbol of [BTC_PERPETUAL.symbol, ETH_PERPETUAL.symbol, BTC_SPOT.symbol]) {
    port.subscribe({ symbol, candleInterval: null, bookIntervalMs: 100 }, (message) => {
      if (message.kind === "book") best.set(symbol, message.bids[0]?.[0] ?? 0);
    });
  }
  machine.go(60_000);
  assert.deepEqual([...best.keys()].toSorted(), ["BTC/USDT", "BTC/USDT:USDT", "ETH/USDT:USDT"]);
  assert.ok(Math.abs((best.get("BTC/USDT:USDT") ?? 0) - 600_000) < 30_000, String(best.get("BTC/USDT:USDT")));
  assert.ok(Math.abs((best.get("ETH/USDT:USDT") ?? 0) - 300_000) < 30_000, String(best.get("ETH/USDT:USDT")));
  assert.equal(paper.clock.nowMs(), START_MS + 60_000);
  paper.stop();
});

test("EXCH-47 killed and started again, it remembers its orders and has gone on meanwhile", async (t) => {
  const folder = folderOf(t);
  const machine = new Machine();
  const first = await openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL]));
  machine.go(1_000);
  // far above the market of a minute later, so that it fills whenever the market goes on
  const placing = place(first, "o1", "buy 599000 x 5");
  machine.go(1_000);
  assert.equal(await placing, "accepted");
  first.stop();
  machine.away(600_000);
  const second = await openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL]));
  assert.equal(second.clock.nowMs(), START_MS + 602_000);
  assert.ok(second.exchange.nowUs() >= (START_MS + 602_000) * 1000, "the market went through the absence");
  const order = second.exchange.desk.ledger.find("paper", "o1");
  assert.ok(order !== undefined, "the order is remembered");
  second.stop();
});

test("EXCH-47 an absence too long to go through is left out, and time is right all the same", async (t) => {
  const folder = folderOf(t);
  const machine = new Machine();
  const first = await openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL]));
  machine.go(1_000);
  const placing = place(first, "o1", "buy 300000 x 5");
  machine.go(1_000);
  await placing;
  first.stop();
  machine.away(30 * 86_400_000);
  const second = await openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL, ETH_PERPETUAL]));
  assert.equal(second.clock.nowMs(), START_MS + 30 * 86_400_000 + 2_000);
  let books = 0;
  for (const symbol of [BTC_PERPETUAL.symbol, ETH_PERPETUAL.symbol]) {
    second.connect().subscribe({ symbol, candleInterval: null, bookIntervalMs: 100 }, ({ kind }) => {
      if (kind === "book") books += 1;
    });
  }
  machine.go(10_000);
  assert.ok(books > 10, `${books} books`);
  assert.equal([...second.exchange.desk.ledger.openOrders("paper")].length, 1);
  second.stop();
});

test("EXCH-47 one exchange a folder: a second process is refused, and so is leaving an instrument out", async (t) => {
  const folder = folderOf(t);
  const machine = new Machine();
  const first = await openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL, ETH_PERPETUAL]));
  await assert.rejects(openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL])), /LOCK_HELD|is running/);
  machine.go(1_000);
  const placing = place(first, "o1", "buy 599000 x 5");
  machine.go(1_000);
  await placing;
  first.stop();
  await assert.rejects(
    openPaperExchange(optionsOf(folder, machine, [BTC_PERPETUAL])),
    (error) => error instanceof PaperExchangeError && error.code === "INSTRUMENTS_CHANGED" && error.advice.length > 0,
  );
});
