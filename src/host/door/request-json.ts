// A request in the proto's JSON form, read strictly: unknown fields, wrong types and a field given twice are refused,
// where the generated reader would turn them into text. Nothing is guessed on the way to an order.

import { invalidField } from "../../rpc/refusal.ts";

/** What of a generated message type is needed. */
export interface RequestType<T> {
  fromJSON(object: unknown): T;
  fromPartial(object: Record<never, never>): T;
}

/** Reads a parsed body. Throws INVALID_ARGUMENT naming the field. */
export function requestFrom<T>(type: RequestType<T>, body: unknown): T {
  if (!isPlain(body)) throw invalidField("body", "must be one JSON object");
  const defaults: unknown = type.fromPartial({});
  const known = new Map(Object.entries(isPlain(defaults) ? defaults : {}));
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const key = name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (!known.has(key)) throw invalidField(name.slice(0, 60), `is no field of this call; there are ${namesOf(known)}`);
    if (Object.hasOwn(clean, key)) throw invalidField(name.slice(0, 60), "is given twice");
    if (value === null) continue; // the proto's JSON: as if not given
    checkType(name, known.get(key), value);
    clean[key] = value;
  }
  return type.fromJSON(clean);
}

function checkType(name: string, fallback: unknown, value: unknown): void {
  if (typeof fallback === "string" && typeof value !== "string") throw invalidField(name, "must be text");
  if (typeof fallback === "boolean" && typeof value !== "boolean") throw invalidField(name, "must be true or false");
  if (typeof fallback === "number" && typeof value !== "string" && !Number.isSafeInteger(value)) {
    throw invalidField(name, "must be a whole number or a name");
  }
  if (typeof fallback !== "object" || fallback === null) return;
  if (!isPlain(value)) throw invalidField(name, "must be an object of texts");
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") throw invalidField(`${name}.${key.slice(0, 60)}`, "must be text");
  }
}

const namesOf = (known: ReadonlyMap<string, unknown>): string => [...known.keys()].join(", ");

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
