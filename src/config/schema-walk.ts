// Reads the schema back: which keys exist, what is known of them, which names a section has. Messages, nearest names
// and the documentation are made from this.

import { z } from "zod";
import { infoOf, type KeyInfo } from "./key.ts";

export interface KnownKey {
  /** Dotted. */
  readonly key: string;
  readonly info: KeyInfo;
}

/** Every key of a schema in its order. */
export function keysOf(schema: z.ZodType, prefix = ""): readonly KnownKey[] {
  const keys: KnownKey[] = [];
  for (const [name, type] of Object.entries(objectOf(schema)?.shape ?? {})) {
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const info = infoOf(type);
    if (info !== undefined) keys.push({ key, info });
    else keys.push(...keysOf(type, key));
  }
  return keys;
}

/** Names a section has, or null when the path is none. */
export function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] | null {
  let at: z.ZodType = schema;
  for (const name of path) {
    const next = objectOf(at)?.shape[String(name)];
    if (next === undefined) return null;
    at = next;
  }
  const section = objectOf(at);
  return section === null ? null : Object.keys(section.shape);
}

function objectOf(type: z.ZodType): { readonly shape: { readonly [name: string]: z.ZodType } } | null {
  if (type instanceof z.ZodObject) return type as z.ZodObject<Record<string, z.ZodType>>;
  if (type instanceof z.ZodPrefault) return objectOf(type.unwrap() as z.ZodType);
  return null;
}
