// Pages of lists (API-08): opaque tokens that are good for an hour, name their own list and cannot be made up. A list
// goes on after the last key it told, so rows that came meanwhile neither repeat nor hide others.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { boundedCount } from "../../rpc/fields.ts";
import { invalidField } from "../../rpc/refusal.ts";
import { WALL_CLOCK } from "../wall-clock.ts";

const LIFE_MS = 3_600_000;
const PAGE = { fallback: 100, max: 1_000 } as const;
const MAC_BYTES = 12;
const SECRET = randomBytes(32);

export interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: T[];
  readonly nextPageToken: string;
}

/**
 * The page of `items` asked for. `list`: method and filter, so that a token fits its own list alone; `keyOf`: unique
 * text by which `items` are sorted, rising or falling. Throws INVALID_ARGUMENT for a token or size that is none.
 */
export function pageOf<T>(
  items: readonly T[],
  request: PageRequest,
  { list, keyOf, falling }: { readonly list: string; readonly keyOf: (item: T) => string; readonly falling: boolean },
): Page<T> {
  const size = boundedCount("page_size", request.pageSize, PAGE);
  const after = request.pageToken === "" ? null : readToken(list, request.pageToken);
  const rest = after === null ? items : items.filter((item) => (falling ? keyOf(item) < after : keyOf(item) > after));
  const page = rest.slice(0, size);
  const last = page[page.length - 1];
  const more = rest.length > size && last !== undefined;
  return { items: page, nextPageToken: more ? makeToken(list, keyOf(last)) : "" };
}

function makeToken(list: string, key: string): string {
  const body = `${WALL_CLOCK.nowMs()}|${key}`;
  return Buffer.concat([mac(list, body), Buffer.from(body)]).toString("base64url");
}

function readToken(list: string, token: string): string {
  if (token.length > 1_000) throw invalidField("page_token", "is none of this server");
  const bytes = Buffer.from(token, "base64url");
  const body = bytes.subarray(MAC_BYTES).toString();
  if (bytes.length <= MAC_BYTES || !timingSafeEqual(bytes.subarray(0, MAC_BYTES), mac(list, body))) {
    throw invalidField("page_token", "is none of this list and filter: start again without it");
  }
  const bar = body.indexOf("|");
  const age = WALL_CLOCK.nowMs() - Number.parseInt(body.slice(0, bar), 10);
  if (age > LIFE_MS) throw invalidField("page_token", "is older than an hour: start again without it");
  return body.slice(bar + 1);
}

const mac = (list: string, body: string): Buffer =>
  createHmac("sha256", SECRET).update(`${list}\n${body}`).digest().subarray(0, MAC_BYTES);

/** Times and numbers of a sort key, so that texts sort as they do. */
export const sortable = (value: number): string => String(value).padStart(16, "0");
