// All checkers of a run, in the order of TEST-14.

import { alerts } from "./alerts.ts";
import { approvedOnly } from "./approved-only.ts";
import { bounded } from "./bounded.ts";
import type { Checker, Evidence } from "./checker.ts";
import { duplicateOrders } from "./duplicate-orders.ts";
import { fence } from "./fence.ts";
import { foreignUntouched } from "./foreign-untouched.ts";
import { fundingAndFees } from "./funding-and-fees.ts";
import { journalBeforeSend } from "./journal-before-send.ts";
import { killProof } from "./kill-proof.ts";
import { ledger, type ReadPostings } from "./ledger.ts";
import { limits } from "./limits.ts";
import { liveness } from "./liveness.ts";
import { lostFills } from "./lost-fills.ts";
import { modes } from "./modes.ts";
import { noSelfTrade } from "./no-self-trade.ts";
import { position } from "./position.ts";
import { recoveryTime } from "./recovery-time.ts";
import { replay } from "./replay.ts";
import { requestBudget } from "./request-budget.ts";
import { stalePull } from "./stale-pull.ts";
import { time } from "./time.ts";
import { unknownBlocks } from "./unknown-blocks.ts";

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
    stalePull(evidence),
    requestBudget(evidence),
    fence(evidence),
    replay(evidence),
    recoveryTime(evidence),
    bounded(evidence),
    fundingAndFees(evidence, postings),
    alerts(evidence),
    liveness(evidence),
    time(evidence),
  ];
}
