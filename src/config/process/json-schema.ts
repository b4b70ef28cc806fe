// JSON Schema of each kind of file, from the definitions that read it (OPS-07). Editors use it.

import { z } from "zod";
import { isSection, type Section } from "../problem-desk.ts";
import type { ConfigKind } from "./kinds.ts";

/** Where the published schemas lie, as the editor's line names them. */
export const SCHEMA_FOLDER = "docs/schema";

export const schemaFile = (kind: string): string => `opensqt-${kind}.schema.json`;

export function jsonSchemaOf(kind: ConfigKind): unknown {
  const schema = z.toJSONSchema(kind.schema, { io: "input", target: "draft-2020-12" });
  const title = `OpenSQT: ${kind.name}`;
  const both = bothForms({ ...schema });
  const bots = kind.name === "up" ? { anyOf: [{ required: ["bot"] }, { required: ["bots"] }] } : {};
  return { $schema: schema.$schema, title, ...(isSection(both) ? both : {}), ...bots };
}

/** A bot may be written with `instruments: [one]` and `config:` as well, the form every strategy shares. */
function bothForms(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bothForms);
  if (!isSection(node)) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, bothForms(value)]));
  const { properties, required } = inner;
  if (!isSection(properties) || properties["grid"] === undefined || !Array.isArray(required)) return inner;
  return {
    ...inner,
    properties: { ...properties, instruments: listOf(properties["instrument"]), config: properties["grid"] },
    required: required.filter((key) => key !== "instrument" && key !== "grid"),
    allOf: [either("instrument", "instruments"), either("grid", "config")],
  };
}

const listOf = (entry: unknown): Section => ({ type: "array", items: entry, minItems: 1, maxItems: 1 });

const either = (...keys: readonly string[]): Section => ({ anyOf: keys.map((key) => ({ required: [key] })) });

export const jsonSchemaText = (kind: ConfigKind): string => `${JSON.stringify(jsonSchemaOf(kind), null, 2)}\n`;
