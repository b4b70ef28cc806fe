// What is soaked, and at which rate: a grid that trades all day, at ten times the messages of the recorded market.

import { loadData } from "../../src/data/open.ts";
import { BINANCE_USDM_BTCUSDT } from "../../src/data/rules.ts";
import { riskLimitsFrom } from "../../src/risk/limits.ts";
import { gridConfigFrom } from "../../src/strategy/grid/config-reader.ts";
import { testData } from "../data.ts";
import type { SoakScenario } from "./life.ts";

const CAPTURE = "ticks/binance-usdm-btcusdt_20240808.gz";
/** Messages a second of that capture, where it is absent: 93,954 lines in 345 s. */
const RECORDED = 272;

/** Messages a second of the recorded market. */
export async function recordedRate(): Promise<{ readonly perSecond: number; readonly from: string }> {
  const path = testData(CAPTURE);
  if (path === null) return { perSecond: RECORDED, from: "the figure of the recorded market, which is absent here" };
  const { sources, figures } = await loadData([path], { symbol: "BTC/USDT:USDT", market: "usdm" });
  const lines = sources.reduce((sum, source) => sum + source.lines, 0);
  const text = (name: string): bigint => BigInt(figures[name] ?? 0);
  const seconds = Math.round(
    Number.parseInt(String((text("lastLocalNs") - text("firstLocalNs")) / 1_000_000n), 10) / 1000,
  );
  return { perSecond: Math.round(lines / seconds), from: CAPTURE };
}

/** A neutral grid that fills many times an hour and never runs out of room. */
export function soakScenario(): SoakScenario {
  const instrument = { ...BINANCE_USDM_BTCUSDT, leverage: 3 };
  const grid = {
    mode: "neutral",
    spacing: "arithmetic",
    interval: "60.0",
    orderQuote: "120",
    overspendPct: 40,
    entryLevels: 6,
    exitLevels: 6,
    heldSlotsMax: 20,
    openOrdersMax: 40,
    postOnly: true,
    jumpBpsMax: 500,
  };
  const reading = gridConfigFrom(grid, instrument);
  const risk = riskLimitsFrom({ positionNotionalMax: "5000", reconcileIntervalMs: "20000" }, instrument);
  if (!reading.ok || !risk.ok) throw new Error(JSON.stringify(reading.ok ? risk : reading));
  const config = {
    strategy: "grid",
    strategyConfig: reading.value.config,
    risk: risk.value,
    cancelOnExit: "none",
  } as const;
  return { seed: 1, instrument, grid, config, balance: "20000", price: 600_000, gap: 1_500, lots: 50 };
}
