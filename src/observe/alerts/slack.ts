// Slack by an incoming webhook: one attachment in the colour of the severity, laid out in blocks. The address is the
// secret. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks

import type { AlertSeverity } from "../../trading/effect.ts";
import type { Notice } from "./alert.ts";
import type { Channel } from "./channel.ts";
import { noticeWords, timeText } from "./notice-words.ts";
import { postJson } from "./post.ts";

export interface SlackOptions {
  readonly name: string;
  /** The webhook's address, read at each try: it may be renewed. */
  readonly url: () => string;
  readonly process: string;
}

const COLORS: Readonly<Record<AlertSeverity, string>> = {
  info: "#6b7280",
  warning: "#d97706",
  error: "#dc2626",
  critical: "#7f1d1d",
};
const OVER = "#15803d";
/** Slack refuses longer ones: header, text of a section, fields. */
const HEADER_MAX = 150;
const SECTION_MAX = 3000;
const FIELD_MAX = 2000;
const FIELDS_MAX = 10;

export function slackChannel({ name, url, process }: SlackOptions): Channel {
  return {
    kind: "slack",
    name,
    send: (notice, signal) => postJson({ url: url(), body: JSON.stringify(slackMessage(notice, process)), signal }),
  };
}

/** The body of one message. */
export function slackMessage(notice: Notice, process: string): unknown {
  const { severity, over, headline, about, text, facts, done, todo, atMs } = noticeWords(notice, process);
  const blocks: unknown[] = [
    { type: "header", text: { type: "plain_text", text: headline.slice(0, HEADER_MAX), emoji: false } },
    section(`*${escaped(about)}*\n${escaped(text)}`),
  ];
  const fields = facts.slice(0, FIELDS_MAX).map(([fact, value]) => markdown(`*${escaped(fact)}*\n${escaped(value)}`));
  if (fields.length > 0) blocks.push({ type: "section", fields });
  const after = [done === "" ? "" : `*Done:* ${escaped(done)}`, todo === "" ? "" : `*To do:* ${escaped(todo)}`];
  const told = after.filter((line) => line !== "").join("\n");
  if (told !== "") blocks.push(section(told));
  const elements = [markdown(`${escaped(process)}, ${timeText(atMs)}`)];
  blocks.push({ type: "context", elements });
  return {
    text: escaped(`${headline} (${about})`),
    attachments: [{ color: over ? OVER : COLORS[severity], blocks }],
  };
}

const section = (text: string): unknown => ({ type: "section", text: { ...markdown(text, SECTION_MAX) } });

const markdown = (text: string, max = FIELD_MAX) => ({ type: "mrkdwn", text: text.slice(0, max) });

/** Slack's three control characters: a text of ours mentions nobody and links nowhere. */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
