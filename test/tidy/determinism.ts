// Pure folders decide the same thing twice: no clock, no chance, no waiting, nothing that depends on the machine.

import { PURE } from "./layers.ts";
import { patternRule, type Rule } from "./rule.ts";

/** Names through which the world reaches a program. */
const WORLD: readonly string[] = [
  "Date\\b",
  "performance\\.",
  "Math\\.random",
  "process\\.",
  "console\\.",
  "globalThis\\b",
  "setTimeout\\b",
  "setInterval\\b",
  "setImmediate\\b",
  "queueMicrotask\\b",
  "fetch\\(",
];

export const determinismRules: readonly Rule[] = [
  patternRule({
    id: "determinism/world",
    fix: "time, chance and the world come in as events or ports (base/clock.ts, base/prng.ts)",
    pattern: new RegExp(`(?<!\\.)\\b(?:${WORLD.join("|")})`),
    files: (tree) => tree.production(...PURE),
  }),
  patternRule({
    id: "determinism/async",
    fix: "pure code is synchronous: return an effect and take the outcome as an event",
    pattern: /\basync\b|\bawait\b|\bPromise\b/,
    files: (tree) => tree.production(...PURE),
  }),
  patternRule({
    id: "determinism/locale",
    fix: "the machine's language must not reach a decision: compare by code unit, print by hand",
    pattern: /\.toLocale\w+\(|\blocaleCompare\(|\bIntl\./,
    files: (tree) => tree.production(...PURE),
  }),
  patternRule({
    id: "determinism/order",
    fix: "iterate over an array, a Map or sorted keys; for … in has no order to rely on, and what the collector does is chance",
    pattern: /\bfor\s*\(\s*(?:const|let)\s+\w+\s+in\b|\bnew (?:WeakRef|FinalizationRegistry)\b/,
    files: (tree) => tree.production(...PURE),
  }),
];
