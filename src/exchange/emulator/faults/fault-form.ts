// Reads a fault from what somebody sent (EMU-28, EMU-35): every problem names the field, its value, and what was
// expected. Nothing that is misspelt is taken for "not given".

import { parseDecimal } from "../../../base/decimal.ts";
import { fail, ok, type Result } from "../../../base/result.ts";
import { FAULT_WORDS, isFault, rowOf } from "./catalogue.ts";
import type { FaultFilter, FaultSpec, Parameters, ParameterValue, SocketKind } from "./fault.ts";
import type { CatalogueRow, ParameterRule } from "./row.ts";

/** What is wrong with one field of a request; `value` as it was given. */
export interface FieldProblem {
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
}

/** Names the emulator knows, against which filters are checked. */
export interface KnownNames {
  readonly protocols: readonly string[];
  readonly accounts: readonly string[];
  readonly instruments: readonly string[];
}

type Read<T> = Result<T, FieldProblem>;

const FIELDS = ["name", "parameters", "filter", "after", "times", "probability", "atMs", "forMs"];
const FILTER_FIELDS = ["protocol", "route", "account", "instrument", "side", "clientOrderId", "socket"];
const SOCKETS: readonly SocketKind[] = ["http", "api", "user", "public"];
const SIDES = ["buy", "sell"] as const;

export const problem = (field: string, value: unknown, expected: string): Read<never> =>
  fail({ field, value, expected });

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One whole number within bounds. */
export function wholeIn(field: string, value: unknown, range: { readonly min: number; readonly max: number }) {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= range.min && value <= range.max) {
    return ok(value);
  }
  return problem(field, value, `a whole number from ${range.min} to ${range.max}`);
}

/** One of a list of words. */
export function oneOf<T extends string>(field: string, value: unknown, words: readonly T[]): Read<T> {
  const found = words.find((word) => word === value);
  return found === undefined ? problem(field, value, `one of ${words.join(", ")}`) : ok(found);
}

/** A fault as it is kept, or the first thing wrong with it. */
export function readFault(given: unknown, known: KnownNames): Read<FaultSpec> {
  if (!isRecord(given)) return problem("(body)", given, "an object with a name");
  const unknownField = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknownField !== undefined) return problem(unknownField, given[unknownField], `one of ${FIELDS.join(", ")}`);
  const name = given["name"];
  if (typeof name !== "string" || !isFault(name)) return problem("name", name, `one of ${FAULT_WORDS.join(", ")}`);
  const row = rowOf(name);
  const { onlyOn } = row;
  if (onlyOn !== null && !known.protocols.some((each) => onlyOn.some((exchange) => each.startsWith(exchange)))) {
    return problem("name", name, `a fault of ${known.protocols.join(" or ")}; this one is for ${onlyOn.join(", ")}`);
  }
  const parameters = readParameters(row, given["parameters"] ?? {});
  if (!parameters.ok) return parameters;
  const filter = readFilter(given["filter"] ?? {}, known);
  if (!filter.ok) return filter;
  const missing = row.needs.find((field) => filter.value[field] === undefined);
  if (missing !== undefined) return problem(`filter.${missing}`, undefined, `a name: ${name} must know which`);
  const timing = readTiming(given, row);
  if (!timing.ok) return timing;
  return ok({ name, parameters: parameters.value, filter: filter.value, ...timing.value });
}

type Timing = Pick<FaultSpec, "after" | "times" | "probability" | "atMs" | "forMs">;

function readTiming(given: Readonly<Record<string, unknown>>, row: CatalogueRow): Read<Timing> {
  const most = { min: 0, max: Number.MAX_SAFE_INTEGER };
  const after = wholeIn("after", given["after"] ?? 0, most);
  if (!after.ok) return after;
  const times = orNull(given["times"] === undefined ? row.times : given["times"], (value) =>
    wholeIn("times", value, { ...most, min: 1 }),
  );
  if (!times.ok) return times;
  const atMs = orNull(given["atMs"] ?? null, (value) => wholeIn("atMs", value, most));
  if (!atMs.ok) return atMs;
  const forMs = orNull(given["forMs"] ?? null, (value) => wholeIn("forMs", value, { ...most, min: 1 }));
  if (!forMs.ok) return forMs;
  const chance = given["probability"] ?? 1;
  if (typeof chance !== "number" || !(chance >= 0 && chance <= 1)) {
    return problem("probability", chance, "a number from 0 to 1");
  }
  return ok({
    after: after.value,
    times: times.value,
    probability: chance,
    atMs: atMs.value,
    forMs: forMs.value,
  });
}

const orNull = <T>(value: unknown, read: (value: unknown) => Read<T>): Read<T | null> =>
  value === null ? ok(null) : read(value);

function readParameters(row: CatalogueRow, given: unknown): Read<Parameters> {
  if (!isRecord(given)) return problem("parameters", given, "an object of parameters by name");
  const names = Object.keys(row.parameters);
  const unknownName = Object.keys(given).find((name) => !names.includes(name));
  if (unknownName !== undefined) {
    const expected = names.length === 0 ? "nothing: this fault has no parameters" : `one of ${names.join(", ")}`;
    return problem(`parameters.${unknownName}`, given[unknownName], expected);
  }
  const read: Record<string, ParameterValue> = {};
  for (const [name, rule] of Object.entries(row.parameters)) {
    const value = readParameter(`parameters.${name}`, rule, given[name]);
    if (!value.ok) return value;
    read[name] = value.value;
  }
  return ok(read);
}

function readParameter(field: string, rule: ParameterRule, given: unknown): Read<ParameterValue> {
  if (given === undefined || given === null) {
    return rule.unless === undefined ? problem(field, given, `${EXPECTED[rule.is]}: ${rule.means}`) : ok(rule.unless);
  }
  switch (rule.is) {
    case "whole":
      if (rule.among?.some((each) => each === given) === false) {
        return problem(field, given, `one of ${rule.among.join(", ")}`);
      }
      return wholeIn(field, given, rule);
    case "flag":
      return typeof given === "boolean" ? ok(given) : problem(field, given, EXPECTED.flag);
    case "text":
      return typeof given === "string" ? ok(given) : problem(field, given, EXPECTED.text);
    case "choice":
      return oneOf(field, given, rule.among);
    case "decimal":
      if (typeof given === "string" && parseDecimal(given).ok) return ok(given);
      return problem(field, given, EXPECTED.decimal);
    case "wholes": {
      const list: unknown[] = Array.isArray(given) ? given : [];
      const whole = list.filter((each) => typeof each === "number" && wholeIn(field, each, rule).ok);
      if (list.length > 0 && whole.length === list.length) return ok(whole as number[]);
      return problem(field, given, `a list of whole numbers from ${rule.min} to ${rule.max}`);
    }
  }
}

const EXPECTED: Readonly<Record<ParameterRule["is"], string>> = {
  whole: "a whole number",
  flag: "true or false",
  text: "a text",
  choice: "a word",
  wholes: "a list of whole numbers",
  decimal: 'a decimal number as a text, like "0.001"',
};

/** A filter alone: closing sockets and waiting take one too. */
export function readFilter(given: unknown, known: KnownNames): Read<FaultFilter> {
  if (!isRecord(given)) return problem("filter", given, "an object of fields and values");
  const words: Readonly<Record<string, readonly string[]>> = {
    protocol: known.protocols,
    account: known.accounts,
    instrument: known.instruments,
    side: SIDES,
    socket: SOCKETS,
  };
  for (const [field, value] of Object.entries(given)) {
    if (!FILTER_FIELDS.includes(field)) return problem(`filter.${field}`, value, `one of ${FILTER_FIELDS.join(", ")}`);
    const among = words[field];
    if (among === undefined) {
      if (typeof value !== "string" || value === "") return problem(`filter.${field}`, value, "a text, * for any");
    } else {
      const read = oneOf(`filter.${field}`, value, among);
      if (!read.ok) return read;
    }
  }
  return ok(given as FaultFilter);
}
