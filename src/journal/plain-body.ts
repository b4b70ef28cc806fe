// Bodies of records for people and other programs: prices, quantities and amounts as exact decimal text instead of the
// journal's own ticks, lots and 10⁻¹⁸. One way only: nothing reads this back. Why something was decided (`because`),
// facts of alerts and a strategy's own configuration stay as the engine has them.

import { isCoreInteger } from "../base/integer.ts";
import { lots, milliTicks, money, ticks } from "../market/amounts.ts";
import { formatMark, formatMoney, formatPrice, formatQuantity } from "../market/instrument.ts";

/** What decimal text needs to be known of an instrument. */
export interface Steps {
  readonly tickSize: string;
  readonly lotSize: string;
}

/** What a whole number under this name is, wherever it stands in a body. */
const UNITS: Readonly<Record<string, "ticks" | "lots" | "milliTicks">> = {
  price: "ticks",
  last: "ticks",
  open: "ticks",
  high: "ticks",
  low: "ticks",
  close: "ticks",
  quantity: "lots",
  cumulative: "lots",
  volume: "lots",
  lots: "lots",
  positionLots: "lots",
  minLots: "lots",
  maxLots: "lots",
  orderQuantityMax: "lots",
  positionQuantityMax: "lots",
  mark: "milliTicks",
  liquidation: "milliTicks",
  positionEntry: "milliTicks",
  average: "milliTicks",
};
const LEVELS: ReadonlySet<string> = new Set(["bids", "asks"]);
const OWN_WORDS: ReadonlySet<string> = new Set(["because", "facts", "strategyConfig"]);

/** Whether a number of this name is told as decimal text. For tests. */
export const isTold = (name: string): boolean => Object.hasOwn(UNITS, name) || LEVELS.has(name);

/** A parsed body with decimal text where it is known what a number is; without an instrument, money alone. */
export function plainBody(value: unknown, steps: Steps | null): unknown {
  if (Array.isArray(value)) return value.map((item) => plainBody(item, steps));
  if (typeof value !== "object" || value === null) return value;
  const amount = amountOf(value);
  if (amount !== null) return amount;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]): [string, unknown] => {
      if (OWN_WORDS.has(name)) return [name, item];
      return [name, steps === null ? plainBody(item, steps) : told(name, item, steps)];
    }),
  );
}

function told(name: string, item: unknown, steps: Steps): unknown {
  if (LEVELS.has(name) && Array.isArray(item)) return item.map((level) => levelText(level, steps));
  const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
  if (unit === undefined || !isCoreInteger(item)) return plainBody(item, steps);
  if (unit === "ticks") return formatPrice(steps, ticks(item));
  return unit === "lots" ? formatQuantity(steps, lots(item)) : formatMark(steps, milliTicks(item));
}

function levelText(level: unknown, steps: Steps): unknown {
  const [price, quantity] = Array.isArray(level) ? (level as readonly unknown[]) : [];
  if (!isCoreInteger(price) || !isCoreInteger(quantity)) return level;
  return [formatPrice(steps, ticks(price)), formatQuantity(steps, lots(quantity))];
}

/** `{"$n":"…"}` is money wherever it stands: no other bigint is journaled. */
function amountOf(value: object): string | null {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0 || entry[0] !== "$n") return null;
  const digits: unknown = entry[1];
  return typeof digits === "string" && /^-?\d{1,100}$/.test(digits) ? formatMoney(money(BigInt(digits))) : null;
}

/** Steps of the instrument that a body of `configured` or `instrument` names; null in other bodies. */
export function stepsIn(body: unknown): Steps | null {
  const named = field(body, "instrument");
  const [tickSize, lotSize] = [field(named, "tickSize"), field(named, "lotSize")];
  return typeof tickSize === "string" && typeof lotSize === "string" ? { tickSize, lotSize } : null;
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
