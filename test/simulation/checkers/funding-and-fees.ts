// Every settlement and every fee of the tape is booked once, in the right asset and with the right sign.

import type { Checker, Evidence } from "./checker.ts";
import type { ReadPostings } from "./ledger.ts";

export function fundingAndFees({ tape, report }: Evidence, postings: ReadPostings): Checker {
  const name = "funding-and-fees";
  return {
    name,
    atEnd() {
      const paid = new Map<string, bigint>();
      const fees = new Map<string, bigint>();
      for (const { posting } of postings()) {
        const { cause, causeId, account, asset, amount } = posting;
        if (cause === "funding" && account === "cash") add(paid, causeId, amount);
        // the tape is one exchange's: its name does not stand in it
        if (cause === "fill" && account === "fee")
          add(fees, `${causeId.slice(causeId.indexOf("|") + 1)}|${asset}`, amount);
      }
      for (const { symbol, atUs, amount } of tape.funding) {
        const causeId = `${symbol}|${Math.floor(atUs / 1000)}`;
        const booked = paid.get(causeId) ?? 0n;
        paid.delete(causeId);
        if (booked !== BigInt(amount)) report(name, `settlement ${causeId} is ${amount}, booked is ${booked}`);
      }
      for (const causeId of paid.keys()) report(name, `settlement ${causeId} is booked and on no tape`);
      for (const { symbol, tradeId, side, fee, feeAsset } of tape.fills.values()) {
        const key = `${symbol}|${tradeId}|${side}|${feeAsset}`;
        const booked = fees.get(key) ?? 0n;
        fees.delete(key);
        if (booked !== BigInt(fee)) report(name, `the fee of ${key} is ${fee}, booked is ${booked}`);
      }
      for (const [key, amount] of fees) if (amount !== 0n) report(name, `fee ${key} of ${amount} is on no tape`);
    },
  };
}

const add = (sums: Map<string, bigint>, key: string, amount: bigint): void =>
  void sums.set(key, (sums.get(key) ?? 0n) + amount);
