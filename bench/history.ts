// How long an engine answers for what was (TEST-38, LIVE section 13): a position's history, fills, orders and results
// of a bot whose books are as full as they get, asked over gRPC as a live-server asks.

import { join } from "node:path";
import { type BooksServices, booksServices } from "../src/host/api/books-services.ts";
import type { CommandedBot } from "../src/host/api/commanded.ts";
import { MONEY_ROWS_MAX } from "../src/host/books/money-rows.ts";
import { openRpcClient, type RpcClient } from "../src/rpc/client.ts";
import { PositionServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { RpcHealth } from "../src/rpc/health.ts";
import { newApiKey, sha256Of } from "../src/rpc/keyring.ts";
import { SILENT_RPC_LOG } from "../src/rpc/observer.ts";
import { type RpcServer, startRpcServer } from "../src/rpc/server.ts";
import { GridBot } from "./grid-bot.ts";
import { LIFE_BEGAN_MS, longJournal } from "./long-journal.ts";
import { type BenchOptions, median, p99, timed } from "./rounds.ts";
import { numberText, type Row } from "./row.ts";

/** Of ten days: the books keep no more fills, and of minutes they keep a week. */
const ORDERS = MONEY_ROWS_MAX;
const EVERY_MS = 43_200;
const PAGE = 1_000;
const ASKED = 200;
const RATE = { perSecond: 10_000, burst: 10_000 };

export async function benchHistory({ quick }: BenchOptions, dir: string): Promise<readonly Row[]> {
  const stage = await openLife(join(dir, "life"));
  const { positions, symbol } = stage;
  const all = { symbols: [], exchanges: [], botIds: [], fromMs: 0, toMs: 0, pageSize: PAGE, pageToken: "" };
  const halfMs = LIFE_BEGAN_MS + (ORDERS / 2) * EVERY_MS;
  try {
    const rows: Row[] = [];
    const row = async (what: string, least: number, ask: () => Promise<number>): Promise<void> => {
      const count = await ask();
      if (count < least) throw new Error(`${what}: ${count} rows came, not ${least}`);
      const ms = await timed(quick ? ASKED / 4 : ASKED, ask);
      rows.push({
        bench: "history",
        measure: `${what} of ${numberText(ORDERS)} orders in ten days, over gRPC, p99`,
        value: p99(ms),
        unit: "ms",
        must: { most: 500 },
        want: null,
        detail: `${numberText(count)} rows told, p50 ${numberText(median(ms))} ms, ${numberText(ms.length)} times`,
      });
    };
    await row("history of the position, its whole life", 500, async () => {
      const asked = { exchange: "", symbol, botId: "", fromMs: 0, toMs: 0, stepMs: 0 };
      return (await positions.getPositionHistory(asked)).snapshots.length;
    });
    await row("a page of fills from the middle", PAGE, async () => {
      return (await positions.getFills({ ...all, toMs: halfMs })).fills.length;
    });
    await row("a page of orders from the middle", PAGE, async () => {
      return (await positions.getOrderHistory({ ...all, toMs: halfMs })).orders.length;
    });
    await row("result of half the life", 1, async () => {
      return (await positions.getRealizedPnL({ ...all, fromMs: halfMs, method: "fifo" })).bySymbol.length;
    });
    return rows;
  } finally {
    await stage.close();
  }
}

interface Life {
  readonly positions: ReturnType<typeof positionsOf>;
  readonly symbol: string;
  close(): Promise<void>;
}

const positionsOf = (client: RpcClient) => client.client(PositionServiceDefinition);

/** A bot that has ended and left its journal, its books, and the services that tell them. */
async function openLife(path: string): Promise<Life> {
  const { state } = new GridBot(20);
  const journal = longJournal(path, { orders: ORDERS, everyMs: EVERY_MS, state });
  const bot: CommandedBot = {
    id: "bench",
    host: null,
    journal: null,
    state,
    hasJournal: true,
    // read once to the end, and closed then
    openReader: () => journal,
    command: () => Promise.reject(new Error("nobody commands a bench")),
  };
  const books = booksServices({
    fleet: { bots: () => [bot], observe: () => () => undefined },
    onFailed: (_bot, error) => {
      throw error;
    },
  });
  await books.books.ready();
  const key = newApiKey();
  const server = await serve(books, key);
  const client = openRpcClient({ address: server.address, key });
  return {
    positions: positionsOf(client),
    symbol: state.instrument?.symbol ?? "",
    close: async () => {
      client.close();
      await server.stop();
      books.close();
    },
  };
}

function serve({ services }: BooksServices, key: string): Promise<RpcServer> {
  const keys = [{ name: "bench", role: "reader" as const, keySha256: sha256Of(key), san: null, bots: null }];
  const health = new RpcHealth(services.map(({ fullName }) => fullName));
  return startRpcServer({ bind: "127.0.0.1:0", keys, services, health, log: SILENT_RPC_LOG, rate: RATE });
}
