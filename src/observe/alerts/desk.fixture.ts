// Alerts and moments for tests, with only what a test says about them.

import type { Alert, Moment } from "./alert.ts";

let raised = 0;

export function alertOf(given: Partial<Alert> = {}): Alert {
  raised += 1;
  return {
    id: `grid/${raised}.0`,
    code: "unknown-order",
    severity: "error",
    bot: "grid",
    instrument: "BTC/USDT:USDT",
    atMs: Date.UTC(2026, 10, 21, 13, 5, 9),
    title: "Order outcome unknown",
    text: "the outcome of an order is still not known",
    facts: { clientOrderId: "a1", ageMs: 30_000 },
    done: "Its slot is blocked while it is looked up.",
    todo: "Look at the exchange if it stays.",
    ...given,
  };
}

export const at = (nowMs: number, quiet = false): Moment => ({ nowMs, wallMs: 1_795_000_000_000 + nowMs, quiet });
