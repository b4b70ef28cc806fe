// An emulated Binance spot market on a free port for tests with real clients: a market that stands still until it is
// told to move, the demo account, and the world's own word to compare a client's with.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { assert as present } from "../../src/base/assert.ts";
import {
  type Emulator,
  type EmulatorOptions,
  FREE_PORTS,
  startEmulator,
} from "../../src/exchange/emulator/emulator.ts";
import type { Protocol } from "../../src/exchange/emulator/protocol.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import { money } from "../../src/market/amounts.ts";
import { formatMoney } from "../../src/market/instrument.ts";
import type { SimOrder } from "../../src/sim/order.ts";

export const BTC = "BTC/USDT";
export const WALLET = walletOf("demo", "binance-spot");
export const KEY = "demo-key";
export const SECRET = "demo-secret";
/** Best bid and ask of BTC/USDT where the market stands still, as the exchange writes them. */
export const BID = "59999.99000000";
export const ASK = "60000.01000000";

const LEVELS = {
  bids: [5_999_999, 5_999_998, 5_999_990].map((price) => [price, 40_000] as const),
  asks: [6_000_001, 6_000_002, 6_000_010].map((price) => [price, 40_000] as const),
};

const DEADLINE_MS = 10_000;

export interface SpotStage {
  readonly emulator: Emulator;
  readonly http: string;
  readonly ws: string;
  readonly protocol: Protocol;
  /** Done when the test is over, the newest first, and the emulator goes last. */
  atEnd(act: () => unknown): void;
  /** An open order of ours trades, all of it or so many lots of 0.00001 BTC. */
  fill(clientOrderId: string, lots?: number): void;
  /** A public trade of BTC/USDT. */
  trade(side: "buy" | "sell", price: number, quantity: number): void;
  /** What a level of BTC/USDT shows from now on. */
  level(side: "buy" | "sell", price: number, quantity: number): void;
  /** Newest order of that id, as the world has it. */
  order(clientOrderId: string): SimOrder;
  openOrders(): readonly SimOrder[];
  /** Sum of an asset in the wallet, as decimal text without trailing zeros. */
  balance(asset: string): string;
  /** Every open socket is closed by the server. Returns how many there were. */
  closeSockets(code: number): number;
  /** No path was asked for that is not served. */
  nothingUnserved(): void;
}

export async function spotStage(context: TestContext, given: EmulatorOptions = {}): Promise<SpotStage> {
  const protocols = ["binance-spot"] as const;
  const market = { kind: "hand" } as const;
  const emulator = await startEmulator({ protocols, ports: FREE_PORTS, controlPort: null, market, ...given });
  const ends: (() => unknown)[] = [() => emulator.close()];
  context.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const port = emulator.ports["binance-spot"];
  const { universe } = emulator.control;
  const protocol = universe.protocols.get("binance-spot");
  present(protocol !== undefined, "the spot market is emulated");
  const { ledger } = universe.exchange.desk;
  const moved = (act: () => void): void => {
    universe.pump.settle();
    act();
    universe.pump.settle();
  };
  moved(() => universe.world.interventions.inject(BTC, [{ kind: "book", bids: LEVELS.bids, asks: LEVELS.asks }]));
  return {
    emulator,
    atEnd: (act) => ends.push(act),
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    protocol,
    fill: (clientOrderId, lots) =>
      moved(() => {
        assert.ok(universe.world.interventions.fill(WALLET, clientOrderId, lots ?? null), `${clientOrderId} is open`);
      }),
    trade: (side, price, quantity) =>
      moved(() => universe.world.interventions.inject(BTC, [{ kind: "trade", side, price, quantity }])),
    level: (side, price, quantity) =>
      moved(() => universe.world.interventions.inject(BTC, [{ kind: "level", side, price, quantity }])),
    order: (clientOrderId) => {
      const order = ledger.find(WALLET, clientOrderId);
      present(order !== undefined, `order ${clientOrderId} is known`);
      return order;
    },
    openOrders: () => [...ledger.openOrders(WALLET)],
    balance: (asset) => {
      const { clearing } = universe.exchange;
      return formatMoney(money(clearing.balance(clearing.account(WALLET), asset)));
    },
    closeSockets: (code) => {
      const sockets = emulator.control.sockets();
      for (const socket of sockets) socket.close(code, "the server goes");
      return sockets.length;
    },
    nothingUnserved: () => assert.deepEqual([...protocol.unserved], []),
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

/** Decimal text without zeros that say nothing: `1.50` is `1.5`. */
export const plain = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** How often a flow is run in a row: a few times, or as often as is asked for (EMU-39). */
export const runs = (few = 2): number => Number.parseInt(process.env["OPENSQT_EMULATOR_RUNS"] ?? String(few), 10);

/** How long a test of so many runs may take. */
export const patienceMs = (few = 2): number => 30_000 + runs(few) * 15_000;
