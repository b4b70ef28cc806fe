// A notice as words, the same on every channel (OPS-29): a headline, what happened, its numbers, what was done and what
// to do. How a channel lays them out is its own.

import type { AlertSeverity } from "../../trading/effect.ts";
import { type Alert, botOf, type DigestLine, type Notice, severityOf } from "./alert.ts";

export interface NoticeWords {
  readonly severity: AlertSeverity;
  /** Good news: shown calm whatever the severity was. */
  readonly over: boolean;
  /** "CRITICAL: Breaker opened". */
  readonly headline: string;
  /** "btc-grid, BTC/USDT:USDT"; the process where it is about no bot. */
  readonly about: string;
  readonly text: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly done: string;
  readonly todo: string;
  /** Unix ms. */
  readonly atMs: number;
}

/** `process`: who speaks, for what is about no bot. */
export function noticeWords(notice: Notice, process: string): NoticeWords {
  const severity = severityOf(notice);
  const plain = { severity, over: false, facts: [], done: "", todo: "" };
  switch (notice.kind) {
    case "alert": {
      const { title, text, facts, done, todo, atMs } = notice.alert;
      const headline = `${severity.toUpperCase()}: ${title}`;
      return {
        ...plain,
        headline,
        about: aboutOf(notice.alert, process),
        text,
        facts: factsOf(facts),
        done,
        todo,
        atMs,
      };
    }
    case "repeats": {
      const { alert, times, over, atMs } = notice;
      const headline = `${severity.toUpperCase()}: ${alert.title}, and ${times} more`;
      const how = over ? "It is over now." : "It still holds, or nobody said that it is over.";
      const text = `It came ${times} more ${times === 1 ? "time" : "times"} since ${clockText(alert.atMs)}. ${how}`;
      return { ...plain, over, headline, about: aboutOf(alert, process), text, todo: over ? "" : alert.todo, atMs };
    }
    case "resolved": {
      const { alert, text, lastedMs, atMs } = notice;
      const headline = `RESOLVED: ${alert.title}`;
      const said = `${text === "" ? "It is over." : `${text}.`} It lasted ${durationText(lastedMs)}.`;
      return { ...plain, over: true, headline, about: aboutOf(alert, process), text: said, atMs };
    }
    case "digest": {
      const { lines, atMs } = notice;
      const all = lines.reduce((sum, { times }) => sum + times, 0);
      const headline = `${severity.toUpperCase()}: ${all} more ${all === 1 ? "alert" : "alerts"}`;
      const text = ["Too many to send one by one; the log and the console have each.", ...lines.map(lineText)].join(
        "\n",
      );
      return { ...plain, headline, about: process, text, atMs };
    }
  }
}

/** One line for a log: no facts. */
export const noticeLine = (notice: Notice): string => {
  const { headline, about } = noticeWords(notice, botOf(notice) || "process");
  return `${headline} (${about})`;
};

const aboutOf = ({ bot, instrument }: Alert, process: string): string =>
  [bot === "" ? process : bot, instrument].filter((part) => part !== "").join(", ");

const lineText = ({ severity, title, bot, times }: DigestLine): string =>
  `${times} × ${severity}: ${title}${bot === "" ? "" : ` (${bot})`}`;

/** Names as people read them: `freeMib` is `free Mib`. */
function factsOf(facts: Alert["facts"]): readonly (readonly [string, string])[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name, String(value)]);
}

/** "2026-11-21 13:05:09 UTC". */
export const timeText = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const clockText = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`;

/** "40 s", "5 min", "3 h 10 min". */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
