// Damage to the structure of a JSON text: swapped types, deep nesting, huge numbers, keys given twice, `__proto__`
// (TEST-27). It works on the text of values, so that what JSON.parse would tidy up is still there.

import type { Prng } from "../../src/base/prng.ts";

/** A place in a JSON text: of a value, and of the key before it where it has one. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly keyStart: number | null;
}

const VALUES = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "-1",
  "1.5",
  "1e308",
  "1e999",
  "-1e999",
  "9007199254740993",
  "123456789012345678901234567890",
  "0.00000000000000000000000000000001",
  '""',
  '"x"',
  '"-1"',
  '"NaN"',
  '"Infinity"',
  '"0x10"',
  '"1e400"',
  '"9999999999999999999999999999"',
  '"__proto__"',
  '"constructor"',
  '"\\u0000"',
  '"\\ud800"',
  "[]",
  "[[]]",
  "[null]",
  "{}",
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"toString":null,"length":-1}',
  '{"$n":"x"}',
  '{"$n":"12"}',
  '{"$m":[]}',
] as const;

const POLLUTION = [
  '"__proto__":{"polluted":1}',
  '"constructor":{"prototype":{"polluted":1}}',
  '"hasOwnProperty":1',
] as const;

/** Null where the text is no JSON. */
export function mutateJson(bytes: Uint8Array, dice: Prng, other: Uint8Array): Uint8Array | null {
  const text = Buffer.from(bytes).toString("utf8");
  const places = placesOf(text);
  const place = places[dice.integer(0, Math.max(0, places.length - 1))];
  if (place === undefined) return null;
  return Buffer.from(changed(text, place, dice, other), "utf8");
}

function changed(text: string, place: Place, dice: Prng, other: Uint8Array): string {
  const value = text.slice(place.start, place.end);
  const put = (instead: string): string => text.slice(0, place.start) + instead + text.slice(place.end);
  switch (dice.integer(0, 9)) {
    case 0:
    case 1:
    case 2:
      return put(dice.pick(VALUES));
    case 3:
      return put(retyped(value));
    case 4:
      return put(nested(value, dice));
    case 5:
      return put(dice.chance(0.5) ? `[${value},${value}]` : `{"a":${value}}`);
    case 6:
      // the key once more, with another value
      if (place.keyStart === null) return put(`[${value}]`);
      return put(`${value},${text.slice(place.keyStart, place.start)}${dice.pick(VALUES)}`);
    case 7:
      if (place.keyStart === null) return put(dice.pick(VALUES));
      return `${text.slice(0, place.keyStart)}${dice.pick(POLLUTION)},${text.slice(place.keyStart)}`;
    case 8:
      // without it
      if (place.keyStart === null) return put("");
      return tidied(text.slice(0, place.keyStart) + text.slice(place.end));
    default:
      return put(grafted(other, dice));
  }
}

/** Text as a number, a number as text. */
function retyped(value: string): string {
  if (/^"-?[\d.]+"$/.test(value)) return value.slice(1, -1);
  return value.startsWith('"') || value.startsWith("{") || value.startsWith("[") ? "7" : `"${value}"`;
}

function nested(value: string, dice: Prng): string {
  const depth = dice.pick([3, 40, 1_500, 8_000]);
  return dice.chance(0.5)
    ? "[".repeat(depth) + value + "]".repeat(depth)
    : '{"a":'.repeat(depth) + value + "}".repeat(depth);
}

function grafted(other: Uint8Array, dice: Prng): string {
  const text = Buffer.from(other).toString("utf8");
  const places = placesOf(text);
  const place = places[dice.integer(0, Math.max(0, places.length - 1))];
  return place === undefined ? "null" : text.slice(place.start, place.end);
}

const tidied = (text: string): string =>
  text
    .replace(/,\s*,/, ",")
    .replace(/([{[])\s*,/, "$1")
    .replace(/,\s*([}\]])/, "$1");

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
/** Values looked at in one text. */
const PLACES_MAX = 400;

/** Where the values of a JSON text stand; it need not be a whole one. */
function placesOf(text: string): readonly Place[] {
  const places: Place[] = [];
  const open: { readonly start: number; readonly keyStart: number | null }[] = [];
  let keyStart: number | null = null;
  let last: { readonly start: number; readonly end: number } | null = null;
  for (const match of text.matchAll(TOKEN)) {
    if (places.length > PLACES_MAX) break;
    const [token] = match;
    const start = match.index;
    const end = start + token.length;
    if (token === ":") {
      keyStart = last?.start ?? null;
      places.pop();
    } else if (token === "{" || token === "[") {
      open.push({ start, keyStart });
      keyStart = null;
    } else if (token === "}" || token === "]") {
      const began = open.pop();
      if (began !== undefined) places.push({ ...began, end });
      keyStart = null;
    } else if (token !== ",") {
      places.push({ start, end, keyStart });
      last = { start, end };
      keyStart = null;
    }
  }
  return places;
}
