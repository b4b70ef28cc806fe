// All checkers of a run, in the order of TEST-14.

import type { Checker, Evidence } from "./checker.ts";
import { duplicateOrders } from "./duplicate-orders.ts";
import { bounded, liveness, noSelfTrade, replay } from "./ends.ts";
import { ledger, position, type ReadPostings } from "./ledger.ts";
import { limits } from "./limits.ts";
import { lostFills } from "./lost-fills.ts";
import { killProof, modes, time } from "./modes.ts";
import { unknownBlocks } from "./unknown-blocks.ts";
import { approvedOnly, fence, foreignUntouched, journalBeforeSend } from "./wire.ts";

export function allCheckers(evidence: Evidence, postings: ReadPostings): readonly Checker[] {
  return [
    duplicateOrders(evidence),
    lostFills(evidence),
    position(evidence),
    ledger(evidence, postings),
    journalBeforeSend(evidence),
    approvedOnly(evidence),
    limits(evidence),
    unknownBlocks(evidence),
    modes(evidence),
    killProof(evidence),
    foreignUntouched(evidence),
    noSelfTrade(evidence),
    fence(evidence),
    replay(evidence),
    bounded(evidence),
    liveness(evidence),
    time(evidence),
  ];
}
