// What the instruments of an emulator are worth at first, and how much of them rests in a quiet book. Made up, near
// what they once cost.

import { type Ticks, ticks } from "../../../market/amounts.ts";
import { type Instrument, parsePrice, unitMoney } from "../../../market/instrument.ts";

const FIRST_PRICES: ReadonlyMap<string, string> = new Map([
  ["BTC", "60000"],
  ["ETH", "3000"],
  ["BNB", "600"],
  ["SOL", "150"],
  ["XRP", "2"],
  ["DOGE", "0.2"],
  ["PEPE", "0.00001234"],
  ["1000PEPE", "0.01234"],
  ["SHIB", "0.00002"],
  ["LUNA", "0.5"],
  ["FTT", "2"],
]);

/** The first mid, in ticks; 100 of the quote asset where nothing is known. */
export function firstPrice(instrument: Instrument): Ticks {
  const price = parsePrice(instrument, FIRST_PRICES.get(instrument.base) ?? "100", "nearest");
  return price.ok && price.value > 0 ? price.value : ticks(1_000);
}

const LEVEL_MONEY = 24_000n * 10n ** 18n;

/** Lots of a level worth 24,000 of the quote asset: what rests in a quiet book of BTC. */
export function levelLots(instrument: Instrument, price: number): number {
  const lot = unitMoney(instrument) * BigInt(Math.max(1, price));
  const count = LEVEL_MONEY / lot;
  return count > 1_000_000_000n ? 1_000_000_000 : Math.max(1, Number.parseInt(String(count), 10));
}
