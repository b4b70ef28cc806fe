// Reads what a console sends. Everything that is not one of the few requests is a bad message, said so and counted.

import { z } from "zod";
import type { ConsoleRequest } from "./messages.ts";

/** What a console may subscribe to. */
export const TOPICS = [
  "hello",
  "kline",
  "history",
  "account",
  "orders",
  "trade_event",
  "position",
  "bots",
  "slots",
  "fills",
  "pnl",
  "risk",
  "feeds",
  "system",
  "alerts",
  "log",
] as const;

/** Characters of a configuration to be previewed, its parts together. */
export const PREVIEW_TEXT_MAX = 64_000;

const id = z.string().min(1).max(100);
const name = z.string().min(1).max(64);
const of = z.object({
  bot: name.optional(),
  exchange: name.optional(),
  symbol: name.optional(),
  interval: name.optional(),
});

const request = z.discriminatedUnion("type", [
  z.object({
    type: z.enum(["subscribe", "unsubscribe"]),
    topics: z.array(z.enum(TOPICS)).max(20),
    of: of.optional(),
    perSecond: z.number().int().min(1).max(10).optional(),
  }),
  z.object({
    type: z.literal("candles"),
    requestId: id,
    exchange: name,
    symbol: name,
    interval: name,
    before: z.number().int().min(0).max(1e11),
    limit: z.number().int().min(1).max(1000),
  }),
  z.object({ type: z.literal("explain"), requestId: id, id: z.string().min(1).max(128) }),
  z.object({ type: z.literal("config"), requestId: id, bot: name }),
  z.object({ type: z.literal("what_if"), requestId: id, bot: name }),
  z.object({
    type: z.literal("preview"),
    requestId: id,
    bot: name,
    config: z.string().max(PREVIEW_TEXT_MAX).default(""),
    more: z.boolean().default(false),
  }),
  z.object({
    type: z.literal("state"),
    requestId: id,
    bot: name,
    sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
    at: z.number().int().min(0).max(1e14).default(0),
  }),
]);

export type ReadRequest =
  | { readonly ok: true; readonly request: ConsoleRequest }
  | { readonly ok: false; readonly requestId: string; readonly message: string };

/** Unknown fields are ignored (LIVE-14). */
export function readRequest(text: string): ReadRequest {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return { ok: false, requestId: "", message: "this is no JSON" };
  }
  const read = request.safeParse(told);
  if (!read.success) {
    const [issue] = read.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "the message" : issue.path.join(".");
    return { ok: false, requestId: requestIdOf(told), message: `${where}: ${issue?.message ?? "is not understood"}` };
  }
  const { data } = read;
  if (!("topics" in data)) return { ok: true, request: data };
  const { bot, exchange, symbol, interval } = data.of ?? {};
  const about = {
    ...(bot === undefined ? {} : { bot }),
    ...(exchange === undefined ? {} : { exchange }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(interval === undefined ? {} : { interval }),
  };
  const pace = data.perSecond === undefined ? {} : { perSecond: data.perSecond };
  return { ok: true, request: { type: data.type, topics: data.topics, of: about, ...pace } };
}

function requestIdOf(told: unknown): string {
  if (typeof told !== "object" || told === null || !("requestId" in told)) return "";
  return typeof told.requestId === "string" ? told.requestId.slice(0, 100) : "";
}
