// Laws of the journal's codec: what goes in comes out, the bytes are canonical, and rubbish is a typed error.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEffect, EFFECTS } from "../../test/arbitraries/effect.ts";
import { anyEvent, EVENTS } from "../../test/arbitraries/event.ts";
import { runs } from "../../test/arbitraries/values.ts";
import { encodeCanonical } from "../base/canonical.ts";
import type { Effect, EffectKind } from "../trading/effect.ts";
import type { EngineEvent, EventKind } from "../trading/event.ts";
import {
  clientOrderIdOf,
  decodeEffect,
  decodeEvent,
  decodeMark,
  effectBody,
  eventBody,
  type RecordToDecode,
  stateMarkBody,
  versionOf,
} from "./codec.ts";
import { JournalError } from "./errors.ts";

const recordOfEvent = (event: EngineEvent): RecordToDecode => ({
  position: 1,
  type: "event",
  kind: event.kind,
  version: versionOf("event", event.kind),
  atMs: event.atMs,
  clientOrderId: null,
  body: eventBody(event),
});

const recordOfEffect = (effect: Effect): RecordToDecode => ({
  position: 1,
  type: "effect",
  kind: effect.kind,
  version: versionOf("effect", effect.kind),
  atMs: 1,
  clientOrderId: clientOrderIdOf(effect),
  body: effectBody(effect),
});

for (const kind of Object.keys(EVENTS) as EventKind[]) {
  test(`TEST-P1 DUR-04 a journaled ${kind} event comes back the same, and encodes to the same bytes`, () => {
    const property = fc.property(EVENTS[kind] as fc.Arbitrary<EngineEvent>, (event) => {
      const record = recordOfEvent(event);
      const decoded = decodeEvent(record);
      assert.deepEqual(decoded, event);
      assert.equal(eventBody(decoded), record.body);
      const { kind: _kind, atMs: _atMs, ...body } = event;
      assert.equal(record.body, encodeCanonical(body));
    });
    fc.assert(property, runs(41));
  });
}

for (const kind of Object.keys(EFFECTS) as EffectKind[]) {
  test(`TEST-P1 DUR-04 a journaled ${kind} effect comes back the same, and encodes to the same bytes`, () => {
    const property = fc.property(EFFECTS[kind] as fc.Arbitrary<Effect>, (effect) => {
      const record = recordOfEffect(effect);
      const decoded = decodeEffect(record);
      assert.deepEqual(decoded, effect);
      assert.equal(effectBody(decoded), record.body);
      const { kind: _kind, clientOrderId: _id, ...body } = { clientOrderId: null, ...effect };
      assert.equal(record.body, encodeCanonical(body));
    });
    fc.assert(property, runs(42));
  });
}

test("TEST-P1 DUR-04 a mark gives back its state hash", () => {
  const property = fc.property(fc.string(), (hash) => {
    const record = { position: 3, type: "mark", kind: "state", version: 1, atMs: 1, clientOrderId: null } as const;
    assert.equal(decodeMark({ ...record, body: stateMarkBody(hash) }), hash);
  });
  fc.assert(property, runs(43));
});

/** Another value in place of one somewhere in the body: null, a float, a deep list, a wrong type. */
const rubbish = fc.oneof(
  fc.constantFrom<unknown>(null, 1.5, -0, {}, [], [[]], "", "x", true, { $n: "x" }, { $m: [null] }, { $n: "0x1" }),
  fc.jsonValue(),
);

function damage(body: string, pick: number, value: unknown): string {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== "object" || parsed === null) return body;
  const fields = parsed as Record<string, unknown>;
  const keys = Object.keys(fields);
  const key = keys[pick % (keys.length + 1)] ?? "extra";
  if (pick % 7 === 0) delete fields[key];
  else fields[key] = value;
  return JSON.stringify(fields);
}

function decodesOrSaysWhy(decode: () => string): void {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof JournalError, String(error));
    assert.match(error.message, /position 1:/);
  }
}

test("DUR-04 a damaged body is a value that encodes again or a JournalError, never another error", () => {
  const bodies = fc.property(anyEvent, anyEffect, fc.nat(), rubbish, (event, effect, pick, value) => {
    const eventRecord = recordOfEvent(event);
    const effectRecord = recordOfEffect(effect);
    decodesOrSaysWhy(() => eventBody(decodeEvent({ ...eventRecord, body: damage(eventRecord.body, pick, value) })));
    decodesOrSaysWhy(() => effectBody(decodeEffect({ ...effectRecord, body: damage(effectRecord.body, pick, value) })));
  });
  fc.assert(bodies, runs(49, 3));
});

test("DUR-04 text that is no body at all is a JournalError", () => {
  const property = fc.property(fc.oneof(fc.string(), fc.json()), anyEvent, anyEffect, (body, event, effect) => {
    decodesOrSaysWhy(() => eventBody(decodeEvent({ ...recordOfEvent(event), body })));
    decodesOrSaysWhy(() => effectBody(decodeEffect({ ...recordOfEffect(effect), body })));
  });
  fc.assert(property, runs(44));
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const event = { kind: "configured", atMs: 1, clientOrderId: null, position: 1, type: "event", version: 1 } as const;
  decodesOrSaysWhy(() => eventBody(decodeEvent({ ...event, body: deep })));
  const body = `{"by":"","config":{"cancelOnExit":"all","risk":${deep},"strategy":"","strategyConfig":1},"hash":""}`;
  decodesOrSaysWhy(() => eventBody(decodeEvent({ ...event, body })));
});
