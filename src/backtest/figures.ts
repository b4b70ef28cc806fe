// How figures of a report are written for people: tabular, signed, exact where they are money. Pure. A figure that is
// not known prints n/a.

import { formatDecimal, parseDecimal } from "../base/decimal.ts";
import { bigNearestDiv } from "../base/integer.ts";

export const NOT_AVAILABLE = "n/a";
/** A real minus, as wide as a plus: columns of signed figures line up. */
const MINUS = "−";

/** Exact decimal text → text with `digits` after the point (nearest, ties away from 0) and thousands apart. */
export function decimalText(text: string | null, digits: number): string {
  if (text === null) return NOT_AVAILABLE;
  const parsed = parseDecimal(text);
  if (!parsed.ok) return text;
  const { digits: units, scale } = parsed.value;
  const rounded =
    scale > digits ? bigNearestDiv(units, 10n ** BigInt(scale - digits)) : units * 10n ** BigInt(digits - scale);
  const plain = formatDecimal(rounded, digits, digits);
  return group(plain);
}

/** As {@link decimalText}, with the sign always written; 0 has none. */
export function signedText(text: string | null, digits: number): string {
  const plain = decimalText(text, digits);
  return plain === NOT_AVAILABLE || plain.startsWith(MINUS) || /^[0.,]+$/.test(plain) ? plain : `+${plain}`;
}

/** A number that is an opinion (a ratio, a mean) with `digits` after the point. */
export function numberText(value: number | null, digits: number): string {
  if (value === null || !Number.isFinite(value)) return NOT_AVAILABLE;
  const text = group(value.toFixed(digits));
  return /^−[0.,]+$/.test(text) ? text.slice(1) : text;
}

/** As {@link numberText}, with the sign always written; 0 has none. */
export function signedNumber(value: number | null, digits: number): string {
  const text = numberText(value, digits);
  return text === NOT_AVAILABLE || text.startsWith(MINUS) || /^[0.,]+$/.test(text) ? text : `+${text}`;
}

/** 0.0123 → "1.23 %". */
export const percentText = (value: number | null, digits = 2): string =>
  value === null ? NOT_AVAILABLE : `${numberText(value * 100, digits)} %`;

/** 0.0123 → "+1.23 %". */
export const signedPercent = (value: number | null, digits = 2): string =>
  value === null ? NOT_AVAILABLE : `${signedNumber(value * 100, digits)} %`;

/** Whole number with thousands apart. */
export const countText = (value: number): string => group(String(value));

/** A span of time in its two largest units: "3 d 4 h", "12 min 5 s", "1.3 s", "40 ms". */
export function durationText(us: number | null): string {
  if (us === null || !Number.isFinite(us)) return NOT_AVAILABLE;
  if (us < 0) return `${MINUS}${durationText(-us)}`;
  if (us < 1_000_000) return `${Math.round(us / 1000)} ms`;
  if (us < 60_000_000) return `${(us / 1_000_000).toFixed(1)} s`;
  const seconds = Math.round(us / 1_000_000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60),
  ];
  if (days > 0) return `${countText(days)} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return `${minutes} min ${seconds % 60} s`;
}

/** "2024-08-09 00:00:00" in UTC; with milliseconds on request. */
export function utcText(us: number, withMs = false): string {
  const iso = new Date(us / 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, withMs ? 23 : 19)}`;
}

/** The first letter large: a name at the start of a line. */
export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A hash short enough to compare by eye. */
export const shortHash = (hash: string): string => (hash.length > 16 ? hash.slice(0, 12) : hash);

function group(plain: string): string {
  const negative = plain.startsWith("-");
  const [whole = "", fraction] = (negative ? plain.slice(1) : plain).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${negative ? MINUS : ""}${grouped}${fraction === undefined ? "" : `.${fraction}`}`;
}
