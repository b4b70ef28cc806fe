// A journal read beside the thread that writes it. Adds what only the writer knows: how much it has written.

import type { StoredReader } from "../../../journal/store.ts";
import type { RunJournal } from "../run.ts";

/** Closing it closes the reader. */
export function readBeside(reader: StoredReader, bytesWritten: () => number): StoredReader & RunJournal {
  return {
    get meta() {
      return reader.meta;
    },
    get position() {
      return reader.position;
    },
    get seq() {
      return reader.seq;
    },
    get chainHash() {
      return reader.chainHash;
    },
    get oldest() {
      return reader.oldest;
    },
    get bytesWritten() {
      return bytesWritten();
    },
    hasFill: (exchange, symbol, tradeId, side) => reader.hasFill(exchange, symbol, tradeId, side),
    newestSnapshot: (warn) => reader.newestSnapshot(warn),
    snapshots: () => reader.snapshots(),
    records: (after) => reader.records(after),
    kept: () => reader.kept(),
    postings: (afterSeq) => reader.postings(afterSeq),
    configText: (hash) => reader.configText(hash),
    configs: () => reader.configs(),
    placeOf: (clientOrderId) => reader.placeOf(clientOrderId),
    verify: (after) => reader.verify(after),
    close: () => reader.close(),
  };
}
