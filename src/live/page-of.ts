// One page of a list: `limit` items after `cursor`, and the cursor of the next page. A cursor names a place in the
// order of the list, so pages stay right while the list changes.

import type { Result } from "../base/result.ts";
import { fail, ok } from "../base/result.ts";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1000;

export interface Query {
  readonly [name: string]: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty at the end. */
  readonly next: string;
}

export interface Listing<T> {
  readonly items: readonly T[];
  /** Unique, and what the list is ordered by. */
  readonly keyOf: (item: T) => string;
  readonly descending?: boolean;
}

/** A whole number of a query; the error names field, value and range. */
export function wholeOf(query: Query, field: string, options: { min: number; max: number; fallback: number }) {
  const text = query[field];
  if (text === undefined || text === "") return ok(options.fallback);
  const value = /^\d{1,15}$/.test(text) ? Number.parseInt(text, 10) : -1;
  if (value >= options.min && value <= options.max) return ok(value);
  return fail(`${field}: "${text.slice(0, 40)}" is not a whole number from ${options.min} to ${options.max}`);
}

export function pageOf<T>(listing: Listing<T>, query: Query): Result<Page<T>, string> {
  const limit = wholeOf(query, "limit", { min: 1, max: LIMIT_MAX, fallback: LIMIT_DEFAULT });
  if (!limit.ok) return limit;
  const cursor = query["cursor"] ?? "";
  const place = Buffer.from(cursor, "base64url").toString("utf8");
  if (cursor !== "" && Buffer.from(place).toString("base64url") !== cursor) {
    return fail("cursor: give the `next` of the page before, or none");
  }
  const sign = listing.descending === true ? -1 : 1;
  const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -sign : sign);
  const keyed = listing.items.map((item) => ({ item, key: listing.keyOf(item) }));
  const after = keyed.filter(({ key }) => cursor === "" || order(key, place) > 0).sort((a, b) => order(a.key, b.key));
  const items = after.slice(0, limit.value);
  const last = items.at(-1);
  const next = last === undefined || after.length <= limit.value ? "" : Buffer.from(last.key).toString("base64url");
  return ok({ items: items.map(({ item }) => item), next });
}
