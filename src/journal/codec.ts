// The one encoder of the journal (DUR-04): events, effects, marks and postings ↔ canonical JSON bodies with a kind and
// an integer version. What the record's columns say (kind, engine time, client order id) is not said again in the body.

import { encodeCanonical } from "../base/canonical.ts";
import type { Effect, EffectKind } from "../trading/effect.ts";
import type { EngineEvent, EventKind } from "../trading/event.ts";
import type { Posting } from "../trading/ledger.ts";
import { Body } from "./body.ts";
import { EFFECT_DECODERS } from "./decode-effect.ts";
import { EVENT_DECODERS } from "./decode-event.ts";
import { corrupt, JournalError } from "./errors.ts";
import { bookBody, cancelBody, fillBody, markBody, orderBody, outcomeBody, placeBody } from "./hot-encoders.ts";
import type { JournalRecord, RecordType } from "./port.ts";

/** Parsed JSON of version v → that of version v + 1. Pure; once released, never edited and never removed (DUR-31). */
export type Upcast = (body: unknown) => unknown;

/** `type/kind` → the steps from version 1 on. The current version of a kind is one more than its steps. */
export type Upcasts = Readonly<Record<string, readonly Upcast[]>>;

const UPCASTS: Upcasts = {};

/** Kinds of the records that carry the state hash, say that a prefix was archived, and say that the end was clean. */
export const MARK_KIND = "state";
export const ANCHOR_KIND = "compacted";
export const SEAL_KIND = "clean-end";

/** Version that this release writes. */
export const versionOf = (type: RecordType, kind: string, upcasts: Upcasts = UPCASTS): number =>
  1 + (upcasts[`${type}/${kind}`]?.length ?? 0);

/** Canonical body of an event, without `kind` and `atMs`. */
export function eventBody(event: EngineEvent): string {
  if (event.kind === "book") return bookBody(event);
  if (event.kind === "order") return orderBody(event);
  if (event.kind === "fill") return fillBody(event);
  if (event.kind === "outcome") return outcomeBody(event);
  if (event.kind === "mark") return markBody(event);
  const { kind: _kind, atMs: _atMs, ...body } = event;
  return encodeCanonical(body);
}

/** Canonical body of an effect, without `kind` and without the client order id, which is a column. */
export function effectBody(effect: Effect): string {
  if (effect.kind === "place") return placeBody(effect);
  if (effect.kind === "cancel") return cancelBody(effect);
  if (effect.kind === "lookup") {
    const { kind: _kind, clientOrderId: _id, ...body } = effect;
    return encodeCanonical(body);
  }
  const { kind: _kind, ...body } = effect;
  return encodeCanonical(body);
}

/** The client order id of an effect about one order, null for other effects. */
export const clientOrderIdOf = (effect: Effect): string | null =>
  "clientOrderId" in effect ? effect.clientOrderId : null;

export const stateMarkBody = (stateHash: string): string => encodeCanonical({ stateHash });

/** What of a record the decoders read. */
export type RecordToDecode = Pick<
  JournalRecord,
  "position" | "type" | "kind" | "version" | "atMs" | "clientOrderId" | "body"
>;

/** Event of a record. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT. */
export function decodeEvent(record: RecordToDecode): EngineEvent {
  const body = open(record, "event");
  if (!Object.hasOwn(EVENT_DECODERS, record.kind))
    throw corrupt(record.position, `no event is called "${record.kind}"`);
  const event = EVENT_DECODERS[record.kind as EventKind](body, record.atMs);
  body.end();
  return event;
}

/** Effect of a record. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT. */
export function decodeEffect(record: RecordToDecode): Effect {
  const body = open(record, "effect");
  if (!Object.hasOwn(EFFECT_DECODERS, record.kind)) {
    throw corrupt(record.position, `no effect is called "${record.kind}"`);
  }
  const effect = EFFECT_DECODERS[record.kind as EffectKind](body, record.clientOrderId);
  body.end();
  return effect;
}

/** State hash of a mark. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT. */
export function decodeMark(record: RecordToDecode): string {
  const body = open(record, "mark");
  const stateHash = body.text("stateHash");
  body.end();
  return stateHash;
}

/** The record can be read, and a body of the current version is canonical. Errors: JOURNAL_TOO_NEW, JOURNAL_CORRUPT. */
export function checkBody(record: RecordToDecode): void {
  const again = encodeAgain(record);
  if (again === null || again === record.body || record.version < versionOf(record.type, record.kind)) return;
  throw corrupt(record.position, `the body of ${record.kind} is not in canonical form`);
}

function encodeAgain(record: RecordToDecode): string | null {
  switch (record.type) {
    case "event":
      return eventBody(decodeEvent(record));
    case "effect":
      return effectBody(decodeEffect(record));
    case "mark":
      return stateMarkBody(decodeMark(record));
    case "anchor":
    case "seal":
      return null;
  }
}

/** Body as the current version's JSON, whatever version wrote it. */
export function upcast(record: RecordToDecode, upcasts: Upcasts): unknown {
  const current = versionOf(record.type, record.kind, upcasts);
  if (record.version > current) {
    throw new JournalError(
      "JOURNAL_TOO_NEW",
      `JOURNAL_TOO_NEW at position ${record.position}: ${record.kind} has version ${record.version}, this release reads ` +
        `up to ${current}. Run the release that wrote it, or a newer one.`,
      { position: record.position, goodTo: record.position - 1 },
    );
  }
  if (record.version < 1) throw corrupt(record.position, `${record.kind} has version ${record.version}`);
  let value: unknown;
  try {
    value = JSON.parse(record.body);
    for (const step of (upcasts[`${record.type}/${record.kind}`] ?? []).slice(record.version - 1)) value = step(value);
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError) {
      throw corrupt(record.position, `the body of ${record.kind} is not JSON`, cause);
    }
    throw cause;
  }
  return value;
}

function open(record: RecordToDecode, type: RecordType): Body {
  if (record.type !== type) throw corrupt(record.position, `${record.type} where ${type} was expected`);
  return new Body(upcast(record, UPCASTS), { position: record.position, what: record.kind });
}

/** Canonical text of a posting: what its own hash chain covers. */
export const postingText = (posting: Posting): string => encodeCanonical(posting);
