// The engine's operator door (API-37): the JSON form of a few RPCs, straight from the browser to the engine. It repeats
// nothing by itself and believes nothing but the answer.

import { forget, keep, keyFor } from "./key.ts";

export type Rpc =
  | "PauseBot"
  | "ResumeBot"
  | "StopBot"
  | "FlattenBot"
  | "TriggerKillSwitch"
  | "ResetKillSwitch"
  | "OpenCircuitBreaker"
  | "CloseCircuitBreaker"
  | "UpdateBot"
  | "StartWhatIf"
  | "CancelWhatIf"
  | "SendCommand";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Body = { readonly [key: string]: Json };

export type Answer =
  | { readonly ok: true; readonly sequence: string; readonly body: Body; readonly steps: readonly Body[] }
  | {
      readonly ok: false;
      readonly status: number;
      readonly reason: string;
      readonly message: string;
      /** It may have been taken all the same: nobody who must know has said that it was not. */
      readonly unsure: boolean;
    };

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);
/** What a field holds, as text; empty for anything deeper. */
export const text = (value: Json | undefined): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** The journal sequence wherever the answer carries it: at the top, one for each bot, or in the bot it returns. */
function sequenceOf(body: Body): string {
  const { sequences } = body;
  if (isBody(sequences) && Object.keys(sequences).length > 0) {
    const each = Object.entries(sequences);
    return each.map(([bot, seq]) => (each.length === 1 ? text(seq) : `${text(seq)} of ${bot}`)).join(", ");
  }
  if (body["sequence"] !== undefined) return text(body["sequence"]);
  for (const value of Object.values(body)) {
    if (isBody(value) && value["sequence"] !== undefined) return text(value["sequence"]);
  }
  return "";
}

/** One JSON document, or one a line: a stream's answer comes line by line. */
function parse(raw: string): Body[] {
  try {
    const whole: unknown = JSON.parse(raw);
    return (Array.isArray(whole) ? whole : [whole]).filter(isBody);
  } catch {
    const lines = raw.split("\n").filter((line) => line.trim() !== "");
    try {
      return lines.map((line): unknown => JSON.parse(line)).filter(isBody);
    } catch {
      return [];
    }
  }
}

/** Answers of a proxy or an engine that gave up waiting, failed, or was asked to stop: the work may be under way. */
const UNSURE_FROM = 499;
/** The engine's own words for what it did not begin. */
const NOT_BEGUN: ReadonlySet<string> = new Set(["UNAVAILABLE", "UNIMPLEMENTED"]);

function refusal(status: number, raw: string): Extract<Answer, { ok: false }> {
  const [body = {}] = parse(raw);
  const code = text(body["code"]);
  const reason = text(body["reason"]) || code || `HTTP ${status}`;
  const message = text(body["message"]) || `the door answered ${status}`;
  return {
    ok: false,
    status,
    reason,
    message,
    unsure: (status >= UNSURE_FROM || status === 408) && !NOT_BEGUN.has(code),
  };
}

/** Doors the page's own policy kept it from: it was loaded before the engine named them. */
const barred = new Set<string>();
addEventListener("securitypolicyviolation", (event) => {
  if (event.effectiveDirective === "connect-src" && URL.canParse(event.blockedURI))
    barred.add(new URL(event.blockedURI).origin);
});

const notSent = (door: string): Answer => ({
  ok: false,
  status: 0,
  reason: "NOT SENT",
  unsure: false,
  message: `This page was loaded before the engine named its door ${door}. Reload the page, unlock again, and repeat.`,
});

async function post(url: string, body: Body, key: string | undefined): Promise<Response> {
  return await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
  });
}

const broken = (door: string): Answer => ({
  ok: false,
  status: 0,
  reason: "NO ANSWER",
  unsure: true,
  message: `No answer of the engine came from its door at ${door}.`,
});

/** Calls a door; `onStep` hears each line of a streaming answer as it comes. */
export async function call(door: string, rpc: Rpc, body: Body, onStep?: (step: Body) => void): Promise<Answer> {
  try {
    const response = await post(`${door}/operator/v1/${rpc}`, body, keyFor(door));
    if (!response.ok) {
      if (response.status === 401) forget(door);
      return refusal(response.status, await response.text());
    }
    const raw = onStep === undefined ? await response.text() : await readLines(response, onStep);
    const steps = parse(raw);
    const last = steps.at(-1);
    // a proxy's page, say: whatever it is, the engine did not write it
    if (last === undefined) return broken(door);
    // a stream that fails in the middle says so in its last line, when what was begun goes on
    if (last["code"] !== undefined && last["message"] !== undefined)
      return { ...refusal(response.status, JSON.stringify(last)), unsure: steps.length > 1 };
    return { ok: true, sequence: sequenceOf(last), body: last, steps };
  } catch {
    return barred.has(new URL(door).origin) ? notSent(door) : broken(door);
  }
}

async function readLines(response: Response, onStep: (step: Body) => void): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return await response.text();
  let whole = "";
  let told = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    whole += part.value;
    const complete = whole.slice(told, whole.lastIndexOf("\n") + 1);
    told += Math.max(0, complete.length);
    for (const step of complete.trim() === "" ? [] : parse(complete)) onStep(step);
  }
  return whole;
}

/** Trades an 8-character code of `opensqt token pair` for a key of 12 h (API-41). */
export async function pair(door: string, code: string): Promise<string> {
  try {
    const response = await post(`${door}/operator/v1/pair`, { code }, undefined);
    const raw = await response.text();
    const key = text(parse(raw)[0]?.["key"]);
    if (response.ok && key !== "") {
      keep(door, key);
      return "";
    }
    const answer = refusal(response.status, raw);
    return answer.ok ? "" : answer.message;
  } catch {
    return `The engine's door at ${door} cannot be reached.`;
  }
}
