// What the exchange takes for a fill (BT-20): maker, taker, rebates, third-asset fees. Exact money, rounded in the
// exchange's favour, which is up: a fee grows, a rebate shrinks.

import { bigCeilDiv } from "../base/integer.ts";
import { type Lots, MONEY_SCALE, type Money, money, type Side, type Ticks } from "../market/amounts.ts";
import { baseMoney, type Instrument, notionalMoney } from "../market/instrument.ts";
import type { FeeModel } from "./options.ts";

const MILLION = 1_000_000n;
const ONE = 10n ** BigInt(MONEY_SCALE);

export interface Fee {
  readonly asset: string;
  /** Positive when paid, negative for a rebate. */
  readonly amount: Money;
}

export interface FeeQuestion {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly liquidity: "maker" | "taker";
  /** Added to the rate: a liquidation's own fee. */
  readonly extraPpm: number;
}

/**
 * Fee of one fill. A third asset pays only while `thirdAssetBalance` covers it, as on Binance; otherwise the fee is
 * taken where the instrument says.
 */
export function feeOf(
  model: FeeModel | null,
  question: FeeQuestion,
  thirdAssetBalance: (asset: string) => bigint,
): Fee {
  const { instrument, side, price, quantity, liquidity } = question;
  const ownRate = liquidity === "maker" ? instrument.makerPpm : instrument.takerPpm;
  const modelRate = liquidity === "maker" ? model?.makerPpm : model?.takerPpm;
  const rate = BigInt((modelRate ?? ownRate) + question.extraPpm);
  const third = model?.thirdAsset;
  if (third !== undefined && rate > 0n) {
    const inQuote = bigCeilDiv(notionalMoney(instrument, price, quantity) * rate, MILLION);
    const discounted = inQuote * (MILLION - BigInt(third.discountPpm));
    const amount = bigCeilDiv(discounted * ONE, MILLION * third.price);
    if (thirdAssetBalance(third.asset) >= amount) return { asset: third.asset, amount: money(amount) };
  }
  if (instrument.feeIn === "received" && side === "buy") {
    return { asset: instrument.base, amount: money(bigCeilDiv(baseMoney(instrument, quantity) * rate, MILLION)) };
  }
  return {
    asset: instrument.quote,
    amount: money(bigCeilDiv(notionalMoney(instrument, price, quantity) * rate, MILLION)),
  };
}
