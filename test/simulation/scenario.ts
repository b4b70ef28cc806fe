// What one seed draws (TEST-12, TEST-15): instrument, market, a valid grid, limits, latencies and a swarm of faults.
// Everything later follows from this value alone; a shrunk failure is the same value with fewer faults.

import type { CrashPoint } from "../../src/base/crash-point.ts";
import { Prng } from "../../src/base/prng.ts";
import type { SyncPolicy } from "../../src/journal/port.ts";
import { ticks } from "../../src/market/amounts.ts";
import { formatPrice, type Instrument } from "../../src/market/instrument.ts";
import { type RiskLimits, riskLimitsFrom } from "../../src/risk/limits.ts";
import type { ExchangeProfile, LatencyModel } from "../../src/sim/options.ts";
import { BINANCE_USDM } from "../../src/sim/options.ts";
import { type GridTexts, gridConfigFrom } from "../../src/strategy/grid/config-reader.ts";
import type { BotConfigData } from "../../src/trading/event.ts";
import { type Aim, aimOf, directedFaults, directedLife } from "./directed.ts";
import { drawFaults, type FaultRates } from "./faults.ts";
import { INSTRUMENTS, OF_MANY_LOTS } from "./instruments.ts";
import { MARKET_KINDS, type MarketCharacter } from "./market.ts";

export interface Scenario {
  readonly seed: number;
  readonly instrument: Instrument;
  readonly market: MarketCharacter;
  readonly queue: "front" | "back";
  readonly grid: GridTexts;
  readonly config: BotConfigData;
  /** Opening balance in quote, decimal text. */
  readonly balance: string;
  readonly latency: { readonly entry: LatencyModel; readonly response: LatencyModel; readonly feed: LatencyModel };
  readonly profile: ExchangeProfile;
  readonly funding: boolean;
  /** How long after its acceptance a look-up may not see an order yet. */
  readonly lookupLagMs: number;
  readonly sync: SyncPolicy;
  readonly snapshotEvents: number;
  readonly faults: FaultRates;
  /** Strikes come often, and each waits for a moment of its own. */
  readonly steered: boolean;
  /** The one cell this seed is for: this fault strikes whenever that is seen. */
  readonly aim?: Aim;
  /** Whether every word between bot and exchange passes the codecs of the API. */
  readonly wire: boolean;
  /** How often an operator looks and closes what only a person closes, ms; null: nobody is there until the end. */
  readonly operatorMs: number | null;
  /** Where the process may be killed in the middle of its code; everywhere when absent. */
  readonly points?: readonly CrashPoint[];
  readonly durationMs: number;
  readonly eventsMax: number;
}

export const HOURS_2_MS = 7_200_000;
export const EVENTS_MAX = 20_000;
/** One seed in so many goes for rare moments (TEST-16) instead of leaving them to chance. */
export const STEERED_EVERY = 3;
/** The first seeds live whole lives: what they once found stays theirs. */
export const WHOLE_SEEDS = 1_000;
/** Of the steered ones every sixth lives whole hours too, in fewer events: most of what it will strike has struck. */
export const STEERED_WHOLE_EVERY = 6 * STEERED_EVERY;
const STEERED_EVENTS = 6_000;
const LIFE_MINUTES = [5, 5, 5, 5, 10, 10, 10, 10, 10, 10, 15, 15, 15, 15, 20, 20, 30, 30, 30, 120] as const;

type Life = Pick<Scenario, "durationMs" | "eventsMax">;

/** How long a seed lives: most find more in many short lives than in few whole ones (TEST-13). */
function drawLife(seed: number, aim: Aim | null): Life {
  if (aim !== null) return directedLife(aim);
  if (seed <= WHOLE_SEEDS) return { durationMs: HOURS_2_MS, eventsMax: EVENTS_MAX };
  if (seed % STEERED_WHOLE_EVERY === 0) return { durationMs: HOURS_2_MS, eventsMax: STEERED_EVENTS };
  return { durationMs: new Prng(`life/${seed}`).pick(LIFE_MINUTES) * 60_000, eventsMax: EVENTS_MAX };
}

/** The scenario of a seed: the same on any machine. */
export function drawScenario(seed: number): Scenario {
  const aim = aimOf(seed);
  const prng = new Prng(`simulation/${seed}`);
  const [instrument, price] = prng.pick(aim?.cell === "partly filled" ? OF_MANY_LOTS : INSTRUMENTS);
  const gap = Math.max(2, Math.round(price * 0.001 * (1 + 4 * prng.float())));
  const market: MarketCharacter = {
    kind: prng.pick(["walk", ...MARKET_KINDS]),
    start: price,
    gap,
    updateMs: prng.pick([300, 700, 1_500]),
    lots: Math.max(2, Math.round((40 / unitQuote(instrument) / price) * (0.2 + prng.float()))),
    depth: prng.pick(["quotes", "quotes", "book"]),
  };
  const queue = prng.pick<"front" | "back">(["front", "back"]);
  const steered = aim !== null || seed % STEERED_EVERY === 0;
  const monitored = aim === null ? (steered ? 0.7 : 0.25) : aim.cell === "monitor" ? 1 : 0;
  const { grid, config } = drawConfig(prng.fork("config"), instrument, { price, gap, monitored });
  const latency = drawLatency(prng.fork("latency"));
  const faultless = prng.chance(0.1);
  const life = drawLife(seed, aim);
  // a short life is struck more often, though less in all
  const denser = Math.sqrt(HOURS_2_MS / life.durationMs);
  const drawn = drawFaults(prng.fork("faults"), { steered, denser });
  const faults = aim === null ? drawn : directedFaults(aim);
  return {
    seed,
    instrument,
    // small trades, ours first in the queue: fills come in parts
    market: steered ? { ...market, lots: Math.ceil(market.lots / (aim?.cell === "partly filled" ? 40 : 10)) } : market,
    queue: steered ? "front" : queue,
    grid,
    config,
    balance: prng.pick(["10000", "10000", "20000", "400"]),
    latency,
    profile: {
      ...BINANCE_USDM,
      postOnly: prng.pick(["reject", "cancel"]),
      reduceOnly: prng.pick(["shrink", "reject"]),
      duplicateId: prng.pick(["whileOpen", "always"]),
      requestsPerSecondMax: prng.pick([null, null, 20]),
    },
    funding: prng.chance(0.5),
    lookupLagMs:
      aim?.kind === "lookupLag" ? 2_000 : seed <= WHOLE_SEEDS ? 500 : new Prng(`lag/${seed}`).pick([500, 2_000]),
    sync: prng.pick(["kill", "send", "send", "all"]),
    snapshotEvents: prng.pick([200, 1_000, 5_000]),
    faults: faultless && aim === null ? new Map() : faults,
    steered,
    ...(aim === null ? {} : { aim }),
    wire: prng.chance(0.5),
    operatorMs: prng.pick([null, 60_000, 300_000, 300_000]),
    ...life,
  };
}

/** Quote of one tick × one lot, as a float for sizes. */
const unitQuote = ({ tickSize, lotSize }: Instrument): number =>
  Number.parseFloat(tickSize) * Number.parseFloat(lotSize);

function drawConfig(
  prng: Prng,
  instrument: Instrument,
  at: { readonly price: number; readonly gap: number; readonly monitored: number },
): { grid: GridTexts; config: BotConfigData } {
  for (;;) {
    const texts = drawGrid(prng, instrument, at);
    const reading = gridConfigFrom(texts, instrument);
    const risk = drawRisk(prng, instrument, at.monitored);
    if (!reading.ok || risk === null) continue;
    if (reading.value.config.openOrdersMax > risk.openOrdersMax) continue;
    const cancelOnExit = prng.pick<BotConfigData["cancelOnExit"]>(["all", "all", "opening", "none"]);
    return {
      grid: texts,
      config: { strategy: "grid", strategyConfig: reading.value.config, risk, cancelOnExit },
    };
  }
}

function drawGrid(prng: Prng, instrument: Instrument, at: { readonly price: number; readonly gap: number }): GridTexts {
  const text = (price: number): string => formatPrice(instrument, ticks(Math.max(1, Math.round(price))));
  const geometric = prng.chance(0.35);
  const bounds = prng.pick(["none", "none", "both", "low", "high", "count"]);
  const texts: { [key: string]: unknown } = {
    mode: prng.pick(["long", "short", "neutral", "neutral"]),
    spacing: geometric ? "geometric" : "arithmetic",
    orderQuote: prng.pick(["45", "80", "130"]),
    overspendPct: 40,
    entryLevels: prng.integer(2, 8),
    exitLevels: prng.integer(2, 8),
    windowSlack: prng.integer(0, 3),
    heldSlotsMax: prng.pick([5, 20, 100]),
    openOrdersMax: prng.pick([30, 40]),
    entryGapPct: prng.pick([1, 10, 30]),
    postOnly: prng.chance(0.8),
    postOnlyFallback: prng.pick(["none", "exits", "all"]),
    skewLevels: prng.pick([0, 0, 3]),
    marginLockMs: prng.pick([1_000, 10_000]),
    stopAction: prng.pick(["reduce", "flatten"]),
    adoptPosition: prng.pick(["refuse", "refuse", "market"]),
    jumpBpsMax: prng.pick([100, 500]),
    dynamic: { enabled: prng.chance(0.25), period: 5, scale: prng.pick(["0.5", "1.5"]), holdCandles: 1 },
    trend: { enabled: prng.chance(0.25), fast: 3, slow: 8, bandBps: prng.pick([2, 10]) },
  };
  if (bounds === "both" || bounds === "count" || bounds === "low") texts["rangeLow"] = text(at.price - at.gap * 15);
  if (bounds === "both" || bounds === "count" || bounds === "high") texts["rangeHigh"] = text(at.price + at.gap * 15);
  if (bounds === "count") texts["gridCount"] = 30;
  else if (geometric) texts["spacingBps"] = ((at.gap * 10_000) / at.price).toFixed(2);
  else texts["interval"] = text(at.gap);
  if (prng.chance(0.15)) texts["stopLow"] = text(at.price - at.gap * 12);
  if (prng.chance(0.15)) texts["stopHigh"] = text(at.price + at.gap * 12);
  return texts;
}

function drawRisk(prng: Prng, instrument: Instrument, monitored: number): RiskLimits | null {
  const texts: { [key: string]: string } = {
    priceBandFarBps: "5000",
    reconcileIntervalMs: prng.pick(["5000", "20000", "60000"]),
    positionNotionalMax: prng.pick(["400", "1500", "5000"]),
    unknownOrdersMax: prng.pick(["1", "3", "10"]),
    affordableOrdersMin: prng.pick(["1", "10"]),
    autoCorrect: prng.pick(["on", "off"]),
    foreignOrders: prng.pick(["ignore", "alert"]),
    ordersPerSecondMax: prng.pick(["1", "25"]),
    ordersBurst: prng.pick(["3", "30"]),
    ...drawBreakers(prng),
    ...drawMonitor(prng, instrument, monitored),
  };
  if (prng.chance(0.3)) {
    texts["cleaner.cleanThreshold"] = "34"; // above what any window of these needs (GRID-39)
    texts["cleaner.cleanBatch"] = "4";
    texts["cleaner.orderAgeMsMax"] = "600000";
  }
  const read = riskLimitsFrom(texts, instrument);
  return read.ok ? read.value : null;
}

/** Breakers of one bot (RISK-18): loose, tight or off, so that each opens in some seed and stays out of most. */
function drawBreakers(prng: Prng): { readonly [key: string]: string } {
  return {
    lossesInRowMax: prng.pick(["0", "2", "5", "50"]),
    drawdownBpsMax: prng.pick(["0", "20", "500", "500"]),
    drawdownWindowMs: prng.pick(["60000", "3600000"]),
    drawdownAmountMax: prng.pick(["0", "0", "3"]),
    onDrawdown: prng.pick(["cancel", "flatten"]),
    latencyP99MsMax: prng.pick(["0", "500", "2000"]),
    stalePolicy: prng.pick(["freeze", "exit"]),
    liquidationTripBps: prng.pick(["100", "1000"]),
    marginRatioWarnBps: prng.pick(["200", "3000"]),
    marginRatioTripBps: prng.pick(["400", "5000"]),
    retryRatioBpsMax: prng.pick(["0", "1000", "5000"]),
    rejectsInRowMax: prng.pick(["0", "3", "10"]),
    unknownAgeMsMax: prng.pick(["10000", "60000"]),
  };
}

/** A monitor (RISK-25) that watches the bot's own instrument, nervous enough to trigger now and then. */
function drawMonitor(prng: Prng, { symbol }: Instrument, monitored: number): { readonly [key: string]: string } {
  if (!prng.chance(monitored)) return {};
  return {
    "monitor.instruments": symbol,
    "monitor.strategy": "Any",
    "monitor.volumeMultiplier": "1",
    "monitor.averageWindow": "5",
    "monitor.recoveryThreshold": "1",
    "monitor.holdMsMin": prng.pick(["0", "60000"]),
    onBlind: prng.pick(["pause", "allow"]),
  };
}

function drawLatency(prng: Prng): Scenario["latency"] {
  const mean = prng.pick([2_000, 20_000, 120_000]);
  const heavyTail = (): LatencyModel => {
    // a Pareto-like tail: most messages quick, a few very late
    const us = Array.from({ length: 64 }, () => Math.round(mean / 2 / (1 - 0.98 * prng.float()) ** 0.8));
    return { kind: "bootstrap", us, block: 4 };
  };
  return { entry: heavyTail(), response: heavyTail(), feed: heavyTail() };
}
