// The newest what-if of a bot, as its engine tells it. A reader's question: what starts one is not asked here.

import { fail, ok, type Result } from "../../base/result.ts";
import type {
  GetWhatIfResponse,
  WhatIfDecision as WireDecision,
  WhatIfSide as WireSide,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { WhatIfState as WireState } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import type { ToldWhatIf } from "../questions.ts";
import type { WhatIfDecision, WhatIfResult, WhatIfSide, WhatIfState } from "../what-if-messages.ts";
import type { Reading } from "./bot-questions.ts";
import { told } from "./words.ts";

export async function askWhatIf({ bots, signal }: Reading, bot: string): Promise<Result<ToldWhatIf, string>> {
  try {
    return ok(whatIfOf(bot, await bots.getWhatIf({ botId: bot }, { signal })));
  } catch (failure) {
    const { status, message } = refusalOf(failure);
    if (status !== "NOT_FOUND") return fail(message);
    return ok({ bot, job: "", state: "none", progress: 0, fault: "", result: null });
  }
}

const STATES: Readonly<Partial<Record<WireState, WhatIfState>>> = {
  [WireState.RUNNING]: "running",
  [WireState.DONE]: "done",
  [WireState.CANCELLED]: "cancelled",
};

function whatIfOf(bot: string, answer: GetWhatIfResponse): ToldWhatIf {
  const { jobId: job, progressBps: progress, error: fault } = answer;
  const state = STATES[answer.state] ?? "failed";
  return { bot, job, state, progress, fault, result: state === "done" ? resultOf(answer) : null };
}

function resultOf(answer: GetWhatIfResponse): WhatIfResult {
  const { recorded, simulated, changed, first } = answer;
  const both = simulated === undefined || changed === undefined ? null : { before: simulated, after: changed };
  return {
    happened: { orders: recorded?.orders ?? 0, fills: recorded?.fills ?? 0, pnl: told(recorded?.pnl, "") },
    sides: both && { before: sideOf(both.before), after: sideOf(both.after) },
    orders: {
      both: answer.ordersBoth,
      onlyBefore: answer.ordersOnlySimulated,
      onlyAfter: answer.ordersOnlyChanged,
    },
    first:
      first === undefined
        ? null
        : { index: first.index, before: decisionOf(first.simulated), after: decisionOf(first.changed) },
    parity: told(answer.parityPercent, ""),
    notes: answer.notes,
  };
}

const sideOf = (side: WireSide): WhatIfSide => ({
  orders: side.orders,
  fills: side.fills,
  lotsFilled: told(side.lotsFilled, ""),
  pnl: told(side.pnl, ""),
  fees: told(side.fees, ""),
  funding: told(side.funding, ""),
  configHash: side.configHash,
  curve: side.curve.map(({ atMs, net }) => [atMs, told(net)] as const),
});

const decisionOf = (decision: WireDecision | undefined): WhatIfDecision | null =>
  decision === undefined ? null : { at: decision.atMs, text: decision.text, because: decision.because };
