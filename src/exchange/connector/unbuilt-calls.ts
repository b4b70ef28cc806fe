// The calls this release does not answer yet: each says so, and sends nothing.

import { unimplemented } from "../../rpc/refusal.ts";
import type { Part } from "./service-parts.ts";

/** Everything this release does not do yet, by method: docs/api/unimplemented.md lists the same. */
export const UNIMPLEMENTED = [
  "AmendOrder",
  "GetOpenInterest",
  "GetBorrowInfo",
  "SetLeverage",
  "SetMarginMode",
  "Transfer",
  "Borrow",
  "Repay",
  "ReloadCredentials",
] as const;

export function unbuiltCalls(): Part<
  | "amendOrder"
  | "getOpenInterest"
  | "getBorrowInfo"
  | "setLeverage"
  | "setMarginMode"
  | "transfer"
  | "borrow"
  | "repay"
  | "reloadCredentials"
> {
  const refuse = (method: (typeof UNIMPLEMENTED)[number]) => (): never => {
    throw unimplemented(method);
  };
  return {
    amendOrder: refuse("AmendOrder"),
    getOpenInterest: refuse("GetOpenInterest"),
    getBorrowInfo: refuse("GetBorrowInfo"),
    setLeverage: refuse("SetLeverage"),
    setMarginMode: refuse("SetMarginMode"),
    transfer: refuse("Transfer"),
    borrow: refuse("Borrow"),
    repay: refuse("Repay"),
    reloadCredentials: refuse("ReloadCredentials"),
  };
}
