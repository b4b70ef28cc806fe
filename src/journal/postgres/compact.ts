// A compactor of a journal on Postgres: frames of an archive are rows, each written by itself and for nothing until the
// anchor is appended. What may be done twice is done again where an answer was lost.

import { type ArchiveRange, packHeader, packRecords } from "../archive.ts";
import { type Archiving, Compactor } from "../compact.ts";
import type { JournalMeta, JournalRecord } from "../port.ts";
import type { RecordStore } from "../record-store.ts";
import type { Statement } from "./protocol.ts";
import type { Place } from "./source.ts";
import { FORGET_FRAMES, FORGET_RECORDS, FRAME, SIZES } from "./statements.ts";

/** A row and its places in two indexes, without its body, about. */
const ROW_BYTES = 290;

export interface PostgresCompactorParts {
  readonly place: Place;
  readonly store: RecordStore;
  readonly meta: () => JournalMeta;
  /** The first row of the answer; the first cell of it says that the epoch is still the writer's. */
  readonly write: (statement: Statement) => readonly unknown[];
  readonly appendAnchor: (archiving: Archiving) => void;
}

export function postgresCompactor({ place, store, meta, write, appendAnchor }: PostgresCompactorParts): Compactor {
  const { database, journal } = place;
  const mine = (): [number, number] => [journal, meta().epoch];
  const sink = (range: ArchiveRange) => {
    write({ sql: FORGET_FRAMES, values: mine() });
    let begin: Buffer | null = packHeader(meta(), range);
    let number = 0;
    return {
      append: (records: readonly JournalRecord[]) => {
        const packed = packRecords(records);
        const bytes = begin === null ? packed : Buffer.concat([begin, packed]);
        write({ sql: FRAME, values: [...mine(), range.to, number, bytes] });
        begin = null;
        number += 1;
      },
      // the commit that tells the journal forces the server's log, frames and all
      finish: () => {},
      // what was written is deleted when one is begun again
      abandon: () => {},
    };
  };
  return new Compactor({
    store,
    meta,
    bytes: () => {
      const [first, last] = [store.firstPosition(), store.tail(meta().genesis).position];
      const [row] = database.read({ sql: SIZES, values: [journal, first, last] });
      return (last + 1 - first) * (ROW_BYTES + whole(row?.[0])) + whole(row?.[1]);
    },
    sink,
    forget: (position) => whole(write({ sql: FORGET_RECORDS, values: [...mine(), position] })[1]),
    register: appendAnchor,
  });
}

const whole = (cell: unknown): number => (typeof cell === "number" ? cell : 0);
