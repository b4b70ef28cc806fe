// The memory journal as a place of the contract suite.

import { openMemoryJournal } from "../../src/journal/memory.ts";
import { MemoryDisk } from "../../src/journal/memory-disk.ts";
import type { JournalPlace, JournalStore } from "./journal.ts";

function placeOn(disk: MemoryDisk): JournalPlace {
  let marked = 0;
  return {
    open: (options) => openMemoryJournal(disk, options),
    kill: () => disk.processDied(),
    breakLock: () => disk.processDied(),
    mark: () => {
      marked = disk.records.length;
    },
    loseEnd: () => disk.cutTo(marked),
    tamper: (change) => {
      disk.records = [...change(disk.records)];
    },
    tamperSnapshots: (change) => {
      disk.snapshots = change(disk.snapshots.toReversed()).toReversed();
    },
    dispose: () => {},
  };
}

export const memoryStore: JournalStore = {
  name: "memory",
  make: () => placeOn(new MemoryDisk()),
  fullDisk: () => {
    const disk = new MemoryDisk();
    const fillUp = () => {
      disk.fault = () => "full";
      return () => {
        disk.fault = () => null;
      };
    };
    return { place: placeOn(disk), fillUp };
  },
};
