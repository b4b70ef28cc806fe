// Which keys of a configuration changed, and of which class (OPS-09): what may happen while the bot runs.

import { encodeCanonical } from "../../base/canonical.ts";
import type { GridConfig } from "./config.ts";
import { type ChangeClass, GRID_KEYS } from "./keys.ts";

export interface ChangedKey {
  /** Field of the configuration, as the owner of the keys calls it ("trend" for all of trend.*). */
  readonly key: string;
  readonly change: ChangeClass;
}

/** Keys whose values differ, in the order of the table. The bounds belong to the lattice when gridCount is used. */
export function changedKeys(before: GridConfig, after: GridConfig): readonly ChangedKey[] {
  const counted = before.gridCount !== null || after.gridCount !== null;
  const changed = new Map<string, ChangeClass>();
  for (const { field, change, key } of GRID_KEYS) {
    if (encodeCanonical(before[field]) === encodeCanonical(after[field])) continue;
    const bound = field === "rangeLow" || field === "rangeHigh";
    changed.set(key.split(".")[0] ?? key, bound && counted ? "drain" : change);
  }
  return [...changed].map(([key, change]) => ({ key, change }));
}

/** A journaled strategy configuration as the grid's own, or null when it is something else. */
export function asGridConfig(value: unknown): GridConfig | null {
  if (typeof value !== "object" || value === null) return null;
  for (const { field } of GRID_KEYS) if (!(field in value)) return null;
  return value as GridConfig;
}
