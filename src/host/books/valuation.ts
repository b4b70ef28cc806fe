// What a ledger is worth at a mark: its cash and its coins, exact to the last unit whatever the average cost.

import { bigNearestDiv } from "../../base/integer.ts";
import { lots, type MilliTicks } from "../../market/amounts.ts";
import { baseMoney, type Instrument, unitMoney } from "../../market/instrument.ts";
import type { LedgerState } from "../../trading/ledger.ts";

/** Cash in quote plus coins at mark: the net result since the first posting, 10^−18 of the quote asset. */
export function balanceMark(ledger: LedgerState, instrument: Instrument, mark: MilliTicks): bigint {
  const cash = ledger.balances.get(`cash|${instrument.quote}`) ?? 0n;
  const coins = ledger.balances.get(`holding|${instrument.base}`) ?? 0n;
  if (coins === 0n) return cash;
  return cash + bigNearestDiv(BigInt(mark) * coins * unitMoney(instrument), baseMoney(instrument, lots(1)) * 1000n);
}
