// The questions to a journal in Postgres, and the shelf of its archives: tables of the same database, so that whoever
// takes over has them too. Writes nothing.

import { archiveMissing, unpackArchive } from "../archive.ts";
import type { ArchiveShelf } from "../archive-shelf.ts";
import type { Question, RowSource } from "../row-source.ts";
import type { Row } from "../sqlite-rows.ts";
import type { PostgresDatabase } from "./database.ts";
import { FRAMES, HAS_FRAMES, OF_ARCHIVES, QUESTIONS, WITHOUT_FRAMES } from "./statements.ts";

/** One journal among those of a database. */
export interface Place {
  readonly database: PostgresDatabase;
  /** Its number in the tables. */
  readonly journal: number;
  /** False where an older release made the tables. */
  readonly hasArchives: boolean;
}

export class PostgresSource implements RowSource {
  private readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  ask(question: Question, goodTo: number, ...values: readonly (number | string)[]): readonly Row[] {
    const { database, journal, hasArchives } = this.place;
    if (!hasArchives && OF_ARCHIVES.has(question)) return [];
    const statement = { sql: QUESTIONS[question], values: [journal, ...values], name: question };
    return database.read(statement, goodTo) as readonly Row[];
  }
}

export const tableShelf = ({ database, journal }: Place, journalId: string): ArchiveShelf => ({
  has: ({ to }) => database.read({ sql: HAS_FRAMES, values: [journal, to] })[0]?.[0] === true,
  newestMissing: (rows) => {
    if (rows.length === 0) return null;
    const to = database.read({ sql: WITHOUT_FRAMES, values: [journal] })[0]?.[0];
    return rows.find((row) => row.to === to) ?? null;
  },
  read: (range) => {
    const frames = database.read({ sql: FRAMES, values: [journal, range.to] }).map(([packed]) => packed);
    const bytes = frames.filter((packed) => packed instanceof Uint8Array);
    if (bytes.length === 0) throw archiveMissing(range, "its rows of table `frame` are gone. Put them back");
    const where = `${range.from} to ${range.to} in ${database.where}`;
    return unpackArchive(Buffer.concat(bytes), { where, range, journalId });
  },
});
