// Ways to change a list of records behind the journal's back (TEST-P31).

import assert from "node:assert/strict";
import fc from "fast-check";
import type { JournalRecord } from "../../src/journal/port.ts";

export type Tampering =
  | { readonly kind: "change"; readonly at: number }
  | { readonly kind: "remove"; readonly at: number; readonly close: boolean }
  | { readonly kind: "swap"; readonly at: number; readonly with: number }
  | { readonly kind: "insert"; readonly at: number }
  | { readonly kind: "shorten"; readonly at: number };

export function tampering(length: number): fc.Arbitrary<Tampering> {
  const at = fc.integer({ min: 0, max: length - 1 });
  return fc.oneof(
    fc.record({ kind: fc.constant("change"), at }),
    fc.record({ kind: fc.constant("remove"), at, close: fc.boolean() }),
    fc.record({ kind: fc.constant("swap"), at, with: at }).filter((t) => t.at !== t.with),
    fc.record({ kind: fc.constant("insert"), at }),
    fc.record({ kind: fc.constant("shorten"), at }),
  );
}

/** The tampered list, and the number of records before the first that is not what it was. */
export function tamperWith(
  original: readonly JournalRecord[],
  tampered: Tampering,
  pick: number,
): { readonly records: readonly JournalRecord[]; readonly from: number } {
  const { at } = tampered;
  const record = original[at] ?? assert.fail();
  switch (tampered.kind) {
    case "change":
      return { records: original.toSpliced(at, 1, changed(record, pick)), from: at };
    case "remove": {
      const records = original.toSpliced(at, 1);
      return { records: tampered.close ? numbered(records) : records, from: at };
    }
    case "swap": {
      const other = original[tampered.with] ?? assert.fail();
      const records = original.with(at, other).with(tampered.with, record);
      return { records: numbered(records), from: Math.min(at, tampered.with) };
    }
    case "insert":
      return { records: numbered(original.toSpliced(at, 0, record)), from: at + 1 };
    case "shorten":
      return { records: original.slice(0, at), from: at };
  }
}

const numbered = (records: readonly JournalRecord[]): readonly JournalRecord[] =>
  records.map((record, i) => ({ ...record, position: i + 1 }));

function changed(record: JournalRecord, pick: number): JournalRecord {
  const changes: readonly Partial<JournalRecord>[] = [
    { type: record.type === "event" ? "effect" : "event" },
    { seq: record.seq + 1 },
    { index: record.index + 1 },
    { epoch: record.epoch + 1 },
    { atMs: record.atMs + 1 },
    { kind: `${record.kind}x` },
    { version: record.version + 1 },
    { clientOrderId: record.clientOrderId === null ? "o" : null },
    { body: `${record.body} ` },
    { hash: record.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) },
  ];
  return { ...record, ...changes[pick % changes.length] };
}
