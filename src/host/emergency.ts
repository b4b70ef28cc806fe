// The one thing a bot does without a record (DUR-61, RISK-19): when nothing can be written any more, or a step threw,
// its own orders are cancelled by policy. Recovery learns of it as order updates.

import type { Order } from "../trading/order.ts";
import { isLive } from "../trading/order.ts";
import type { HostContext } from "./context.ts";

/** How long the cancels are waited for. */
const WAIT_MS = 10_000;

/** Cancels own live orders once each; `done` gets what was not confirmed. Nothing is journaled. */
export function cancelWithoutRecord(context: HostContext, done: (unconfirmed: readonly string[]) => void): void {
  const { state, machine, port } = context;
  const policy = state.stopPolicy;
  const orders = [...state.orders.values()].filter((order) => isLive(order) && isCancelled(policy, order));
  const open = new Set<string>(orders.map(({ clientOrderId }) => clientOrderId));
  let finished = false;
  const finish = (): void => {
    if (finished) return;
    finished = true;
    cancelWait();
    done([...open]);
  };
  const cancelWait = machine.at(machine.nowMs() + WAIT_MS, finish);
  if (orders.length === 0) {
    finish();
    return;
  }
  let answers = 0;
  for (const { clientOrderId, order } of orders) {
    port.cancel(order.symbol, clientOrderId, (outcome) => {
      if (outcome.result === "accepted" || outcome.result === "not-open") open.delete(clientOrderId);
      answers += 1;
      if (answers === orders.length) finish();
    });
  }
}

/** By `cancelOnExit`: `opening` keeps what only reduces. */
function isCancelled(policy: "all" | "opening" | "none", order: Order): boolean {
  return policy === "all" || (policy === "opening" && !order.order.reduceOnly);
}
