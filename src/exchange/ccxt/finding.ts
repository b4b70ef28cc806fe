// One line of what was found out about a real exchange before its first order (EXCH-55): what, where, what to change.

import type { CallReply } from "./call.ts";

export interface ExchangeFinding {
  readonly area: "network" | "account" | "instruments" | "capabilities" | "streams";
  /** What was looked at: `clock`, `key`, `leverage`. */
  readonly check: string;
  readonly outcome: "ok" | "warn" | "stop" | "skipped";
  readonly text: string;
  /** Null where nothing needs doing. */
  readonly todo: string | null;
}

type Where = Pick<ExchangeFinding, "area" | "check">;

export const good = (where: Where, text: string): ExchangeFinding => ({ ...where, outcome: "ok", text, todo: null });

export const bad = (
  where: Where,
  outcome: "warn" | "stop",
  [text, todo]: readonly [string, string],
): ExchangeFinding => ({
  ...where,
  outcome,
  text,
  todo,
});

export const notLooked = (where: Where, why: string): ExchangeFinding => ({
  ...where,
  outcome: "skipped",
  text: why,
  todo: null,
});

/** A sentence of the start's checks: what is wrong, then after a colon what to change. */
export function sentence(where: Where, outcome: "warn" | "stop", text: string): ExchangeFinding {
  const at = text.indexOf(": ");
  if (at < 0) return bad(where, outcome, [text, "see the rights of the key on the exchange's own page"]);
  return bad(where, outcome, [text.slice(0, at), text.slice(at + 2)]);
}

/** Why a call brought nothing; null: it brought something. */
export const whyNot = (reply: CallReply): string | null => (reply.ok ? null : reply.text);
