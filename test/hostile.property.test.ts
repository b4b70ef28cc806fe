// A stranger with an operator's key walks over the whole API and says everything that is wrong. Each call is answered
// with one of the documented statuses and the reason, leaves no trace, and the servers go on. A failure prints the
// method, the field and the seed; OPENSQT_PROPERTY_RUNS makes the hunt longer, OPENSQT_PROPERTY_SEED repeats one.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { BatchPlaceOrdersResponse, PlaceOrderRequest } from "../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { baseOf } from "./hostile/bases.ts";
import { type Call, encoded, everyCall, poisons, type Value } from "./hostile/requests.ts";
import { type Heard, type HostileTown, startHostileTown } from "./hostile/town.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);
const SEED = Number(process.env["OPENSQT_PROPERTY_SEED"] ?? 20_261_121);

const CALLS = everyCall();

/** Of a call that is refused for what it says (api.md sections 1 and 6). */
const DOCUMENTED: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "UNIMPLEMENTED",
  "UNAVAILABLE",
  "DEADLINE_EXCEEDED",
]);

/** Why this answer is none the API may give; null when it may. */
function objection(call: Call, { refusal, domain }: Heard): string | null {
  if (refusal === null) return null;
  const { status, reason, outcome, message, violations } = refusal;
  const said = `${status} ${reason} ${message.slice(0, 200)}`;
  if (!DOCUMENTED.has(status)) return `an undocumented status: ${said}`;
  if (!/^[A-Z][A-Z0-9_]+$/.test(reason) || domain !== "opensqt") return `no ErrorInfo: ${said} (${domain})`;
  if (call.rule.mutates && outcome === null) return `a mutation without an outcome: ${said}`;
  const fields = call.input.fields.map(({ name }) => name);
  const strange = violations.find(({ field }) => !fields.some((name) => field.includes(name)));
  return strange === undefined ? null : `a field nobody sent: ${strange.field}: ${said}`;
}

const placesOf = (town: HostileTown, { service }: Call) =>
  service === "ExchangeService" ? town.connector : town.engine;

test("API-02 API-04 API-06 API-11 API-13 API-22 each field of each call wrong by itself: refused by name, without a trace", async (t) => {
  const town = await startHostileTown(t);
  const before = town.trace();
  const problems: string[] = [];
  let asked = 0;
  for (const call of CALLS) {
    const name = `${call.service}/${call.name}`;
    const base = baseOf(name, placesOf(town, call));
    for (const field of call.input.fields) {
      for (const { what, value, unknown = false } of poisons(field)) {
        asked += 1;
        const heard = await town.ask(call, encoded(call.input, { ...base, [field.name]: value }));
        const words = `${name} ${field.name}: ${what} ${String(JSON.stringify(value, bigints)).slice(0, 40)}`;
        const wrong = objection(call, heard) ?? unnamed(heard, field.name);
        if (wrong !== null) problems.push(`${words} → ${wrong}`);
        else if (heard.refusal === null && !(unknown && mayBeEmpty(call, field.name))) {
          problems.push(`${words} → was answered`);
        }
      }
    }
  }
  assert.deepEqual(problems, []);
  assert.equal(town.trace(), before);
  assert.deepEqual(town.faults(), []);
  assert.ok(asked > 1_000, `${asked}`);
});

/** Nothing fits a name nobody has: an empty list says so. */
const mayBeEmpty = ({ rule }: Call, field: string): boolean => !rule.mutates && field !== "exchange";

const bigints = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** With one field wrong, INVALID_ARGUMENT says which; what cannot be decoded has no fields yet. */
function unnamed({ refusal }: Heard, field: string): string | null {
  if (refusal?.status !== "INVALID_ARGUMENT" || refusal.message.startsWith("the request cannot be read")) return null;
  const named = refusal.violations.map((each) => each.field);
  return named.some((each) => each.includes(field))
    ? null
    : `names [${named.join()}]: ${refusal.message.slice(0, 150)}`;
}

interface Request {
  readonly call: Call;
  readonly wrong: readonly (readonly [field: string, value: Value])[];
}

const request: fc.Arbitrary<Request> = fc.constantFrom(...CALLS).chain((call): fc.Arbitrary<Request> => {
  const fields = call.input.fields.flatMap((field) => {
    const bad = poisons(field).flatMap(({ value, unknown }) => (unknown === true ? [] : [value]));
    return bad.length === 0 ? [] : [fc.constantFrom(...bad).map((value): [string, Value] => [field.name, value])];
  });
  return fields.length === 0
    ? fc.constant({ call, wrong: [] })
    : fc
        .shuffledSubarray(fields, { minLength: 1 })
        .chain((some) => fc.tuple(...some).map((wrong) => ({ call, wrong })));
});

test("API-02 API-22 any fields wrong together, on a right request or on an empty one, are refused without a trace", async (t) => {
  const town = await startHostileTown(t);
  const before = town.trace();
  const property = fc.asyncProperty(request, fc.boolean(), async ({ call, wrong }, onBase) => {
    const base = onBase ? baseOf(`${call.service}/${call.name}`, placesOf(town, call)) : {};
    const heard = await town.ask(call, encoded(call.input, { ...base, ...Object.fromEntries(wrong) }));
    assert.equal(objection(call, heard), null, call.path);
    assert.ok(heard.refusal !== null || wrong.length === 0, `${call.path} was answered`);
    assert.equal(town.trace(), before, call.path);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
  assert.deepEqual(town.faults(), []);
});

test("API-13 API-22 each order of a batch is refused by itself, by the field's full name, with its outcome and without a trace", async (t) => {
  const town = await startHostileTown(t);
  const before = town.trace();
  const batch = CALLS.find(({ name }) => name === "BatchPlaceOrders") ?? assert.fail();
  const place = CALLS.find(({ name }) => name === "PlaceOrder") ?? assert.fail();
  const base = baseOf("ExchangeService/PlaceOrder", town.connector);
  const wrong = place.input.fields.flatMap((field) =>
    poisons(field).map(({ value }) => ({ field: field.name, order: { ...base, [field.name]: value } })),
  );
  const readable = wrong.filter(({ order }) => {
    const { error } = decoding(encoded(place.input, order));
    return error === null && encoded(place.input, order).length < 10_000;
  });
  for (let at = 0; at < readable.length; at += 50) {
    const part = readable.slice(at, at + 50);
    const { answer } = await town.ask(batch, encoded(batch.input, { orders: part.map(({ order }) => order) }));
    const { outcomes, allSuccess } = BatchPlaceOrdersResponse.decode(answer ?? assert.fail("the batch was refused"));
    assert.deepEqual([outcomes.length, allSuccess], [part.length, false]);
    for (const [n, { error }] of outcomes.entries()) {
      const { field = "" } = part[n] ?? {};
      assert.equal(error?.metadata["outcome"], "not_sent", `orders[${n}].${field}`);
      const named = error?.metadata["field"] ?? "";
      assert.ok(error?.reason !== "INVALID" || named === `orders[${n}].${field}`, `${named} for ${field}`);
    }
  }
  assert.ok(readable.length > 50);
  assert.equal(town.trace(), before);
});

function decoding(bytes: Uint8Array): { readonly error: unknown } {
  try {
    PlaceOrderRequest.decode(bytes);
    return { error: null };
  } catch (error) {
    return { error };
  }
}

test("API-02 API-10 whatever bytes come as a request, the answer is a documented one and the servers go on", async (t) => {
  const town = await startHostileTown(t);
  const before = town.trace();
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    // fields with numbers that exist, holding anything
    fc
      .tuple(
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(0, 1, 2, 5),
        fc.uint8Array({ minLength: 8, maxLength: 40 }),
      )
      .map(([number, type, rest]) =>
        Uint8Array.of((number << 3) | type, ...(type === 2 ? [rest.length] : []), ...rest),
      ),
  );
  const bytes = fc.array(piece, { maxLength: 6 }).map((pieces) => Buffer.concat(pieces));
  const property = fc.asyncProperty(fc.constantFrom(...CALLS), bytes, async (call, message) => {
    const heard = await town.ask(call, message);
    assert.equal(objection(call, heard), null, call.path);
    if (call.rule.mutates) assert.equal(town.trace(), before, call.path);
  });
  await fc.assert(property, { numRuns: RUNS * 2, seed: SEED });
  assert.deepEqual(town.faults(), []);
  const first = CALLS.filter(({ name }) => name === "GetName" || name === "ListBots");
  for (const call of first) assert.equal((await town.ask(call, new Uint8Array())).refusal, null);
});
