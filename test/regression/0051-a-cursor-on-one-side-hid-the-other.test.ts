// Found by reading: a cursor of fills stood on a trade's id. Of a trade with oneself whose one side was told, the other
// was left out of what comes after it, and never told.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReply } from "../../src/exchange/ccxt/call.ts";
import { genericTable } from "../../src/exchange/ccxt/exchanges/generic.ts";
import { cursorOf, fillPages } from "../../src/exchange/ccxt/fill-pages.ts";
import type { Side } from "../../src/market/amounts.ts";

const AT_MS = 1_795_233_139_000;

interface Listed {
  readonly id: string;
  readonly side: Side;
}

async function read(table: string, list: readonly Listed[], cursor: string | null) {
  const calls = {
    read: ({ args }: { readonly args: readonly unknown[] }): Promise<CallReply> => {
      const from = JSON.parse(JSON.stringify(args[3] ?? {})) as { readonly fromId?: number };
      const value = list
        .filter(({ id }) => from.fromId === undefined || Number(id) >= from.fromId)
        .map((each) => ({ ...each, timestamp: AT_MS, info: {} }));
      return Promise.resolve({ ok: true, body: value, status: 200, headers: {}, value });
    },
  };
  const about = { table: genericTable(table, "perpetual"), calls, exchangeNowMs: () => AT_MS + 1, symbol: "A/B" };
  const found = await fillPages({ ...about, priority: 1 }, { sinceMs: 0, cursor });
  assert.ok(found.ok, found.ok ? "" : found.error);
  const told = found.value.map((record) => `${String(record["side"])} ${String(record["id"])}`);
  const fills = found.value.flatMap((record) =>
    list.filter(({ id, side }) => id === record["id"] && side === record["side"]),
  );
  return {
    told,
    cursor: cursorOf(
      fills.map((each) => ({ ...each, exchangeAtMs: AT_MS, tradeId: each.id })),
      cursor,
    ),
  };
}

const [SIX, BUY, SELL] = [
  { id: "6", side: "buy" },
  { id: "7", side: "buy" },
  { id: "7", side: "sell" },
] as const;

for (const table of ["binanceusdm", "someone"]) {
  test(`DUR-06 EXCH-51 the other side of the trade a cursor stands on is told once (${table})`, async () => {
    const first = await read(table, [SIX, BUY], null);
    assert.deepEqual(first.told, ["buy 6", "buy 7"]);
    const next = await read(table, [SIX, BUY, SELL], first.cursor);
    assert.ok(next.told.includes("sell 7") && !next.told.includes("buy 7"), next.told.join());
    const last = await read(table, [SIX, BUY, SELL], next.cursor);
    assert.ok(!last.told.some((each) => each.endsWith("7")), last.told.join());
  });
}
