// Orders read back from the journal. Only approved orders are ever recorded (RISK-02), and the hash chain says that the
// record is the one that was written; so what comes back carries the approval it was recorded with.

import type { Approved, NewOrder } from "../trading/order.ts";

/** The order of a recorded place effect. For the journal's decoder only. */
export const recordedApproval = (order: NewOrder): Approved<NewOrder> => order as Approved<NewOrder>;
