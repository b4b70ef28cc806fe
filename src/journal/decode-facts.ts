// Facts of a recorded body: names and plain values, whatever the names are.

import { isCoreInteger } from "../base/integer.ts";
import type { Body } from "./body.ts";

export type Fact = string | number | boolean | null;

export function isFact(value: unknown): value is Fact {
  return value === null || typeof value === "string" || typeof value === "boolean" || isCoreInteger(value);
}

/** A name the canonical encoder can write again. */
export const free = (b: Body, name: string): string =>
  name.startsWith("$") ? b.refuse(name, "a name of a fact") : name;

/** Own property even where the name is "__proto__". */
export function put<T>(target: { [name: string]: T }, name: string, value: T): void {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
}

export function facts(b: Body): { readonly [name: string]: Fact } {
  const result: { [name: string]: Fact } = {};
  for (const [name, value] of b.entries()) put(result, free(b, name), isFact(value) ? value : b.refuse(name, "a fact"));
  return result;
}
