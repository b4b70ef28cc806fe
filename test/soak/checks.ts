// The checkers of the simulation over a soak that is over: the exchange's record and the journal, merged by their
// times, read from the disk in pieces.

import type { JournalRecord } from "../../src/journal/port.ts";
import { openJournalReader, type SqliteReader } from "../../src/journal/reader.ts";
import { approvedOnly } from "../simulation/checkers/approved-only.ts";
import { bounded } from "../simulation/checkers/bounded.ts";
import type { Checker, Ending, Evidence } from "../simulation/checkers/checker.ts";
import { duplicateOrders } from "../simulation/checkers/duplicate-orders.ts";
import { fence } from "../simulation/checkers/fence.ts";
import { fundingAndFees } from "../simulation/checkers/funding-and-fees.ts";
import { killProof } from "../simulation/checkers/kill-proof.ts";
import { ledger } from "../simulation/checkers/ledger.ts";
import { limits } from "../simulation/checkers/limits.ts";
import { liveness } from "../simulation/checkers/liveness.ts";
import { lostFills } from "../simulation/checkers/lost-fills.ts";
import { modes } from "../simulation/checkers/modes.ts";
import { noSelfTrade } from "../simulation/checkers/no-self-trade.ts";
import { position } from "../simulation/checkers/position.ts";
import { replay } from "../simulation/checkers/replay.ts";
import { time } from "../simulation/checkers/time.ts";
import { unknownBlocks } from "../simulation/checkers/unknown-blocks.ts";
import { JournalSide, Tape } from "../simulation/evidence.ts";
import { IDENTITY, type SoakLife, TAG } from "./life.ts";
import type { TapeFile } from "./tape-file.ts";

const VIOLATIONS_MAX = 20;

/** What they said; empty: all hold. */
export async function checked(life: SoakLife, tapeFile: TapeFile): Promise<readonly string[]> {
  const journal = openJournalReader(life.dir, { archives: true });
  try {
    return await compared(life, tapeFile, journal);
  } finally {
    journal.close();
  }
}

async function compared(life: SoakLife, tapeFile: TapeFile, journal: SqliteReader): Promise<readonly string[]> {
  const violations: string[] = [];
  const disk: { records: JournalRecord[] } = { records: [] };
  const side = new JournalSide(disk, IDENTITY);
  const tape = new Tape(TAG);
  const told = {
    tape,
    journal: side,
    durablePosition: () => Number.MAX_SAFE_INTEGER,
    report: (checker: string, text: string) => {
      if (violations.length < VIOLATIONS_MAX) violations.push(`${checker}: ${text}`);
    },
    nowMs: () => life.clock.nowMs(),
    disturbedUntilMs: () => 0,
    faultless: true,
  };
  const evidence: Evidence = told;
  const checkers = checkersOf(evidence, () => journal.postings(0));
  if (journal.oldest > 0) return [`records up to ${journal.oldest} are gone from journal and archives`];
  const records = journal.records(0);
  let next = records.next();
  if (next.done === true) return ["the journal is empty"];
  const first = next.value;
  const upTo = (ms: number): void => {
    for (; next.done !== true && next.value.atMs <= ms; next = records.next()) {
      disk.records.push(next.value);
      feed(side, checkers);
      // it was read: only its place stays
      disk.records[disk.records.length - 1] = first;
      side.effects.length = 0;
    }
  };
  for await (const entry of tapeFile.entries()) {
    // what is recorded in a millisecond is sent in it, so the journal comes first
    upTo(Math.floor(entry.atUs / 1000));
    tape.take(entry);
    for (const checker of checkers) checker.onTape?.(entry);
  }
  upTo(Number.POSITIVE_INFINITY);
  const ending: Ending = {
    exchangePosition: life.exchangePosition,
    cashChange: life.cashChange,
    cashByHand: 0n,
    latched: null,
    verify: () => {
      life.living.journal.verify(0);
      return side.shadow.seq === life.living.host.state.seq ? null : "the journal ends before the process";
    },
  };
  for (const checker of checkers) checker.atEnd?.(ending);
  return violations;
}

/** All of TEST-14 that tape and journal are enough for: the others look at what leaves a process, and when. */
const checkersOf = (evidence: Evidence, postings: Parameters<typeof ledger>[1]): readonly Checker[] => [
  duplicateOrders(evidence),
  lostFills(evidence),
  position(evidence),
  ledger(evidence, postings),
  fundingAndFees(evidence, postings),
  approvedOnly(evidence),
  limits(evidence),
  unknownBlocks(evidence),
  modes(evidence),
  killProof(evidence),
  noSelfTrade(evidence),
  fence(evidence),
  replay(evidence),
  bounded(evidence),
  liveness(evidence),
  time(evidence),
];

function feed(side: JournalSide, checkers: readonly Checker[]): void {
  side.catchUp({
    onEvent: (record, event) => {
      for (const checker of checkers) checker.onEvent?.(record, event);
    },
    onEffect: (record, effect) => {
      for (const checker of checkers) checker.onEffect?.(record, effect);
    },
    onCut: () => undefined,
  });
}
