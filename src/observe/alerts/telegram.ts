// Telegram by its bot API: one sendMessage a chat. The token stands in the path, so the address is never repeated.
// https://core.telegram.org/bots/api#sendmessage

import type { Notice } from "./alert.ts";
import type { Channel } from "./channel.ts";
import { noticeWords, timeText } from "./notice-words.ts";
import { postJson } from "./post.ts";

export interface TelegramOptions {
  readonly name: string;
  /** "https://api.telegram.org", or a gateway of one's own. */
  readonly endpoint: string;
  /** Read at each try: it may be renewed. */
  readonly token: () => string;
  readonly chat: string;
  readonly process: string;
}

/** Telegram refuses longer texts, counted after its markup is read; ours are counted before. */
const TEXT_MAX = 4096;
const PART_MAX = 2000;
const FACTS_MAX = 20;
const FACT_MAX = 60;

export function telegramChannel({ name, endpoint, token, chat, process }: TelegramOptions): Channel {
  return {
    kind: "telegram",
    name,
    send: (notice, signal) =>
      postJson({
        url: `${endpoint.replace(/\/+$/, "")}/bot${token()}/sendMessage`,
        body: JSON.stringify(telegramMessage(notice, chat, process)),
        signal,
        waitIn,
        wordsOf: descriptionIn,
      }),
  };
}

/** The body of one message. Those below error come without a sound. */
export function telegramMessage(notice: Notice, chat: string, process: string): unknown {
  const { severity, over, headline, about, text, facts, done, todo, atMs } = noticeWords(notice, process);
  const lines = [
    `<b>${escaped(headline)}</b>`,
    escaped(about),
    "",
    cut(escaped(text), PART_MAX),
    ...facts
      .slice(0, FACTS_MAX)
      .map(([fact, value]) => `${escaped(fact)}: <code>${cut(escaped(value), FACT_MAX)}</code>`),
    ...(done === "" ? [] : [`<b>Done:</b> ${escaped(done)}`]),
    ...(todo === "" ? [] : [`<b>To do:</b> ${escaped(todo)}`]),
    `<i>${escaped(process)}, ${timeText(atMs)}</i>`,
  ];
  return {
    chat_id: chat,
    text: fitting(lines),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
    disable_notification: over || severity === "info" || severity === "warning",
  };
}

/** Never within an entity: half of one would be refused. */
const cut = (markup: string, max: number): string =>
  markup.length <= max ? markup : `${markup.slice(0, max).replace(/&[a-z]*$/, "")}…`;

/** Whole lines only: half a tag would be refused. */
function fitting(lines: readonly string[]): string {
  let text = "";
  for (const line of lines) {
    const next = text === "" ? line : `${text}\n${line}`;
    if (next.length <= TEXT_MAX) text = next;
  }
  return text;
}

/** `parameters.retry_after`, seconds. */
function waitIn(body: string): number | null {
  const parameters = fieldOf(parsed(body), "parameters");
  const seconds = fieldOf(parameters, "retry_after");
  return typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : null;
}

/** Telegram's own sentence; of a message that was taken, nothing: it would repeat the chat. */
function descriptionIn(body: string): string {
  const description = fieldOf(parsed(body), "description");
  return typeof description === "string" ? description : "";
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
