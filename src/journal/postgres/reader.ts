// A journal on Postgres opened to be read (DUR-68), beside the writer or without one. Writes nothing.

import { RecordReader } from "../record-reader.ts";
import { headRow } from "./append.ts";
import type { HeadRow } from "./protocol.ts";
import { type Place, PostgresSource, tableShelf } from "./source.ts";
import { HEAD } from "./statements.ts";

export class PostgresReader extends RecordReader {
  protected readonly place: Place;
  private closing: () => void = () => {};

  /** Use the store's `openReader`. */
  constructor(place: Place, withArchives = false) {
    super({
      source: new PostgresSource(place),
      shelfOf: ({ journalId }) => tableShelf(place, journalId),
      withArchives,
    });
    this.place = place;
  }

  /** Where the writer left the journal by its own word (DUR-24). */
  head(): HeadRow | null {
    const { database, journal } = this.place;
    const [row] = database.read({ sql: HEAD, values: [journal], name: "head" });
    return row === undefined ? null : headRow(row);
  }

  /** Postgres checks its pages itself, where it was told to (`data_checksums`); nothing more is asked here. */
  checkPages(): void {}

  /** What a reader with a connection of its own gives back at its end. */
  onClose(then: () => void): void {
    this.closing = then;
  }

  close(): void {
    this.closing();
  }
}
