// Ticks, lots and money: the three integers every price, quantity and balance is made of. Brands are cast only here.

import type { Brand } from "../base/brand.ts";
import { safe } from "../base/integer.ts";

/** A price as a whole number of the instrument's ticks. May be 0 or negative only in differences. */
export type Ticks = Brand<number, "Ticks">;
/** A quantity as a whole number of the instrument's lots (base units, never contracts). Signed if it is a position. */
export type Lots = Brand<number, "Lots">;
/** A price in thousandths of a tick: marks and mids (a half tick is 500), which need not lie on the tick grid. */
export type MilliTicks = Brand<number, "MilliTicks">;
/** An amount of one asset in units of 10^−18: a bigint, so sums never overflow and every fee is exact. */
export type Money = Brand<bigint, "Money">;

export const ticks = (value: number): Ticks => safe(value) as Ticks;
export const lots = (value: number): Lots => safe(value) as Lots;
export const milliTicks = (value: number): MilliTicks => safe(value) as MilliTicks;
export const money = (value: bigint): Money => value as Money;

/** Digits after the point of {@link Money}. */
export const MONEY_SCALE = 18;
export const ZERO_MONEY = money(0n);

/** Buy or sell, of an order or a fill. */
export type Side = "buy" | "sell";
/** +1 for a buy, −1 for a sell. */
export const signOf = (side: Side): 1 | -1 => (side === "buy" ? 1 : -1);
export const opposite = (side: Side): Side => (side === "buy" ? "sell" : "buy");
