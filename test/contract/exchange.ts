// The contract of the exchange port (EXCH-51): what every implementation must do. The numbers are those of the table in
// docs/spec/exchanges.md; what an implementation cannot be asked is skipped with the reason, and all skips are printed.

import { after, describe, type TestContext, test } from "node:test";
import { CANCEL_CASES } from "./exchange-cancel-cases.ts";
import type { Case, Stage, StageMaker } from "./exchange-case.ts";
import { CONNECTION_CASES } from "./exchange-connection-cases.ts";
import { ORDER_CASES } from "./exchange-order-cases.ts";
import { OUTCOME_CASES } from "./exchange-outcome-cases.ts";
import { RULE_CASES } from "./exchange-rule-cases.ts";

/** Those that wait longest begin first. */
export const CASES: readonly Case[] = [
  ...CONNECTION_CASES,
  ...OUTCOME_CASES,
  ...RULE_CASES,
  ...ORDER_CASES,
  ...CANCEL_CASES,
];

/** Cases at a time: they mostly wait. */
const AT_ONCE = 6;

/** Registers every case for one implementation. */
export function exchangeContract(maker: StageMaker): void {
  const skipped = new Map<number, string>();
  let played = 0;
  describe(`EXCH-51 ${maker.name}`, { concurrency: AT_ONCE }, () => {
    for (const each of CASES) {
      test(`EXCH-51 ${maker.name} case ${each.n}: ${each.text}`, { timeout: each.timeoutMs ?? 60_000 }, async (t) => {
        const why = await playedOn(maker, each, t);
        if (why === null) played += 1;
        else skipped.set(each.n, why);
      });
    }
    after(() => {
      const rows = [...skipped].sort(([a], [b]) => a - b).map(([n, why]) => `  case ${n}: ${why}\n`);
      process.stdout.write(`${maker.name}: ${played} cases played, ${skipped.size} skipped\n${rows.join("")}`);
    });
  });
}

/** Null when it was played, else why not. */
async function playedOn(maker: StageMaker, each: Case, t: TestContext): Promise<string | null> {
  const lacking = each.faults?.find((fault) => !maker.faults.has(fault));
  const known = maker.skips.get(each.n) ?? (lacking === undefined ? null : `no fault ${lacking} can be made here`);
  if (known !== null) return skip(t, known);
  const { setup = {}, faults } = each;
  const stage: Stage = await maker.open({ patient: faults === undefined && setup.skewMs === undefined, ...setup });
  try {
    const unable = each.unless?.(stage) ?? null;
    if (unable !== null) return skip(t, unable);
    await each.play(stage);
    return null;
  } finally {
    await stage.close();
  }
}

function skip(t: TestContext, why: string): string {
  t.skip(why);
  return why;
}
