// The fault catalogue (emulator.md section 6) as one table: validation, the gates, docs/emulator-faults.md and the
// tests read it. What is not here cannot be injected.

import { ACT_ROWS } from "./act-rows.ts";
import { FRAME_ROWS } from "./frame-rows.ts";
import { INSIDE_ROWS } from "./inside-rows.ts";
import { REQUEST_ROWS } from "./request-rows.ts";
import type { CatalogueRow } from "./row.ts";

export const CATALOGUE = { ...REQUEST_ROWS, ...FRAME_ROWS, ...INSIDE_ROWS, ...ACT_ROWS } as const satisfies Readonly<
  Record<string, CatalogueRow>
>;

export type InsideFault = keyof typeof INSIDE_ROWS;
export type ActFault = keyof typeof ACT_ROWS;
export type WireFault = keyof typeof CATALOGUE;

export const FAULT_WORDS: readonly string[] = Object.keys(CATALOGUE);

export const isFault = (name: string): name is WireFault => Object.hasOwn(CATALOGUE, name);
export const isAct = (name: WireFault): name is ActFault => Object.hasOwn(ACT_ROWS, name);
export const rowOf = (name: WireFault): CatalogueRow => CATALOGUE[name];
