// Amounts as Binance spot writes them: decimal text with at least eight digits after the point. What is exact stays
// exact: a fee finer than eight digits is told with all of them.

import { lots, MONEY_SCALE, type Money, money, ticks } from "../../../../market/amounts.ts";
import {
  formatMoney,
  formatPrice,
  formatQuantity,
  type Instrument,
  notionalMoney,
} from "../../../../market/instrument.ts";

const DIGITS = 8;
const ONE = 10n ** BigInt(MONEY_SCALE);

/** Plain decimal text with at least eight digits after the point. */
export function eightDigits(text: string): string {
  const [whole = "0", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(DIGITS, "0")}`;
}

export const ZERO_TEXT = "0.00000000";

export const priceText = (instrument: Instrument, price: number): string =>
  eightDigits(formatPrice(instrument, ticks(price)));

export const quantityText = (instrument: Instrument, quantity: number): string =>
  eightDigits(formatQuantity(instrument, lots(quantity)));

export const moneyText = (amount: bigint): string => formatMoney(money(amount), DIGITS);

/** price × quantity in the quote asset. */
export const quoteOf = (instrument: Instrument, price: number, quantity: number): Money =>
  notionalMoney(instrument, ticks(price), lots(quantity));

/** Millionths as the exchange writes a rate: `0.00100000`. */
export const rateText = (ppm: number): string => moneyText((BigInt(ppm) * ONE) / 1_000_000n);

/** Value units of an instrument as Money text. */
export const valueText = (instrument: Instrument, units: number): string =>
  moneyText(notionalMoney(instrument, ticks(1), lots(1)) * BigInt(units));

/** The mean of two prices, as text; half a tick is told exactly. */
export function meanText(instrument: Instrument, a: number, b: number): string {
  const unit = notionalMoney(instrument, ticks(1), lots(1));
  const perLot = (unit * ONE) / lotMoney(instrument);
  return moneyText((BigInt(a + b) * perLot) / 2n);
}

const lotMoney = (instrument: Instrument): bigint => {
  const [whole = "0", fraction = ""] = instrument.lotSize.split(".");
  return BigInt(whole + fraction.padEnd(MONEY_SCALE, "0"));
};
