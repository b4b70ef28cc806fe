// The made-up market keeps its word: from the time it rests on, no price moves and nobody trades.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RowKind } from "../../src/market/tape.ts";
import { MARKET_KINDS, MadeUpMarket } from "./market.ts";

const START = 100_000;
const GAP = 1_000;
/** Between two bids of one price: what a thin market's spread is drawn from. */
const JITTER = GAP * 0.1 + 1;
const SILENCE_US = 5_000_000;

test("TEST-13 a market that was to rest since long does not move when its gap is over (seed 115997)", () => {
  let spanned = 0;
  for (const kind of MARKET_KINDS) {
    for (let seed = 1; seed <= 40; seed += 1) {
      const character = { kind, start: START, gap: GAP, updateMs: 200, lots: 5, depth: "quotes" } as const;
      const market = new MadeUpMarket(character, `${seed}`, 0);
      const restsUs = 60_000_000 + seed * 1_000_000;
      market.restsFromUs = restsUs;
      let [atUs, bid] = [0, START];
      while (atUs < restsUs + 10_000_000) {
        const { length, kind: kinds, exchangeUs, price } = market.next();
        for (let i = 0; i < length; i += 1) {
          const beforeUs = atUs;
          atUs = exchangeUs[i] ?? 0;
          const now = kinds[i] === RowKind.quoteBid ? (price[i] ?? 0) : bid;
          if (atUs >= restsUs) {
            const what = `${kind}, seed ${seed}, ${atUs} µs, rests from ${restsUs}`;
            assert.notEqual(kinds[i], RowKind.trade, `a trade: ${what}`);
            assert.ok(Math.abs(now - bid) <= JITTER, `from ${bid} to ${now}: ${what}`);
            if (beforeUs < restsUs - SILENCE_US) spanned += 1;
          }
          bid = now;
        }
      }
    }
  }
  assert.ok(spanned > 0, "no gap lasted into the rest");
});
