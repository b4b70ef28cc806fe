// What a person is told (RISK-40), and the notices channels carry: the alert itself, how often it came again, that it
// is over, and a digest of what a channel had no room for. Plain values: nothing here knows a channel.

import type { AlertSeverity } from "../../trading/effect.ts";

export interface Alert {
  /** The effect's: a second copy of it is told nowhere. */
  readonly id: string;
  readonly code: string;
  readonly severity: AlertSeverity;
  /** "" where it is about the whole process. */
  readonly bot: string;
  /** The instrument's symbol, or "". */
  readonly instrument: string;
  /** Unix ms. */
  readonly atMs: number;
  readonly title: string;
  readonly text: string;
  readonly facts: { readonly [name: string]: string | number | boolean | null };
  /** What the system did about it already; "" where nothing. */
  readonly done: string;
  /** What a person should do; "" where nothing is known. */
  readonly todo: string;
}

/** `atMs`, Unix ms: when the notice was made; of an alert, when it was raised. */
export type Notice = AlertNotice | RepeatsNotice | ResolvedNotice | DigestNotice;

export interface AlertNotice {
  readonly kind: "alert";
  readonly alert: Alert;
}

/** It came `times` more since it was told; `over`: it holds no longer. */
export interface RepeatsNotice {
  readonly kind: "repeats";
  readonly alert: Alert;
  readonly times: number;
  readonly over: boolean;
  readonly atMs: number;
}

export interface ResolvedNotice {
  readonly kind: "resolved";
  readonly alert: Alert;
  readonly lastedMs: number;
  readonly text: string;
  readonly atMs: number;
}

export interface DigestNotice {
  readonly kind: "digest";
  readonly lines: readonly DigestLine[];
  /** The gravest of its lines. */
  readonly severity: AlertSeverity;
  readonly atMs: number;
}

/** Monotonic and Unix ms, and whether quiet hours are on: then only critical ones go out. */
export interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
  readonly quiet: boolean;
}

/** So many of one kind that were not told one by one. */
export interface DigestLine {
  readonly severity: AlertSeverity;
  readonly code: string;
  readonly title: string;
  /** "" where several are counted together. */
  readonly bot: string;
  readonly times: number;
}

export const SEVERITIES: readonly AlertSeverity[] = ["info", "warning", "error", "critical"];

const RANK: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, error: 2, critical: 3 };

export const rankOf = (severity: AlertSeverity): number => RANK[severity];
export const isAtLeast = (severity: AlertSeverity, least: AlertSeverity): boolean => RANK[severity] >= RANK[least];

export const severityOf = (notice: Notice): AlertSeverity =>
  notice.kind === "digest" ? notice.severity : notice.alert.severity;

/** Which bot a notice is about; "" for the process, and for a digest. */
export const botOf = (notice: Notice): string => (notice.kind === "digest" ? "" : notice.alert.bot);

/** A name by which a receiver knows a notice that comes twice. */
export function noticeId(notice: Notice): string {
  switch (notice.kind) {
    case "alert":
      return notice.alert.id;
    case "repeats":
      return `${notice.alert.id}/repeats/${notice.atMs}`;
    case "resolved":
      return `${notice.alert.id}/resolved/${notice.atMs}`;
    case "digest":
      return `digest/${notice.atMs}`;
  }
}

/** What is the same to a person: alerts of one cause are told once, and end together. */
export interface Cause {
  readonly code: string;
  readonly bot: string;
  readonly instrument: string;
  /** What of the bot it is about, where it has several of a kind: a breaker, a feed, a limit that refused. */
  readonly subject: string;
}

/** Facts that tell causes of one code apart: a second breaker is not a repeat of the first. */
const SUBJECTS = ["breaker", "feed", "channel", "refusal"] as const;
/** What all bots of a machine share is one cause, whichever bot saw it first. */
const MACHINE_WIDE: ReadonlySet<string> = new Set(["disk-low", "host-disk", "clock-back", "clock-jumped"]);

export function causeOf({ code, bot, instrument, facts }: Pick<Alert, "code" | "bot" | "instrument" | "facts">): Cause {
  if (MACHINE_WIDE.has(code)) return { code, bot: "", instrument: "", subject: "" };
  const name = SUBJECTS.find((subject) => typeof facts[subject] === "string");
  return { code, bot, instrument, subject: name === undefined ? "" : String(facts[name]) };
}

export const keyOf = ({ code, bot, instrument, subject }: Cause): string =>
  JSON.stringify([code, bot, instrument, subject]);
