// PortfolioService over real gRPC: margin health as the exchange told it, and what it would be.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { symbolOf } from "../fleet/fleet.fixture.ts";
import { startTown } from "./books.fixture.ts";

test("RISK-02 margin health is the exchange's word; unknown is never 0", async (t) => {
  const { portfolio } = await startTown(t, 1);
  const profile = await portfolio.getRiskProfile({});
  const health = Number.parseFloat(profile.healthScore?.value ?? "");
  assert.ok(health > 0.9 && health <= 1, `health ${profile.healthScore?.value}`);
  assert.ok(profile.atMs > 0 && profile.adjustedEquity !== undefined && profile.availableHeadroom !== undefined);
  assert.equal((await refusedBy(portfolio.getRiskProfile({ exchange: "elsewhere" }))).status, "INVALID_ARGUMENT");
});

test("RISK-02 a what-if of margin moves every price by ten percent and tells a liquidation", async (t) => {
  const { portfolio } = await startTown(t, 1);
  const small = await portfolio.simulateMargin({ proposals: [{ symbol: symbolOf(0), change: { value: "0.01" } }] });
  assert.equal(small.wouldLiquidate, false);
  const huge = await portfolio.simulateMargin({ proposals: [{ symbol: symbolOf(0), change: { value: "20000" } }] });
  assert.equal(huge.wouldLiquidate, true);
  const score = (text: string | undefined): number => Number.parseFloat(text ?? "");
  assert.ok(score(huge.projectedHealthScore?.value) < score(small.projectedHealthScore?.value));
  assert.ok(score(small.projectedHealthScoreDown?.value) <= score(small.projectedHealthScoreUp?.value));
  for (const proposals of [
    [{ symbol: "NO/SUCH", change: { value: "1" } }],
    [{ symbol: symbolOf(0), change: { value: "0.0000001" } }],
    [{ symbol: symbolOf(0), change: { value: "1e3" } }],
    [{ symbol: symbolOf(0) }],
    Array.from({ length: 51 }, () => ({ symbol: symbolOf(0), change: { value: "1" } })),
  ]) {
    assert.equal((await refusedBy(portfolio.simulateMargin({ proposals }))).status, "INVALID_ARGUMENT");
  }
});

test("API-23 what arbitrage brings answers UNIMPLEMENTED", async (t) => {
  const { portfolio } = await startTown(t, 1, 1_000);
  assert.equal((await refusedBy(portfolio.getTargetPositions({}))).status, "UNIMPLEMENTED");
  assert.equal((await refusedBy(portfolio.getMarketScores({}))).status, "UNIMPLEMENTED");
});
