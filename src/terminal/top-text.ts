// Figures, ages and the connection of `opensqt top` as text: decimals stay text and are compared exactly.

import { decimalText, signedText } from "../backtest/figures.ts";
import { parseDecimal } from "../base/decimal.ts";
import type { Connection, TopBot, TopSnapshot } from "./top-model.ts";

export function connectionWords(connection: Connection): string {
  switch (connection.state) {
    case "connecting":
      return "connecting";
    case "connected":
      return connection.ageMs > 5000 ? `silent for ${ageText(connection.ageMs)}` : "connected";
    case "lost": {
      const age = connection.ageMs === null ? "never connected" : `data ${ageText(connection.ageMs)} old`;
      return `DISCONNECTED, ${age}, next try in ${ageText(connection.nextTryMs)}`;
    }
  }
}

/** With as many digits as the ladder's prices have. */
export function priceText({ slots, bot }: TopSnapshot, price: string | null): string {
  if (price === null) return "";
  const known = slots.slice(0, 8).map(({ entry }) => entry ?? "");
  const digits = Math.max(0, ...[...known, ...(known.length === 0 ? [bot?.price ?? ""] : [])].map(digitsOf));
  return decimalText(price, digits);
}

const digitsOf = (text: string): number => text.split(".")[1]?.length ?? 0;
export const positionText = ({ position, symbol }: TopBot): string =>
  signOf(position) === 0 ? "flat" : `${signedText(position, digitsOf(position ?? ""))} ${symbol.split("/")[0] ?? ""}`;

export function signOf(text: string | null): number {
  const parsed = parseDecimal(text ?? "0");
  if (!parsed.ok || parsed.value.digits === 0n) return 0;
  return parsed.value.digits > 0n ? 1 : -1;
}

/** Order of two decimals; what is none comes last. */
export function compare(a: string | null, b: string): number {
  const [left, right] = [parseDecimal(a ?? ""), parseDecimal(b)];
  if (!left.ok || !right.ok) return left.ok ? 1 : -1;
  const scale = Math.max(left.value.scale, right.value.scale);
  const of = ({ digits, scale: own }: { digits: bigint; scale: number }): bigint => digits * 10n ** BigInt(scale - own);
  const difference = of(left.value) - of(right.value);
  return difference === 0n ? 0 : difference > 0n ? 1 : -1;
}

export function ageText(ms: number): string {
  if (ms < 1000) return "under 1 s";
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}
