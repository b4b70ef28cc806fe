// What the end of a call means for an order (EXCH-06 to EXCH-11, EXCH-39): one total function from status, code, text,
// ccxt's class and whether a byte left. Unknown is the default; a refusal must stand in the exchange's table.

import type { CancelOutcome, SendOutcome, SettingOutcome } from "../port.ts";
import type { CallFailure } from "./call.ts";
import type { CodeRow, ExchangeTable, ExchangeWord, Meaning } from "./exchanges/exchange-table.ts";

/** What of a table decides outcomes. */
export type OutcomeTable = Pick<ExchangeTable, "codes" | "statuses" | "rateStatuses" | "banStatuses" | "classes">;

/** What was heard of one request, or of one element of a list. */
export interface Heard {
  /** Null: no whole reply came. */
  readonly status: number | null;
  readonly word: ExchangeWord | null;
  readonly ccxtClass: string | null;
}

const UNKNOWN: Meaning = { means: "unknown" };
const RATE: Meaning = { means: "rate" };

/** Total: every input has a meaning, and what no row lists is unknown. */
export function meaningOf(table: OutcomeTable, { status, word, ccxtClass }: Heard): Meaning {
  if (status === null) return UNKNOWN;
  // one exchange says "too fast" and "busy" with one status, and only the first of them is a refusal
  const row = word === null ? undefined : rowOf(table, word, status);
  if (row !== undefined) return row.meaning;
  if (table.rateStatuses.includes(status) || table.banStatuses.includes(status)) return RATE;
  // a class decides only where the exchange answered in an orderly way
  if (!table.statuses.includes(status) || ccxtClass === null) return UNKNOWN;
  return Object.hasOwn(table.classes, ccxtClass) ? (table.classes[ccxtClass] ?? UNKNOWN) : UNKNOWN;
}

function rowOf(table: OutcomeTable, word: ExchangeWord, status: number): CodeRow | undefined {
  const said = word.text.toLowerCase();
  return table.codes.find(
    ({ code, says, statuses }) =>
      code === word.code &&
      (says === undefined || said.includes(says)) &&
      (statuses ?? table.statuses).includes(status),
  );
}

/** `duplicate` is no outcome yet: the order is looked up and returned (EXCH-11). */
export type SendJudgement = SendOutcome | { readonly result: "duplicate"; readonly text: string };

/** The outcome of one order of a request that was answered with this meaning. */
export function sendJudgement(meaning: Meaning, text: string): SendJudgement {
  switch (meaning.means) {
    case "refused":
      return { result: "rejected", reason: meaning.reason, text };
    case "duplicate":
      return { result: "duplicate", text };
    case "rate":
      return { result: "rejected", reason: "RATE_LIMITED", text };
    case "clock":
    case "credentials":
      return { result: "rejected", reason: "OTHER", text };
    case "not-open":
    case "unchanged":
    case "maintenance":
    case "unknown":
      return { result: "unknown", text };
  }
}

/**
 * Provably no byte left: the budget refused, the connection was refused, or ccxt refused before it sent. A call of
 * several requests whose last one was refused by the budget has sent the others: `left` alone decides.
 */
export const isNotSent = ({ left }: CallFailure): boolean => !left;

export function judgeSend(table: OutcomeTable, failure: CallFailure): SendJudgement {
  if (isNotSent(failure)) return { result: "not-sent", text: failure.text };
  return sendJudgement(meaningOf(table, failure), failure.text);
}

export function cancelJudgement(meaning: Meaning, text: string): CancelOutcome {
  switch (meaning.means) {
    case "not-open":
      return { result: "not-open", text };
    case "refused":
    case "rate":
    case "clock":
    case "credentials":
      return { result: "rejected", text };
    case "duplicate":
    case "unchanged":
    case "maintenance":
    case "unknown":
      return { result: "unknown", text };
  }
}

export function judgeCancel(table: OutcomeTable, failure: CallFailure): CancelOutcome {
  if (isNotSent(failure)) return { result: "not-sent", text: failure.text };
  return cancelJudgement(meaningOf(table, failure), failure.text);
}

export function judgeSetting(table: OutcomeTable, failure: CallFailure): SettingOutcome {
  if (isNotSent(failure)) return { result: "rejected", text: failure.text };
  const { means } = meaningOf(table, failure);
  if (means === "unchanged") return { result: "unchanged" };
  return means === "unknown" || means === "maintenance"
    ? { result: "unknown", text: failure.text }
    : { result: "rejected", text: failure.text };
}
