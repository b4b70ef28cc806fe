// Unix milliseconds as UTC text, without a Date: pure code writes times into its sentences too.

import { floorDiv } from "./integer.ts";

const DAY_MS = 86_400_000;

/** `2026-01-31T23:59:58.123Z`; the milliseconds are left out when they are 0. */
export function isoTime(atMs: number): string {
  const days = floorDiv(atMs, DAY_MS);
  const inDay = atMs - days * DAY_MS;
  const { year, month, day } = civil(days);
  const ms = inDay % 1000;
  const seconds = (inDay - ms) / 1000;
  const clock = `${pad(floorDiv(seconds, 3600))}:${pad(floorDiv(seconds, 60) % 60)}:${pad(seconds % 60)}`;
  const fraction = ms === 0 ? "" : `.${String(ms).padStart(3, "0")}`;
  return `${String(year).padStart(4, "0")}-${pad(month)}-${pad(day)}T${clock}${fraction}Z`;
}

const pad = (value: number): string => String(value).padStart(2, "0");

/** Gregorian date of a day number since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms"). */
function civil(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468; // days since 0000-03-01
  const era = floorDiv(shifted, 146_097);
  const ofEra = shifted - era * 146_097;
  const leapless = ofEra - floorDiv(ofEra, 1460) + floorDiv(ofEra, 36_524) - floorDiv(ofEra, 146_096);
  const yearOfEra = floorDiv(leapless, 365);
  const ofYear = ofEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  const marchMonth = floorDiv(5 * ofYear + 2, 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - floorDiv(153 * marchMonth + 2, 5) + 1,
  };
}
