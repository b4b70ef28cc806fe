// Any server by a POST of JSON in the shape of RISK-40, signed where a secret is given: HMAC-SHA256 over time and body,
// so that a receiver knows who sent it, and refuses what is older than five minutes (OPS-28).

import { createHmac } from "node:crypto";
import { type Notice, noticeId, severityOf } from "./alert.ts";
import type { Channel } from "./channel.ts";
import { noticeWords } from "./notice-words.ts";
import { postJson } from "./post.ts";

export interface WebhookOptions {
  readonly name: string;
  /** Read at each try, as the secret is: they may be renewed. */
  readonly url: () => string;
  readonly secret: () => string | null;
  readonly process: string;
  readonly release: string;
  /** Unix ms: the time that is signed. */
  readonly nowMs: () => number;
}

const TIME_HEADER = "x-opensqt-time";
const SIGNATURE_HEADER = "x-opensqt-signature";

export function webhookChannel({ name, url, secret, process, release, nowMs }: WebhookOptions): Channel {
  return {
    kind: "webhook",
    name,
    send: (notice, signal) => {
      const body = JSON.stringify(webhookBody(notice, process));
      const time = String(Math.floor(nowMs() / 1000));
      const key = secret();
      const signature = key === null ? {} : { [SIGNATURE_HEADER]: signatureOf(key, time, body) };
      const headers = { "user-agent": `opensqt/${release}`, [TIME_HEADER]: time, ...signature };
      return postJson({ url: url(), body, headers, signal });
    },
  };
}

/** `sha256=` and 64 hex digits, over `TIME.BODY`; the time in Unix seconds as its header has it. */
export const signatureOf = (secret: string, time: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(`${time}.${body}`).digest("hex")}`;

/** The body: an alert as RISK-40 has it, and of the other kinds what they are about. `at` in UTC, ISO 8601. */
export function webhookBody(notice: Notice, process: string): unknown {
  const { headline, text, atMs } = noticeWords(notice, process);
  const head = { v: 1, kind: notice.kind, id: noticeId(notice), process, severity: severityOf(notice), headline };
  const at = new Date(atMs).toISOString();
  if (notice.kind === "digest") return { ...head, at, text, lines: notice.lines };
  const { alert } = notice;
  const { code, bot, instrument, title, facts } = alert;
  const about = { code, bot, instrument, at, title };
  const of = { alertId: alert.id, raisedAt: new Date(alert.atMs).toISOString() };
  switch (notice.kind) {
    case "alert":
      return { ...head, ...about, text: alert.text, facts, done: alert.done, todo: alert.todo };
    case "repeats":
      return { ...head, ...about, text, ...of, times: notice.times, over: notice.over };
    case "resolved":
      return { ...head, ...about, text, ...of, lastedMs: notice.lastedMs };
  }
}
