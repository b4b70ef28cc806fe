// Judges one message (TEST-28): a value or a typed error; no other throw, no unsafe number, no polluted prototype, not
// longer than 100 ms by the median of several tries, and no more memory than twenty times the message.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { BrokenLaw, type Decoder, type FuzzTarget } from "./target.ts";

/** TEST-28. */
export const CALL_MS_MAX = 100;
const MEMORY_FACTOR = 20;
/** What a decoder may use for whatever message: caches that fill, code that is compiled. */
const MEMORY_FREE = 4 * 1024 * 1024;
/** Below this a message is no measure of memory. */
export const MEMORY_FROM_BYTES = 16 * 1024;
const TRIES = 5;

export interface Objection {
  readonly law: "throws" | "number" | "prototype" | "slow" | "memory" | "broken";
  readonly text: string;
}

/** Null: as it must be. */
export async function judge(target: FuzzTarget, decoder: Decoder, bytes: Uint8Array): Promise<Objection | null> {
  const startedMs = performance.now();
  const found = await judgeOnce(target, decoder, bytes);
  const tookMs = performance.now() - startedMs;
  const mostMs = CALL_MS_MAX * (target.calls ?? 1);
  if (found !== null || tookMs <= mostMs) return found;
  // one slow call is the machine's; a slow median is the decoder's
  const times: number[] = [];
  for (let i = 0; i < TRIES; i += 1) times.push(await timed(decoder, bytes));
  const medianMs = times.toSorted((a, b) => a - b)[Math.floor(TRIES / 2)] ?? 0;
  if (medianMs <= mostMs) return null;
  return { law: "slow", text: `${Math.round(medianMs)} ms for ${bytes.length} bytes, the median of ${TRIES}` };
}

async function judgeOnce(target: FuzzTarget, decoder: Decoder, bytes: Uint8Array): Promise<Objection | null> {
  try {
    const value = await decoder.read(bytes);
    return pollution() ?? strangeIn(value);
  } catch (error) {
    if (error instanceof BrokenLaw) return { law: "broken", text: error.message };
    if (!target.isTyped(error)) return { law: "throws", text: said(error) };
    return pollution();
  }
}

async function timed(decoder: Decoder, bytes: Uint8Array): Promise<number> {
  // time of this process alone: the machine may be busy with others
  const before = process.threadCpuUsage();
  await quietly(decoder, bytes);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** For measuring alone: what it gives is judged elsewhere. */
async function quietly(decoder: Decoder, bytes: Uint8Array): Promise<unknown> {
  try {
    return await decoder.read(bytes);
  } catch (error) {
    return error;
  }
}

/**
 * Memory that is kept by what one call gives and leaves behind, by the least of several tries; null: within its
 * bounds. Rubbish that the collector takes is not counted.
 */
export async function judgeMemory(decoder: Decoder, bytes: Uint8Array): Promise<Objection | null> {
  const most = bytes.length * MEMORY_FACTOR + MEMORY_FREE;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && least > most; i += 1) {
    collect();
    const before = process.memoryUsage();
    const value = await quietly(decoder, bytes);
    collect();
    const after = process.memoryUsage();
    if (value === collect) break; // it is held until here
    least = Math.min(least, after.heapUsed + after.external - before.heapUsed - before.external);
  }
  if (least <= most) return null;
  const times = Math.round(least / bytes.length);
  return { law: "memory", text: `${least} bytes for a message of ${bytes.length}: ${times} times` };
}

let collectNow: (() => void) | null = null;

/** A whole collection, whatever flags the process was started with. */
export function collect(): void {
  if (collectNow === null) {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    collectNow = typeof found === "function" ? () => void Reflect.apply(found, undefined, []) : () => undefined;
  }
  collectNow();
}

const NAMED: readonly (readonly [name: string, prototype: object])[] = [
  ["Object", Object.prototype],
  ["Array", Array.prototype],
  ["String", String.prototype],
  ["Number", Number.prototype],
  ["Function", Function.prototype],
  ["Map", Map.prototype],
];
const PROTOTYPES = NAMED.map(([name, prototype]) => {
  return { name, prototype, own: new Set(Object.getOwnPropertyNames(prototype)) };
});

function pollution(): Objection | null {
  for (const { name, prototype, own } of PROTOTYPES) {
    for (const key of Object.getOwnPropertyNames(prototype)) {
      if (own.has(key)) continue;
      Reflect.deleteProperty(prototype, key);
      return { law: "prototype", text: `${name}.prototype got "${key}"` };
    }
  }
  return null;
}

/** Values looked at in one answer. */
const LOOKED_AT_MAX = 20_000;

/** An unsafe number or a foreign prototype anywhere in an answer. */
function strangeIn(answer: unknown): Objection | null {
  const waiting: unknown[] = [answer];
  const seen = new Set<object>();
  for (let looked = 0; waiting.length > 0 && looked < LOOKED_AT_MAX; looked += 1) {
    const value = waiting.pop();
    if (typeof value === "number" && !isSafe(value)) return { law: "number", text: `${value} in the answer` };
    if (typeof value !== "object" || value === null || seen.has(value) || ArrayBuffer.isView(value)) continue;
    seen.add(value);
    if (Object.hasOwn(value, "polluted") === false && "polluted" in value) {
      return { law: "prototype", text: "a value of the answer has a prototype out of the message" };
    }
    if (value instanceof Map) waiting.push(...value.keys(), ...value.values());
    else if (value instanceof Set) waiting.push(...value);
    else waiting.push(...Object.values(value));
  }
  return null;
}

const isSafe = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

const said = (error: unknown): string => {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const [first = "", ...rest] = (error.stack ?? error.message).split("\n");
  const place = rest.find((line) => line.includes("/src/")) ?? rest[0] ?? "";
  return `${first.slice(0, 300)} ${place.trim().replace(/^.*\/(src\/.*)$/, "at $1")}`.trim();
};
