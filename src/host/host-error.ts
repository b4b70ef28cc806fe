// The one error class of the host's boundary, and how a run ends. Its message tells a person what happened and what to
// do; its code decides the exit code of the process (table of design.md).

import { JournalError } from "../journal/errors.ts";

/** Exit codes of what ends a host; those of the journal are in its own table. */
export const HOST_EXIT_CODES = {
  /** Own orders are still on the exchange after a graceful stop, or it could not be proved that none is (DUR-58). */
  ORDERS_REMAIN: 12,
  /** A step threw: the same event would throw again (RISK-19). */
  POISONED: 1,
  /** The exchange knows orders of ours that the journal does not (DUR-25). */
  JOURNAL_BEHIND_EXCHANGE: 6,
  /** The engine's safety check said no before the first order (RISK-30). */
  SAFETY_REFUSED: 4,
  /** The journal is of a bot on another instrument. */
  ANOTHER_INSTRUMENT: 3,
  /** The newest snapshot is of another shape of the state than this release knows. */
  OTHER_STATE_VERSION: 6,
  /** The configuration in the registry does not fit the instrument. */
  CONFIG_REFUSED: 3,
  /** A bot of the fleet is not in its registry: a bug of ours. */
  NOT_REGISTERED: 1,
} as const;

export type HostErrorCode = keyof typeof HOST_EXIT_CODES;

export class HostError extends Error {
  override readonly name = "HostError";
  readonly code: HostErrorCode;
  readonly exitCode: number;

  constructor(code: HostErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.exitCode = HOST_EXIT_CODES[code];
  }
}

/** How a host ended. */
export interface HostEnd {
  readonly code: string;
  readonly exitCode: number;
  readonly text: string;
  /** Own orders known to be left on the exchange. */
  readonly ordersLeft: readonly string[];
  readonly error: Error | null;
  /** The event whose step threw. */
  readonly atSeq?: number;
}

/** Any thrown value as the end it causes: journal and host errors know their exit codes, the rest is a bug of ours. */
export function endOf(thrown: unknown): HostEnd {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof JournalError || error instanceof HostError) {
    return { code: error.code, exitCode: error.exitCode, text: error.message, ordersLeft: [], error };
  }
  return { code: "BUG", exitCode: 1, text: `${error.name}: ${error.message}`, ordersLeft: [], error };
}

/** The end of a graceful stop: clean, with own orders left, or without the proof that none is (DUR-58). */
export function stopEnd(ordersLeft: readonly string[], isProven: boolean): HostEnd {
  if (ordersLeft.length > 0) {
    const text = `stopped, but ${ordersLeft.length} own orders may still be on the exchange: ${ordersLeft.join(", ")}`;
    return { ...endOf(new HostError("ORDERS_REMAIN", text)), ordersLeft };
  }
  if (isProven) return { code: "CLEAN", exitCode: 0, text: "stopped", ordersLeft, error: null };
  const text =
    "stopped, but that no own order is left could not be proved: the exchange did not answer " +
    "two reads a second apart. Look there, or start the bot again";
  return endOf(new HostError("ORDERS_REMAIN", text));
}

/** A step threw. */
export function poisoned(error: unknown, seq: number): HostError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new HostError("POISONED", `the step of event ${seq} failed: ${what}. This is a bug; the bot stops`, error);
}
