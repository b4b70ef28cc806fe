// Writes canonical text (canonical.ts) as bytes into one buffer, used again and again: the state of a bot is
// megabytes of small objects, hashed every thousand events, and gluing so many strings costs more than all the rest.

import { assert, BugError } from "./assert.ts";
import { isCoreInteger } from "./integer.ts";

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const ZERO = 48;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const BILLION = 1_000_000_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

let bytes = new Uint8Array(1 << 16);
let at = 0;

/** Canonical text of a value. Nothing in here calls back, so one buffer is enough. */
export function canonicalText(value: unknown): string {
  at = 0;
  write(value);
  return decoder.decode(bytes.subarray(0, at));
}

/** Room for `count` more bytes. */
function reserve(count: number): void {
  if (at + count <= bytes.length) return;
  const larger = new Uint8Array(Math.max(2 * bytes.length, at + count));
  larger.set(bytes.subarray(0, at));
  bytes = larger;
}

function byte(code: number): void {
  if (at === bytes.length) reserve(1);
  bytes[at] = code;
  at += 1;
}

function write(value: unknown): void {
  switch (typeof value) {
    case "string":
      text(value);
      return;
    case "number":
      assert(isCoreInteger(value), () => `${value} is not a safe integer: money and counts are integers`);
      integer(value);
      return;
    case "boolean":
      ascii(value ? "true" : "false");
      return;
    case "bigint":
      ascii('{"$n":"');
      ascii(value.toString());
      ascii('"}');
      return;
    case "object":
      object(value);
      return;
    case "undefined":
    case "symbol":
    case "function":
      throw new BugError(`${typeof value} cannot be journaled`);
  }
}

function object(value: object | null): void {
  if (value === null) ascii("null");
  else if (Array.isArray(value)) list(value);
  else if (value instanceof Map) map(value);
  else fields(value);
}

function list(value: readonly unknown[]): void {
  byte(OPEN_LIST);
  // by index: `forEach` would step over a hole, and the text would not be JSON
  for (let i = 0; i < value.length; i += 1) {
    if (i > 0) byte(COMMA);
    write(value[i]);
  }
  byte(CLOSE_LIST);
}

function map(value: ReadonlyMap<unknown, unknown>): void {
  ascii('{"$m":[');
  let first = true;
  for (const [key, item] of value) {
    if (!first) byte(COMMA);
    first = false;
    byte(OPEN_LIST);
    write(key);
    byte(COMMA);
    write(item);
    byte(CLOSE_LIST);
  }
  ascii("]}");
}

function fields(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  assert(prototype === Object.prototype || prototype === null, "only plain objects can be journaled");
  const { keys, texts } = shapeOf(Object.keys(value));
  byte(OPEN_OBJECT);
  let first = true;
  for (let i = 0; i < keys.length; i += 1) {
    const item = (value as Record<string, unknown>)[keys[i] ?? ""];
    if (item === undefined) continue;
    if (!first) byte(COMMA);
    first = false;
    raw(texts[i] ?? NOTHING);
    write(item);
  }
  byte(CLOSE_OBJECT);
}

/** Text in quotes. Plain characters are copied; anything JSON would escape, or that is not ASCII, is left to JSON. */
function text(value: string): void {
  const { length } = value;
  reserve(length + 2);
  const target = bytes;
  let to = at;
  target[to] = QUOTE;
  to += 1;
  for (let i = 0; i < length; i += 1) {
    const code = value.charCodeAt(i);
    if (code < 32 || code > 126 || code === QUOTE || code === BACKSLASH) {
      raw(encoder.encode(JSON.stringify(value)));
      return;
    }
    target[to] = code;
    to += 1;
  }
  target[to] = QUOTE;
  at = to + 1;
}

function ascii(value: string): void {
  reserve(value.length);
  for (let i = 0; i < value.length; i += 1) bytes[at + i] = value.charCodeAt(i);
  at += value.length;
}

function raw(part: Uint8Array): void {
  const { length } = part;
  reserve(length);
  if (length > 64) bytes.set(part, at);
  else for (let i = 0; i < length; i += 1) bytes[at + i] = part[i] ?? 0;
  at += length;
}

/** A safe integer in decimal; above nine digits in two parts, because the processor divides small ones faster. */
function integer(value: number): void {
  let left = value;
  if (left < 0) {
    byte(MINUS);
    left = -left;
  }
  if (left < BILLION) {
    digits(left, digitsOf(left));
    return;
  }
  const high = Math.floor(left / BILLION);
  digits(high, digitsOf(high));
  digits(left - high * BILLION, 9);
}

function digitsOf(value: number): number {
  let count = 1;
  for (let limit = 10; value >= limit; limit *= 10) count += 1;
  return count;
}

function digits(value: number, count: number): void {
  reserve(count);
  let left = value | 0;
  for (let i = at + count - 1; i >= at; i -= 1) {
    const rest = (left / 10) | 0;
    bytes[i] = ZERO + left - rest * 10;
    left = rest;
  }
  at += count;
}

/** The keys of an object as they stand in it, in canonical order, and as bytes with their colon. */
interface Shape {
  readonly given: readonly string[];
  readonly keys: readonly string[];
  readonly texts: readonly Uint8Array[];
}

const NOTHING = new Uint8Array(0);

/** A state is thousands of objects of few shapes: each is sorted once. By first key; beyond the bounds, every time. */
const SHAPES = new Map<string, Shape[]>();
const FIRST_KEYS_MAX = 1_000;
const SHAPES_A_KEY_MAX = 8;

function shapeOf(given: readonly string[]): Shape {
  const first = given[0] ?? "";
  let known = SHAPES.get(first);
  if (known !== undefined) for (const shape of known) if (isSame(shape.given, given)) return shape;
  const shape = newShape(given);
  if (known === undefined && SHAPES.size < FIRST_KEYS_MAX) {
    known = [];
    SHAPES.set(first, known);
  }
  if (known !== undefined && known.length < SHAPES_A_KEY_MAX) known.push(shape);
  return shape;
}

function newShape(given: readonly string[]): Shape {
  for (const key of given) assert(!key.startsWith("$"), () => `key ${key} is reserved`);
  const keys = given.toSorted();
  return { given, keys, texts: keys.map((key) => encoder.encode(`${JSON.stringify(key)}:`)) };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
