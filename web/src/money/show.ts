// How values look: money with its sign, times, ages, durations. Pure text, exact to the digits shown.

import { digitsOf, isDecimal, magnitude, rounded, shareBps, signOf } from "./exact.ts";

const MINUS = "\u2212";
export const UNKNOWN = "–";

/** Thousands apart from five digits on: 42150.50, 1,250,000.00. */
function grouped(text: string): string {
  const [whole = "", part] = text.split(".");
  const spaced = whole.length < 6 ? whole : whole.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? spaced : `${spaced}.${part}`;
}

/** A price or a quantity as it was sent. */
export const plain = (text: string): string =>
  isDecimal(text) ? `${text.startsWith("-") ? MINUS : ""}${grouped(magnitude(text))}` : UNKNOWN;

const TELLING_DIGITS = 2;

/**
 * Rounded for reading. Where `digits` would leave nothing of it, or nearly, two digits that say something stay: 0.0049
 * of a coin may be worth hundreds, and must not read as 0.00.
 */
export function readable(text: string, digits: number): string {
  if (!isDecimal(text)) return text;
  const [, zeros] = /^-?0*\.(0*)[1-9]/.exec(text) ?? [];
  const telling = zeros === undefined ? 0 : Math.min(digitsOf(text), zeros.length + TELLING_DIGITS);
  return rounded(text, Math.max(digits, telling));
}

/** Money or a position with its sign always written; `digits` rounds for reading, the exact value goes into the title. */
export function signed(text: string, digits?: number): string {
  if (!isDecimal(text)) return UNKNOWN;
  const value = digits === undefined ? text : readable(text, digits);
  const sign = signOf(value);
  return `${sign < 0 ? MINUS : sign > 0 ? "+" : ""}${grouped(magnitude(value))}`;
}

/** Basis points as per cent: 1234 → 12.34 %. */
export function percent(bps: number): string {
  const text = Math.abs(Math.round(bps)).toString().padStart(3, "0");
  return `${bps < 0 ? MINUS : ""}${text.slice(0, -2)}.${text.slice(-2)} %`;
}

/** A share of 1 as per cent: 0.91 → 91.00 %. */
export function shareText(share: string): string {
  const bps = shareBps(share, "1");
  return bps === null ? UNKNOWN : percent(bps);
}

/** An age or a time span in one unit: 340 ms, 12 s, 4 min, 3 h, 2 d. */
export function span(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 120_000) return `${Math.floor(value / 1000)} s`;
  if (value < 7_200_000) return `${Math.floor(value / 60_000)} min`;
  if (value < 172_800_000) return `${Math.floor(value / 3_600_000)} h`;
  return `${Math.floor(value / 86_400_000)} d`;
}

/** Bytes in binary units. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 ** 2).toFixed(1)} MiB`;
}

const two = (value: number): string => value.toString().padStart(2, "0");

/** 14:03:27, local or UTC. */
export function clock(ms: number, utc: boolean): string {
  if (ms <= 0) return UNKNOWN;
  const at = new Date(ms);
  return utc
    ? `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
    : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** 14:03:27 of today, 11-21 14:03:27 of any other day: yesterday's must not be read as today's. */
export function moment(ms: number, { utc, nowMs }: { readonly utc: boolean; readonly nowMs: number }): string {
  const [day = "", today = ""] = [ms, nowMs].map((at) => dayAndTime(at, utc).slice(0, 5));
  return day === today || ms <= 0 ? clock(ms, utc) : `${day} ${clock(ms, utc)}`;
}

/** 11-21 14:03, local or UTC. */
export function dayAndTime(ms: number, utc: boolean): string {
  if (ms <= 0) return UNKNOWN;
  const at = new Date(ms);
  const day = utc
    ? `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`
    : `${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${clock(ms, utc).slice(0, 5)}`;
}
