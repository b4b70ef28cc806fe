// The one encoder of journal bodies, snapshots and hashes (DUR-04): canonical JSON with sorted keys and no blanks.
// Holds null, booleans, text, safe integers, bigints, arrays, plain objects and Maps. `decode(encode(x)) = x` and
// `encode(decode(bytes)) = bytes`. A Map keeps its order, because order is part of the state.

import { createHash } from "node:crypto";
import { canonicalText } from "./canonical-writer.ts";

/** What can be journaled. Money is a bigint, written as {"$n":"…"}; a Map is written as {"$m":[[k,v],…]}. */
export type Canonical =
  | null
  | boolean
  | number
  | string
  | bigint
  | readonly Canonical[]
  | ReadonlyMap<string | number, Canonical>
  | { readonly [key: string]: Canonical | undefined };

/** Canonical text. A float, −0, NaN, an undefined item, a class instance or a key that begins with "$" is a bug. */
export function encodeCanonical(value: unknown): string {
  return canonicalText(value);
}

/**
 * Inverse of {@link encodeCanonical}. Throws SyntaxError on text that is not JSON; the caller makes it an error of its
 * own.
 */
export function decodeCanonical(text: string): Canonical {
  return reviveCanonical(JSON.parse(text));
}

/** Nothing of ours is nested deeper by far; text that is would end the stack. */
const NESTING_MAX = 1_000;

/** Second half of {@link decodeCanonical}: bigints and Maps out of parsed JSON. Throws SyntaxError or TypeError. */
export function reviveCanonical(value: unknown, nesting = 0): Canonical {
  if (typeof value !== "object" || value === null) return value as Canonical;
  if (nesting > NESTING_MAX) throw new SyntaxError("nested too deeply");
  const revive = (inner: unknown): Canonical => reviveCanonical(inner, nesting + 1);
  if (Array.isArray(value)) return value.map(revive);
  const source = value as Record<string, unknown>;
  if (typeof source["$n"] === "string") return BigInt(source["$n"]);
  if (Array.isArray(source["$m"])) {
    const map = new Map<string | number, Canonical>();
    for (const [key, item] of source["$m"] as [string | number, unknown][]) map.set(key, revive(item));
    return map;
  }
  const result: Record<string, Canonical> = {};
  for (const key of Object.keys(source)) {
    // defineProperty, so that a hostile "__proto__" key stays an ordinary key
    if (key === "__proto__") Object.defineProperty(result, key, { value: revive(source[key]), enumerable: true });
    else result[key] = revive(source[key]);
  }
  return result;
}

/** SHA-256 of UTF-8 text, 64 hex digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
