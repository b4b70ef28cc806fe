// Reads a schema back: which keys exist, what is known of them, which names a section has. Messages, nearest names and
// the documentation are made from this. An entry of a list is written `bots[].id`.

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
    const entry = entryOf(type);
    const entryInfo = entry === null ? undefined : infoOf(entry);
    if (entryInfo !== undefined) keys.push({ key: `${key}[]`, info: entryInfo });
    if (entry !== null) keys.push(...keysOf(entry, `${key}[]`));
    else if (info === undefined) keys.push(...keysOf(type, key));
  }
  return keys;
}

/** Names a section has, or null when the path is none. */
export function namesAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] | null {
  let at: z.ZodType = schema;
  for (const name of path) {
    const next = typeof name === "number" || /^\d+$/.test(String(name)) ? entryOf(at) : null;
    const inner = next ?? objectOf(at)?.shape[String(name)];
    if (inner === undefined) return null;
    at = inner;
  }
  const section = objectOf(at);
  return section === null ? null : Object.keys(section.shape);
}

/** What is known of a schema's keys, asked for by their concrete names: `bots.0.id`. */
export class KnownKeys {
  readonly schema: z.ZodType;
  readonly all: ReadonlyMap<string, KeyInfo>;

  constructor(schema: z.ZodType) {
    this.schema = schema;
    this.all = new Map(keysOf(schema).map(({ key, info }) => [key, info]));
  }

  infoOf(key: string): KeyInfo | undefined {
    return this.all.get(generalKey(key));
  }

  namesAt(path: readonly PropertyKey[]): readonly string[] {
    return namesAt(this.schema, path) ?? [];
  }

  /** Where else a key of this name stands, for somebody who wrote it under `section`. */
  elsewhere(name: string, section: string): string | undefined {
    const far = PROCESSES.filter((process) => process !== section);
    return [...this.all.keys()].find(
      (known) => (known.endsWith(`.${name}`) || known === name) && !far.some((one) => known.startsWith(`${one}.`)),
    );
  }
}

/** Sections of whole processes: a slip elsewhere hardly meant a key in there. */
const PROCESSES = ["connector", "market-maker", "live-server"];

/** `bots.0.id` → `bots[].id`. */
const generalKey = (key: string): string => key.replaceAll(/\.\d+(?=\.|$)/g, "[]");

function objectOf(type: z.ZodType): { readonly shape: { readonly [name: string]: z.ZodType } } | null {
  if (type instanceof z.ZodObject) return type as z.ZodObject<Record<string, z.ZodType>>;
  const inner = unwrapped(type);
  return inner === null ? null : objectOf(inner);
}

function entryOf(type: z.ZodType): z.ZodType | null {
  if (type instanceof z.ZodArray) return type.element as z.ZodType;
  const inner = unwrapped(type);
  return inner === null ? null : entryOf(inner);
}

function unwrapped(type: z.ZodType): z.ZodType | null {
  if (type instanceof z.ZodPrefault || type instanceof z.ZodOptional || type instanceof z.ZodDefault) {
    return type.unwrap() as z.ZodType;
  }
  return null;
}
