// Client order ids (DUR-39…42, EXCH-05): `o` + tag(6) + lineage(2) + seq(10) + index(3) + check(2), base 36, 24
// characters. A pure function of journaled facts; says whose order it is, never what it is for.

import { assert } from "../base/assert.ts";
import type { Brand } from "../base/brand.ts";

export type ClientOrderId = Brand<string, "ClientOrderId">;

/** What an id is made of. `tag` is 6 characters [0-9a-z], unique per account. */
export interface ClientOrderIdParts {
  readonly tag: string;
  readonly lineage: number;
  readonly seq: number;
  readonly index: number;
}

/** Lineage of orders no journal decides (RISK-23): no journal has it, so that none of its own ids is ever the same. */
export const DIRECT_LINEAGE = 36 ** 2 - 1;

const TAG = /^[0-9a-z]{6}$/;
const ID = /^o[0-9a-z]{23}$/;
const CHECK_MODULUS = 1291; // largest prime below 36²: one changed character is always noticed

/** Makes the id; the widths are asserted. */
export function makeClientOrderId(parts: ClientOrderIdParts): ClientOrderId {
  assert(TAG.test(parts.tag), () => `tag "${parts.tag}" is not six characters 0-9a-z`);
  const body = parts.tag + field(parts.lineage, 2) + field(parts.seq, 10) + field(parts.index, 3);
  return `o${body}${check(body)}` as ClientOrderId;
}

/** Parts of one of our ids, or null for a foreign one (wrong shape or check digits). */
export function parseClientOrderId(text: string): ClientOrderIdParts | null {
  if (!ID.test(text)) return null;
  const body = text.slice(1, 22);
  if (check(body) !== text.slice(22)) return null;
  return {
    tag: body.slice(0, 6),
    lineage: Number.parseInt(body.slice(6, 8), 36),
    seq: Number.parseInt(body.slice(8, 18), 36), // ten digits of base 36 are a safe integer
    index: Number.parseInt(body.slice(18), 36),
  };
}

/** A text the exchange gave back, taken as an id without judging whose it is. */
export const foreignOrderId = (text: string): ClientOrderId => text as ClientOrderId;

function field(value: number, width: number): string {
  assert(Number.isSafeInteger(value) && value >= 0, () => `${value} is not a natural number`);
  const text = value.toString(36);
  assert(text.length <= width, () => `${value} does not fit ${width} digits of base 36`);
  return text.padStart(width, "0");
}

function check(body: string): string {
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) sum = (sum * 37 + digit(body.charCodeAt(i))) % CHECK_MODULUS;
  return sum.toString(36).padStart(2, "0");
}

const digit = (code: number): number => (code <= 57 ? code - 47 : code - 86);
