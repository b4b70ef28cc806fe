// Orders that arrive over the wire. Risk has its say in the process that decided them (RISK-02); the connector checks
// form, owner and epoch and sends nothing of its own making.

import type { Approved, NewOrder } from "../trading/order.ts";

/** The order of a PlaceOrder call, approved by the caller's own risk. For the connector's reader only. */
export const callersApproval = (order: NewOrder): Approved<NewOrder> => order as Approved<NewOrder>;
