// How messages speak of a key of the grid: what it may be, and which one was probably meant. Decides nothing.

import { GRID_KEYS, type GridKey } from "./keys.ts";

/** Range and unit of a key as messages and documentation print it. */
export function expectedText(key: GridKey): string {
  const unit = key.unit === "" ? "" : ` ${key.unit}`;
  switch (key.type) {
    case "bool":
      return "true or false";
    case "enum":
      return key.values.join(", ");
    case "price":
      return `${key.values.length > 0 ? `${key.values.join(", ")} or ` : ""}a quoted price on the tick`;
    case "int":
      return `${key.low}–${key.high}${unit}`;
    case "decimal":
      return key.high === null ? `a quoted decimal above 0${unit}` : `"${key.low}"–"${key.high}"${unit}`;
  }
}

/** The known key with the fewest edits from `name`. */
export function nearestKey(name: string): string {
  let best = "";
  let least = Number.MAX_SAFE_INTEGER;
  for (const { key } of GRID_KEYS) {
    const edits = editDistance(name.toLowerCase(), key.toLowerCase());
    if (edits < least) {
      least = edits;
      best = key;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
