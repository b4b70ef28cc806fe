// Settled funding rates of a CSV for a run (BT-05, BT-20). A settlement outside the data's time is left out.

import { assertAccepted, type Finding } from "../data/finding.ts";
import { loadFunding } from "../data/funding.ts";
import { RowKind } from "../market/tape.ts";
import type { FundingSettlement } from "../sim/options.ts";
import type { TapeFacts } from "./tape-scan.ts";

export interface FundingData {
  readonly settlements: readonly FundingSettlement[];
  readonly findings: readonly Finding[];
  readonly source: { readonly name: string; readonly hash: string };
}

export interface FundingRequest {
  readonly file: string;
  readonly timeZone: string;
  readonly symbol: string;
  readonly accept: readonly string[];
}

/** Errors: DataError, also for settlements that are missing unless `missingFunding` is accepted. */
export async function fundingFrom(request: FundingRequest, facts: TapeFacts): Promise<FundingData> {
  const { file, timeZone, symbol, accept } = request;
  const skip = accept.includes("missingFunding") ? ({ missingFunding: "skip" } as const) : {};
  const { tape, findings, sources } = await loadFunding([file], { timeZone, symbol, ...skip });
  assertAccepted(findings, accept);
  const settlements: FundingSettlement[] = [];
  for (let i = 0; i < tape.length; i += 1) {
    const atUs = tape.exchangeUs[i] ?? 0;
    if (tape.kind[i] !== RowKind.funding || atUs < facts.startUs || atUs > facts.endUs) continue;
    settlements.push({ atUs, ratePpt: tape.price[i] ?? 0 });
  }
  const [source] = sources;
  return { settlements, findings, source: { name: source?.name ?? file, hash: source?.sha256 ?? "" } };
}
