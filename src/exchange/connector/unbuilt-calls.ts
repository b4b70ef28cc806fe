// The calls this release does not answer yet: each says so, and sends nothing.

import { unimplemented } from "../../rpc/refusal.ts";
import type { Part } from "./service-parts.ts";

/** Everything this release does not do yet, by method: docs/api/unimplemented.md lists the same. */
export const UNIMPLEMENTED = ["AmendOrder", "GetBorrowInfo", "Transfer", "Borrow", "Repay"] as const;

export function unbuiltCalls(): Part<"amendOrder" | "getBorrowInfo" | "transfer" | "borrow" | "repay"> {
  const refuse = (method: (typeof UNIMPLEMENTED)[number]) => (): never => {
    throw unimplemented(method);
  };
  return {
    amendOrder: refuse("AmendOrder"),
    getBorrowInfo: refuse("GetBorrowInfo"),
    transfer: refuse("Transfer"),
    borrow: refuse("Borrow"),
    repay: refuse("Repay"),
  };
}
