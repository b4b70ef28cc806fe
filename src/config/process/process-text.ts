// Plain values → the text of a configuration file, for a child that is given its own.

import { stringify } from "yaml";
import { isSection } from "../problem-desk.ts";
import { escaped } from "./draft.ts";
import type { PlainSection } from "./shapes.ts";

/** YAML of the values with `changes` laid over them, section by section; reading it expands nothing twice. */
export function processText(values: PlainSection, changes: PlainSection = {}): string {
  return stringify(escaped(merged(values, changes)), { lineWidth: 110 });
}

function merged(values: PlainSection, changes: PlainSection): PlainSection {
  const result: { [key: string]: unknown } = { ...values };
  for (const [key, value] of Object.entries(changes)) {
    const before = result[key];
    result[key] = isSection(before) && isSection(value) ? merged(before, value) : value;
  }
  return result;
}
