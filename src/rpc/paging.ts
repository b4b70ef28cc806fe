// Pages of a list (API-08): a size within bounds, and a token that is opaque, good for an hour, and good only for the
// list it came from. It is signed, so that nobody can make a handler start where it never stopped.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { boundedCount } from "./fields.ts";
import { invalidField } from "./refusal.ts";

const SIZE_DEFAULT = 100;
const SIZE_MAX = 1_000;
const HOUR_MS = 3_600_000;
const MAC_BYTES = 12;

/** Tokens end with the process that gave them. */
const SECRET = randomBytes(32);

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page {
  readonly size: number;
  /** Where the page before ended, as the handler said; null: from the start. */
  readonly after: string | null;
}

/** `list` names the list with its filter: a token of another one is refused. Times are Unix ms. */
export function readPage(request: PageRequest, list: string, nowMs: number): Page {
  const size = boundedCount("page_size", request.pageSize, { fallback: SIZE_DEFAULT, max: SIZE_MAX });
  if (request.pageToken === "") return { size, after: null };
  const bytes = Buffer.from(request.pageToken, "base64url");
  const body = bytes.subarray(MAC_BYTES);
  const given = bytes.subarray(0, MAC_BYTES);
  const expected = macOf(body, list);
  if (given.length !== MAC_BYTES || !timingSafeEqual(given, expected)) {
    throw invalidField("page_token", "is not a token of this list; start again without one");
  }
  const text = body.toString();
  const colon = text.indexOf(":");
  if (nowMs - Number.parseInt(text.slice(0, colon), 10) > HOUR_MS) {
    throw invalidField("page_token", "is older than an hour; start again without one");
  }
  return { size, after: text.slice(colon + 1) };
}

/** The token after which the next page starts. `after` is the handler's own word for the place. */
export function pageTokenAfter(after: string, list: string, nowMs: number): string {
  const body = Buffer.from(`${nowMs}:${after}`);
  return Buffer.concat([macOf(body, list), body]).toString("base64url");
}

function macOf(body: Uint8Array, list: string): Buffer {
  return createHmac("sha256", SECRET).update(`${list}\n`).update(body).digest().subarray(0, MAC_BYTES);
}
