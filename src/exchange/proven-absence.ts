// When "not there" proves that an order was never accepted (EXCH-09, EXCH-10, DUR-45): one rule for whoever may send an
// id a second time.

/** How far the clocks of two machines may differ, beyond what is measured. */
const CLOCK_ERROR_MS = 1_000;

/** Milliseconds after an order was asked for from which a look-up that does not find it says that it never will be. */
export const absenceProvenAfterMs = (port: {
  /** How long the exchange may still accept a request. */
  readonly requestExpiryMs: number;
  /** How long an accepted order may be missing from look-ups. */
  readonly lookupLagMs: number;
}): number => port.requestExpiryMs + port.lookupLagMs + CLOCK_ERROR_MS;
