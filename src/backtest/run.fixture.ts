// Backtests of a small grid on made-up markets, and the same bot on paper: what the tests of determinism compare. Test
// code only.

import { present } from "../base/assert.ts";
import { VirtualClock } from "../base/virtual-clock.ts";
import { type LoadedConfig, loadConfig, renderProblems } from "../config/load.ts";
import { stateHash } from "../engine/snapshot.ts";
import { SimulatedPort } from "../exchange/simulated.ts";
import { SimulatedDriver } from "../exchange/simulated-driver.ts";
import { productionEngine } from "../host/engine.ts";
import { BotHost } from "../host/host.ts";
import type { TurnDone } from "../host/loop.ts";
import type { Journal } from "../journal/port.ts";
import { parsePrice } from "../market/instrument.ts";
import type { Tape } from "../market/tape.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import { tapeSource } from "../sim/market-source.ts";
import { type MarketData, syntheticMarket } from "./market-data.ts";
import { levelOf, type PlanParts, planBacktest } from "./plan.ts";
import type { BacktestPlan } from "./runner.ts";
import { runBacktest } from "./runner.ts";
import { TapeScan } from "./tape-scan.ts";

export const START_US = 1_767_225_600_000_000;

const GRID = `bot:
  id: fixture
  strategy: grid
  instrument: "BTC/USDT:USDT"
  grid: { mode: neutral, interval: "5.0", orderQuote: "200", entryLevels: 6, exitLevels: 6, heldSlotsMax: 20 }
simulated: { instrument: { makerPpm: 0 } }
`;

export function gridConfig(seed = 1): LoadedConfig {
  const loaded = loadConfig({ text: `${GRID}backtest: { seed: ${seed} }\n`, file: "fixture" }, { environment: {} });
  if (!loaded.ok) throw new Error(renderProblems(loaded.error));
  return loaded.value;
}

export function calmMarketOf(config: LoadedConfig, seconds: number): MarketData {
  const { instrument } = config.bot;
  const price = parsePrice(instrument, "60000");
  if (!price.ok) throw new Error(price.error);
  return syntheticMarket({ instrument, price: price.value, seed: config.backtest.seed, startUs: START_US, seconds });
}

/** All rows of the first chunks of a market, as one tape that is not endless. */
export function tapeMarket(config: LoadedConfig, tape: Tape): MarketData {
  const scan = new TapeScan();
  scan.take(tape);
  const facts = present(scan.facts(), "rows of the tape");
  return { ...calmMarketOf(config, 1), facts, open: () => tapeSource(tape, true) };
}

export function planOf(config: LoadedConfig, market: MarketData, more: Partial<PlanParts> = {}): BacktestPlan {
  const level = levelOf(config, market);
  if (!level.ok) throw new Error(level.error);
  const parts = { config, market, funding: null, path: "nearest", folder: null, journal: null, release: "0" } as const;
  return planBacktest({ ...parts, ...more }, level.value);
}

/** Everything a bot decided: `time µs order or cancel`. */
export interface Decisions {
  readonly effects: readonly { readonly atMs: number; readonly text: string }[];
  readonly stateHash: string;
  readonly fills: number;
}

class Listener {
  readonly effects: { atMs: number; text: string }[] = [];

  readonly onTurn = (turn: TurnDone): void => {
    for (const { effect, atMs } of turn.effects) {
      if (effect.kind === "place") {
        const { side, price, quantity, slotKey } = effect.order;
        this.effects.push({ atMs, text: `${effect.clientOrderId} ${side} ${quantity} at ${price} slot ${slotKey}` });
      } else if (effect.kind === "cancel") this.effects.push({ atMs, text: `cancel ${effect.clientOrderId}` });
    }
  };
}

export async function decisionsOf(plan: BacktestPlan): Promise<Decisions> {
  const listener = new Listener();
  const { record, stateHash: hash } = await runBacktest(plan, { onTurn: listener.onTurn });
  return { effects: listener.effects, stateHash: hash, fills: record.counts.fills };
}

/** The same bot as `opensqt up` runs it, turns by themselves on the clock and a journal, at full speed. */
export function paperDecisionsOf(plan: BacktestPlan, journal: Journal): Decisions {
  const listener = new Listener();
  const clock = new VirtualClock(Math.floor(plan.startUs / 1000));
  const driver = new SimulatedDriver(new SimulatedExchange(plan.simulation), clock, { endUs: plan.endUs });
  const host = new BotHost({
    identity: { bot: plan.bot.name, tag: plan.bot.tag, lineage: journal.meta.lineage },
    symbol: plan.instrument.symbol,
    engine: productionEngine,
    clock,
    port: new SimulatedPort(driver, { account: plan.account }),
    journal,
    configuration: plan.configuration,
    conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
    subscription: { candleInterval: plan.candleInterval, bookIntervalMs: plan.bookIntervalMs },
    turns: "scheduled",
    host: "backtest",
    release: "0",
    coreHash: "0",
    onAlert: () => undefined,
    onEnd: (end) => {
      throw new Error(end.text);
    },
  });
  host.observe(listener.onTurn);
  host.start();
  while (clock.runNext(plan.endUs));
  driver.stop();
  journal.seal(host.state.nowMs);
  return { effects: listener.effects, stateHash: stateHash(host.state), fills: host.state.ledger.fills };
}
