// An emulated USDⓈ-M exchange on free ports with a market fed by hand, and what a test does to it from outside.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { makeUsdm } from "../../src/exchange/emulator/binance/usdm/protocol.ts";
import {
  type Emulator,
  type EmulatorOptions,
  FREE_PORTS,
  startEmulator,
} from "../../src/exchange/emulator/emulator.ts";
import type { Protocol } from "../../src/exchange/emulator/protocol.ts";
import { type ProtocolEntry, REGISTRY } from "../../src/exchange/emulator/registry.ts";

export const KEY = "demo-key";
export const SECRET = "demo-secret";
/** Our symbol and the exchange's. */
export const BTC = "BTC/USDT:USDT";
export const BTCUSDT = "BTCUSDT";
export const WALLET = "demo@binance-usdm";

const DEADLINE_MS = 8_000;

export interface UsdmStage {
  readonly emulator: Emulator;
  readonly http: string;
  readonly ws: string;
  readonly protocol: Protocol;
  /** Done when the test is over, the newest first, and the emulator goes last. */
  atEnd(act: () => unknown): void;
  /** A public trade; `side` is the taker's. */
  trade(side: "buy" | "sell", price: string, quantity: string): void;
  fill(clientOrderId: string, quantity: string): void;
  settleFunding(rate: string): void;
  /** The book changes a little, far from the best. */
  nudge(): void;
  closeSockets(code: number): number;
  /** Signed position in base units, wallet balance and number of open orders, as the world has them. */
  truth(): { readonly position: string; readonly wallet: bigint; readonly openOrders: number };
}

export async function usdmStage(context: TestContext, options: EmulatorOptions = {}): Promise<UsdmStage> {
  const emulator = await startEmulator({
    registry: [entry(runs())],
    ports: FREE_PORTS,
    protocols: ["binance-usdm"],
    controlPort: null,
    market: { kind: "hand" },
    ...options,
  });
  const ends: (() => unknown)[] = [() => emulator.close()];
  context.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const { universe } = emulator.control;
  const { operator } = universe;
  const protocol = universe.protocols.get("binance-usdm");
  assert.ok(protocol !== undefined);
  let nudges = 0;
  const port = emulator.ports["binance-usdm"];
  return {
    emulator,
    protocol,
    atEnd: (act) => ends.push(act),
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    trade: (side, price, quantity) => assert.equal(operator.market.trade(BTC, { side, price, quantity }), null),
    fill: (clientOrderId, quantity) =>
      assert.equal(operator.fill("demo", { symbol: BTC, clientOrderId, quantity }), null),
    settleFunding: (rate) => assert.equal(operator.settleFunding(BTC, rate), null),
    nudge: () => {
      nudges += 1;
      const quantity = `${1 + (nudges % 7)}`;
      assert.equal(operator.market.level(BTC, { side: "buy", price: "59995", quantity }), null);
    },
    closeSockets: (code) => {
      const sockets = emulator.control.sockets();
      for (const socket of sockets) socket.close(code, "the server goes");
      return sockets.length;
    },
    truth: () => {
      const { exchange } = universe;
      const held = exchange.clearing.account(WALLET);
      const lots = exchange.clearing.holding(held, BTC).lots;
      return {
        position: String(lots / 1000),
        wallet: exchange.clearing.wallet(held, "USDT"),
        openOrders: [...exchange.desk.ledger.openOrders(WALLET)].length,
      };
    },
  };
}

/** Waits until something holds, looking again whenever the event loop has turned. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `${what} within ${DEADLINE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The registry's own entry; with wide limits where runs follow each other faster than a client is allowed to ask. */
function entry(count: number): ProtocolEntry {
  const own = REGISTRY.find(({ name }) => name === "binance-usdm");
  assert.ok(own !== undefined);
  if (count <= FEW) return own;
  const limits = { weightPerMinute: 1_000_000, ordersPer10S: 100_000, ordersPerMinute: 100_000 };
  return { ...own, make: (world) => makeUsdm(world, { limits }) };
}

const FEW = 2;

/** Runs of a flow in one test: a few; `OPENSQT_EMULATOR_RUNS=100` for what EMU-39 asks. */
export const runs = (few = FEW): number => Number.parseInt(process.env["OPENSQT_EMULATOR_RUNS"] ?? String(few), 10);

/** How long a test of so many runs may take. */
export const patienceMs = (few = FEW): number => 30_000 + runs(few) * 10_000;

/** Decimal text → units of 10^−18. */
export function units(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole + fraction.slice(0, 18).padEnd(18, "0"));
  return text.startsWith("-") ? -size : size;
}
