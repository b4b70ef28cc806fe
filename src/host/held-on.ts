// What an exchange says this bot's instrument holds. It compares nothing.

import { toSafe } from "../base/integer.ts";
import type { AccountResult } from "../exchange/port.ts";
import { type Lots, lots } from "../market/amounts.ts";
import { baseMoney } from "../market/instrument.ts";
import type { HostContext } from "./context.ts";

/** Position of a perpetual, or whole lots of base held on spot. */
export function heldOn(context: HostContext, account: Extract<AccountResult, { result: "ok" }>): Lots {
  const { instrument } = context.state;
  if (instrument !== null && instrument.kind === "spot") {
    return lots(toSafe(account.baseTotal / baseMoney(instrument, lots(1))));
  }
  return account.positions.find((position) => position.symbol === context.symbol)?.lots ?? lots(0);
}
