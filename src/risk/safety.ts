// The safety check before the first order (RISK-30): go or no go, with every finding at once. It judges facts of the
// account against the limits and what the strategy plans; it asks nobody and changes nothing.

import { formatDecimal } from "../base/decimal.ts";
import { bigFloorDiv, mulFloorDiv } from "../base/integer.ts";
import { type Lots, type Money, type Ticks, ticks } from "../market/amounts.ts";
import { formatPrice, formatQuantity, type Instrument } from "../market/instrument.ts";
import type { StartFacts } from "../trading/event.ts";
import { breakersOff } from "./breaker/limits.ts";
import { grouped } from "./keys.ts";
import type { RiskLimits } from "./limits.ts";

export type SafetyCheck =
  | "balance"
  | "leverage"
  | "reach"
  | "profit"
  | "size"
  | "mode"
  | "keys"
  | "clock"
  | "position"
  | "foreign-orders"
  | "breakers-off";

export interface Finding {
  readonly check: SafetyCheck;
  /** Any `stop` means no go. */
  readonly severity: "stop" | "warn";
  readonly text: string;
}

/** One level the strategy means to trade. `wanted` is the quantity before rounding, base units as text. */
export interface PlannedLevel {
  readonly price: Ticks;
  readonly wanted: string;
  readonly lots: Lots;
  /** Smallest quantity the exchange takes there. */
  readonly least: Lots;
}

/** What the strategy would do, as far as it can be judged; null parts are not. */
export interface SafetyPlan {
  readonly orderNotional: Money | null;
  /** Highest price it trades at and the gap of a cycle there. */
  readonly cycle: { readonly price: Ticks; readonly interval: Ticks } | null;
  readonly levels: readonly PlannedLevel[];
}

export interface SafetyInput {
  readonly limits: RiskLimits;
  readonly instrument: Instrument;
  readonly facts: Omit<StartFacts, "kind" | "atMs">;
  /** Position the journal knows of. */
  readonly knownPosition: Lots;
  /** The strategy is told what to do with a position it did not buy. */
  readonly adoptsPosition: boolean;
  readonly allowWithdrawKeys: boolean;
  readonly plan: SafetyPlan;
}

/** All findings in the order of the table. May start iff none is a `stop`. */
export function safetyCheck(input: SafetyInput): readonly Finding[] {
  return [
    ...balance(input),
    ...leverage(input),
    ...reach(input),
    ...profit(input),
    ...size(input),
    ...mode(input),
    ...keys(input),
    ...clock(input),
    ...position(input),
    ...foreignOrders(input),
    ...breakersSwitchedOff(input),
  ];
}

export const maySafelyStart = (findings: readonly Finding[]): boolean =>
  findings.every((one) => one.severity !== "stop");

const stop = (check: SafetyCheck, text: string): Finding => ({ check, severity: "stop", text });
const warn = (check: SafetyCheck, text: string): Finding => ({ check, severity: "warn", text });
const when = (condition: boolean, finding: () => Finding): readonly Finding[] => (condition ? [finding()] : []);

const holdsPosition = ({ facts }: SafetyInput): boolean => facts.positionLots !== 0;

function balance(input: SafetyInput): readonly Finding[] {
  const { quote, exchange } = input.instrument;
  // all of it may be in the position the bot already holds
  const none = input.facts.quoteAvailable <= 0n && !(holdsPosition(input) && input.knownPosition !== 0);
  return when(none, () => stop("balance", `no ${quote} available on ${exchange}`));
}

function leverage({ facts, limits, instrument }: SafetyInput): readonly Finding[] {
  if (instrument.kind === "spot") return [];
  const allowed = formatDecimal(BigInt(limits.leverageMaxMilli), 3);
  if (facts.leverage * 1000 > limits.leverageMaxMilli) {
    return [stop("leverage", `leverage is ${facts.leverage} on the exchange, config allows ${allowed}`)];
  }
  return when(facts.leverage !== instrument.leverage, () =>
    stop("leverage", `leverage is ${facts.leverage} on the exchange, config says ${instrument.leverage}`),
  );
}

function reach(input: SafetyInput): readonly Finding[] {
  const { facts, limits, instrument, plan } = input;
  if (plan.orderNotional === null || plan.orderNotional <= 0n || holdsPosition(input)) return [];
  const times = instrument.kind === "spot" ? 1n : BigInt(facts.leverage);
  const pays = bigFloorDiv(facts.quoteAvailable * times, plan.orderNotional);
  return when(pays < BigInt(limits.affordableOrdersMin), () =>
    stop("reach", `capital pays for ${grouped(String(pays))} orders, at least ${limits.affordableOrdersMin} wanted`),
  );
}

/** What one bought and one sold unit earn after maker fees, in millionths of a tick; ≤ 0 loses. */
export function cycleProfitMicroTicks(makerPpm: number, price: Ticks, interval: Ticks): bigint {
  return BigInt(interval) * 1_000_000n - BigInt(makerPpm) * (2n * BigInt(price) + BigInt(interval));
}

/** Smallest gap above `price` whose cycle earns something. */
export function leastInterval(makerPpm: number, price: Ticks): Ticks {
  return ticks(Math.max(1, mulFloorDiv(2 * price, makerPpm, 1_000_000 - makerPpm) + 1));
}

function profit({ instrument, plan }: SafetyInput): readonly Finding[] {
  if (plan.cycle === null) return [];
  const { price, interval } = plan.cycle;
  const earned = cycleProfitMicroTicks(instrument.makerPpm, price, interval);
  return when(earned <= 0n, () => {
    const loss = quoteOf(instrument, -earned, 6);
    const least = formatPrice(instrument, leastInterval(instrument.makerPpm, price));
    const now = plainDecimal(formatPrice(instrument, interval));
    return stop(
      "profit",
      `a cycle loses ${loss} ${instrument.quote} per unit: interval ${now} must be at least ${plainDecimal(least)}`,
    );
  });
}

/** `amount · 10^−digits` ticks in quote, as exact text. */
function quoteOf(instrument: Instrument, amount: bigint, digits: number): string {
  const tick = formatPrice(instrument, ticks(1));
  const point = tick.indexOf(".");
  const scale = point < 0 ? 0 : tick.length - point - 1;
  return formatDecimal(amount * BigInt(tick.replace(".", "")), scale + digits);
}

/** Without trailing zeros: 2.00 → 2. */
function plainDecimal(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function size({ instrument, plan }: SafetyInput): readonly Finding[] {
  const short = plan.levels.filter((level) => level.lots < Math.max(1, level.least));
  return short.map((level) => {
    const at = `level ${plainDecimal(formatPrice(instrument, level.price))}`;
    const rounded = `${level.wanted} rounds to ${formatQuantity(instrument, level.lots)}`;
    return stop("size", `${at}: ${rounded}, minimum ${formatQuantity(instrument, level.least)}`);
  });
}

function mode({ facts, instrument }: SafetyInput): readonly Finding[] {
  return [
    ...when(!facts.oneWayMode, () => stop("mode", "account is in hedge mode; switch to one-way")),
    ...when(instrument.inverse, () => stop("mode", `${instrument.symbol} is an inverse contract; use a linear one`)),
  ];
}

function keys({ facts, allowWithdrawKeys }: SafetyInput): readonly Finding[] {
  const { keyMayWithdraw, keyRights } = facts;
  if (keyRights === "read-only") return [stop("keys", "this key may not trade: give one that may")];
  if (keyMayWithdraw) {
    const text = "this key may withdraw: make one that may not";
    return [allowWithdrawKeys || keyRights === "withdraw-allowed" ? warn("keys", text) : stop("keys", text)];
  }
  return when(keyRights === "unread", () =>
    warn("keys", "what this key may do is not known: check by hand that it may not withdraw"),
  );
}

function clock({ facts }: SafetyInput): readonly Finding[] {
  const text = `clock offset ${grouped(facts.clockOffsetMs)} ms, uncertain by ${grouped(facts.clockErrorMs)} ms`;
  if (facts.clockErrorMs > 500) return [stop("clock", text)];
  return when(Math.abs(facts.clockOffsetMs) > 1000, () => warn("clock", text));
}

function position({ facts, instrument, knownPosition, adoptsPosition }: SafetyInput): readonly Finding[] {
  const unexplained = facts.positionLots - knownPosition;
  if (unexplained === 0 || adoptsPosition) return [];
  const held = plainDecimal(formatQuantity(instrument, facts.positionLots));
  if (knownPosition === 0) return [stop("position", `${held} ${instrument.base} held that this bot did not buy`)];
  const known = plainDecimal(formatQuantity(instrument, knownPosition));
  return [stop("position", `${held} ${instrument.base} held, but the journal knows of ${known} ${instrument.base}`)];
}

function foreignOrders({ facts, instrument }: SafetyInput): readonly Finding[] {
  return when(facts.foreignOrders > 0, () =>
    warn("foreign-orders", `${facts.foreignOrders} open orders on ${instrument.symbol} are not this bot's; they stay`),
  );
}

/** 0 is a choice, and said at every start (RISK-18). */
function breakersSwitchedOff({ limits }: SafetyInput): readonly Finding[] {
  const off = limits.breakers === undefined ? [] : breakersOff(limits.breakers);
  return off.map(({ breaker, key }) => warn("breakers-off", `breaker ${breaker} is switched off: ${key} is 0`));
}
