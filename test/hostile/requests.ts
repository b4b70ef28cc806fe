// Every method of every service from the descriptors, and requests to them made field by field on the wire: good
// ones, and with each field wrong in every way it can be.

import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  type DescMethod,
  fromBinary,
  ScalarType,
} from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "../../src/rpc/generated/descriptors.ts";
import { type CallRule, ruleOf } from "../../src/rpc/roles.ts";

/** A field's value before it is written: text, numbers (64 bits as bigint), messages and maps as objects, lists. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value };

export interface Call {
  readonly service: string;
  readonly name: string;
  readonly path: string;
  readonly rule: CallRule;
  readonly input: DescMessage;
  readonly streams: boolean;
}

const PACKAGE = "opensqt.market_maker.v1.";

export function everyCall(): readonly Call[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));
  const calls: Call[] = [];
  for (const each of registry) {
    if (each.kind !== "service" || !each.typeName.startsWith(PACKAGE)) continue;
    for (const method of each.methods) calls.push(callOf(each.name, each.typeName, method));
  }
  return calls;
}

function callOf(service: string, fullName: string, { name, input, methodKind }: DescMethod): Call {
  const path = `/${fullName}/${name}`;
  const rule = ruleOf(path);
  if (rule === null) throw new Error(`${path} is in no table of roles`);
  return { service, name, path, rule, input, streams: methodKind === "server_streaming" };
}

/** The message on the wire. A number where text belongs, and the like, cannot be said: the type of a field is its own. */
export function encoded(message: DescMessage, values: { readonly [name: string]: Value }): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of message.fields) {
    const value = values[field.name];
    if (value === undefined) continue;
    const all = Array.isArray(value) ? (value as readonly Value[]) : [value];
    if (field.fieldKind === "map") for (const entry of entriesOf(value)) writer.tag(field.number, 2).bytes(entry);
    else for (const each of all) writeOne(writer, field, each);
  }
  return writer.finish();
}

function entriesOf(value: Value): readonly Uint8Array[] {
  if (typeof value !== "object" || value instanceof Uint8Array || Array.isArray(value)) return [];
  return Object.entries(value).map(([key, text]) =>
    new BinaryWriter()
      .tag(1, 2)
      .string(key)
      .tag(2, 2)
      .string(typeof text === "string" ? text : "")
      .finish(),
  );
}

function writeOne(writer: BinaryWriter, field: DescField, value: Value): void {
  if (value instanceof Uint8Array) writer.tag(field.number, WireType.LengthDelimited).bytes(value);
  else if (typeof value === "string") writer.tag(field.number, WireType.LengthDelimited).string(value);
  else if (typeof value === "boolean") writer.tag(field.number, WireType.Varint).bool(value);
  else if (typeof value === "bigint") {
    const tagged = writer.tag(field.number, WireType.Varint);
    if (value < 0n) tagged.int64(value);
    else tagged.uint64(value);
  } else if (typeof value === "number") writer.tag(field.number, WireType.Varint).int32(value);
  else if (field.message !== undefined && !Array.isArray(value)) {
    const bytes = encoded(field.message, value as { readonly [name: string]: Value });
    writer.tag(field.number, WireType.LengthDelimited).bytes(bytes);
  }
}

export interface Poison {
  readonly what: string;
  readonly value: Value;
  /** Text that names nothing: a list that is asked for it may be empty. */
  readonly unknown?: boolean;
}

const asUnknown = (poison: Poison): Poison => ({ ...poison, unknown: true });
const LONG = "x".repeat(1_000_000);
const named = (what: string, values: readonly Value[]): readonly Poison[] => values.map((value) => ({ what, value }));

const BAD_TEXT = [...named("a megabyte", [LONG]), ...named("control characters", ["a\0b", "a\nb", "\u001b[2J"])];
/** Ids and names: what is none cannot be there. */
const BAD_NAME: readonly Poison[] = [
  ...BAD_TEXT,
  ...named("a path", ["../../etc/passwd", "/dev/null"]).map(asUnknown),
  ...named("a program", ["'; DROP TABLE record", "$(reboot)", "__proto__"]).map(asUnknown),
];
const BAD_DECIMAL = named(
  "no plain decimal",
  [
    "",
    "1e3",
    "1E-8",
    "NaN",
    "Infinity",
    "+1",
    "0x10",
    "1,5",
    ".5",
    "1.",
    "01",
    "9".repeat(39),
    LONG,
    "１",
    "--1",
    "1_0",
  ].map((text): Value => ({ value: text })),
);
const BAD_TIME = [
  ...named("seconds", [1_700_000_000n]),
  ...named("microseconds", [1_700_000_000_000_000n]),
  ...named("negative", [-1n, -1_700_000_000_000n]),
  ...named("beyond 2^53", [2n ** 63n - 1n, -(2n ** 63n)]),
];
const BAD_COUNT = named("no count", [-1, 2 ** 31 - 1, -(2 ** 31)]);
const BAD_LONG = named("beyond 2^53", [2n ** 63n - 1n, 2n ** 53n + 2n]);
const BAD_ENUM = named("no value of the enum", [77, -1, 2 ** 31 - 1]);

/** Text that is not a name: an engine's words for people, or a whole configuration. */
const FREE_TEXT: ReadonlySet<string> = new Set(["reason", "effect_id"]);

/** Beside what is wrong with any field of its kind: what is wrong with this one. */
const BAD_OF: Readonly<Record<string, readonly Poison[]>> = {
  price: named("off the tick, or none", [{ value: "59999.05" }, { value: "0" }, { value: "-1" }]),
  quantity: named("off the lot, or none", [{ value: "0.0051" }, { value: "0" }, { value: "-0.005" }]),
  orders: named("one more than a batch holds", [Array.from({ length: 51 }, () => ({}))]),
  client_order_ids: named("one more than a batch holds", [Array.from({ length: 51 }, (_, n) => `o${n}`)]),
  client_order_id: named("no id of ours", ["t1", "O1", "o".repeat(29)]),
  page_token: named("nobody's", ["AAAA", "eyJhbGciOiJub25lIn0"]),
  resume_token: named("nobody's", ["AAAA", Buffer.from("00000000:1:orders").toString("base64url")]),
  exchange: named("not served", ["nasdaq"]),
};

/** Every way in which this field is wrong whatever else the request says. */
export function poisons(field: DescField): readonly Poison[] {
  return [...poisonsOfKind(field), ...(BAD_OF[field.name] ?? [])];
}

function poisonsOfKind(field: DescField): readonly Poison[] {
  if (field.fieldKind === "map") {
    return named("a map nobody asked for", [{ __proto__x: "1", constructor: "1" }, { "a\0": LONG }]);
  }
  if (field.fieldKind === "enum") return BAD_ENUM;
  if (field.fieldKind === "message") return field.message.name === "Decimal" ? BAD_DECIMAL : [];
  if (field.fieldKind === "list") return listPoisons(field);
  if (field.scalar === ScalarType.STRING) return textPoisons(field.name);
  if (field.scalar === ScalarType.INT64)
    return field.name === "ttl_ms" || field.name === "step_ms" ? BAD_DURATION : BAD_TIME;
  if (field.scalar === ScalarType.UINT64) return BAD_LONG;
  return field.scalar === ScalarType.INT32 ? BAD_COUNT : [];
}

const BAD_DURATION = named("no duration", [-1n, -(2n ** 63n), 2n ** 63n - 1n]);

function textPoisons(name: string): readonly Poison[] {
  if (name === "config") return named("no configuration", [LONG, "{[", "a: &a [*a]", "\0"]);
  return FREE_TEXT.has(name) ? BAD_TEXT : BAD_NAME;
}

function listPoisons(field: DescField & { readonly fieldKind: "list" }): readonly Poison[] {
  if (field.listKind !== "scalar" || field.scalar !== ScalarType.STRING) {
    return named("more than any list may hold", [Array.from({ length: 5_001 }, () => ({}))]);
  }
  return [
    ...BAD_NAME.map((poison) => ({ ...poison, value: [poison.value] })),
    ...named("an empty element", [[""]]),
    ...named("more than any list may hold", [Array.from({ length: 5_001 }, () => "A/B")]),
  ];
}
