// Fills read page by page of an exchange that continues by times alone: what a page could not show is never taken
// for the end.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallReply } from "./call.ts";
import { genericTable } from "./exchanges/generic.ts";
import { type FillPagesAbout, fillPages } from "./fill-pages.ts";

const NOW_MS = 1_795_233_139_000;
const REPLY = { ok: true, body: [], status: 200, headers: {} } as const;

/** Times of fills, in ms after the beginning; what an exchange with pages of `size` makes of them. */
async function read(times: readonly number[], size: number): Promise<string> {
  const fills = times.map((ms, i) => ({ id: String(1000 + i), timestamp: NOW_MS + ms, info: {} }));
  const calls: FillPagesAbout["calls"] = {
    read: ({ args }): Promise<CallReply> => {
      const fromMs = Number(args[1]);
      const page = fills.filter(({ timestamp }) => timestamp >= fromMs).slice(0, Math.min(size, Number(args[2])));
      return Promise.resolve({ ...REPLY, value: page });
    },
  };
  const table = genericTable("someone", "spot");
  const about = { table, calls, exchangeNowMs: () => NOW_MS + 60_000, symbol: "BTC/USDT", priority: 1 } as const;
  const found = await fillPages(about, { sinceMs: NOW_MS, cursor: null });
  return found.ok ? `${found.value.length} fills` : found.error;
}

const of = (count: number, ms: number): readonly number[] => Array.from({ length: count }, () => ms);
const spread = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const ROWS: readonly (readonly [what: string, times: readonly number[], size: number, expected: RegExp])[] = [
  ["none", [], 100, /^0 fills$/],
  ["three of one millisecond, and pages with room", of(3, 7), 100, /^3 fills$/],
  ["many, each at its own time", spread(250), 100, /^250 fills$/],
  [
    "a page whose millisecond goes on",
    [...spread(60), ...of(100, 60)],
    100,
    /^more fills than a page of 100 .*: the rest/,
  ],
  ["more than a page in the first millisecond", of(130, 3), 100, /^more fills than a page of 100 lie in one milli/],
  ["pages smaller than asked for", spread(90), 20, /^90 fills$/],
  [
    "small pages, and a millisecond that fills one",
    [...spread(50), ...of(25, 50)],
    20,
    /^more fills than a page of 20/,
  ],
  ["small pages, and a millisecond with room", [...spread(50), ...of(15, 50)], 20, /^65 fills$/],
];

for (const [what, times, size, expected] of ROWS) {
  test(`EXCH-51 EXCH-61 fills by times alone are complete or unavailable: ${what}`, async () => {
    assert.match(await read(times, size), expected);
  });
}

test("EXCH-61 where ccxt names a parameter that continues after a trade, it is used", () => {
  assert.deepEqual(genericTable("binanceus", "spot").fills.afterId("1007"), { fromId: "1008" });
  assert.equal(genericTable("someone", "spot").fills.afterId("1007"), null);
});
