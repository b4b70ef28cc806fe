// The capital curve of one bot (risk.md section 2) and its fall from the peak of a window: drawdown in bps of the peak
// capital, or as an amount. Compared by products, never by quotients (RISK-03).

import { bigFloorDiv, bigNearestDiv } from "../../base/integer.ts";
import { lots, type MilliTicks, type Money, money } from "../../market/amounts.ts";
import { baseMoney, type Instrument, unitMoney } from "../../market/instrument.ts";
import { balanceOf, type LedgerState } from "../../trading/ledger.ts";

/** Realised net and unrealised at mark: what cash and holding changed by. Fees in a third asset are not in it. */
export function profitAtMark(ledger: LedgerState, instrument: Instrument, mark: MilliTicks): Money {
  const cash = balanceOf(ledger, "cash", instrument.quote);
  const holding = balanceOf(ledger, "holding", instrument.base);
  if (holding === 0n) return cash;
  const perLot = baseMoney(instrument, lots(1));
  return money(cash + bigNearestDiv(BigInt(mark) * holding * unitMoney(instrument), perLot * 1000n));
}

/** Fall of the capital from its peak, in bps of the peak, rounded down; a peak that is not positive is all of it. */
export function drawdownBps(peak: bigint, capital: bigint): bigint {
  if (peak <= 0n) return 10_000n;
  return peak <= capital ? 0n : bigFloorDiv((peak - capital) * 10_000n, peak);
}

/** Whether the fall reached the limit; 0 is off. A peak that is not positive trips. */
export const drawdownTrips = (peak: bigint, capital: bigint, bpsMax: number): boolean =>
  bpsMax > 0 && (peak <= 0n || (peak - capital) * 10_000n >= BigInt(bpsMax) * peak);
