// One POST of JSON to somebody else's server: its answer or its failure as a value. The address may be a secret, so no
// text made here repeats it, and nothing is sent where an answer points to.

import type { Delivery } from "./channel.ts";

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Milliseconds to wait named in the body of a refusal, where the protocol has that. */
  readonly waitIn?: (body: string) => number | null;
  /** What the body of an answer says to a person; the body's beginning unless given. */
  readonly wordsOf?: (body: string) => string;
}

const ANSWER_CHARS_MAX = 200;
const BODY_BYTES_MAX = 16_384;
/** Longer waits than this are not believed. */
const WAIT_MS_MAX = 600_000;

/** Statuses of a server that may do better later; the other ones from 300 on will not. */
const isPassing = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

export async function postJson({ url, body, headers = {}, signal, waitIn, wordsOf }: Post): Promise<Delivery> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal,
      redirect: "manual",
    });
    const text = await beginningOf(response);
    const said = short((wordsOf ?? plain)(text));
    const answer = `${response.status}${said === "" ? "" : ` ${said}`}`;
    if (response.ok) return { kind: "sent", answer };
    if (!isPassing(response.status)) return { kind: "refused", text: answer };
    const waitMs = waitIn?.(text) ?? retryAfterMs(response.headers.get("retry-after"));
    return { kind: "failed", text: answer, waitMs: waitMs === null ? null : Math.min(waitMs, WAIT_MS_MAX) };
  } catch (error) {
    return { kind: "failed", text: signal.aborted ? "no answer in time" : reasonOf(error), waitMs: null };
  }
}

const plain = (body: string): string => body;

/** Control characters and lines of a foreign server do not get into our log. */
const short = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, ANSWER_CHARS_MAX);

async function beginningOf(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.byteLength;
    if (bytes >= BODY_BYTES_MAX) break;
  }
  return text;
}

/** `Retry-After` in seconds, or as a date. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d{1,6}$/.test(header.trim())) return Number.parseInt(header, 10) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - Date.now());
}

/** What the system said (ECONNREFUSED, CERT_HAS_EXPIRED); never the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const each of [cause, error]) {
    if (typeof each === "object" && each !== null && "code" in each && typeof each.code === "string") return each.code;
  }
  return error instanceof Error ? error.name : "the request failed";
}
