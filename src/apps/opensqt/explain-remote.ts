// `opensqt explain --address`: the same question, put to a running market-maker over gRPC. What it answers comes from
// its journals; nothing is read here.

import type { ExplainOrderRequest, ExplainOrderResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { parseClientOrderId } from "../../trading/client-order-id.ts";
import { type Engine, type EngineFlags, withEngine } from "./engine/connect.ts";
import { decimalOf, plainFill } from "./engine/plain.ts";
import { print, printJson, timeText, usageError } from "./output.ts";

export interface ExplainRemoteFlags extends EngineFlags {
  readonly address: string;
  readonly journal?: string;
  readonly refusals?: true;
}

/** Errors: CommandError 2 for what the API does not tell, 3 where nobody knows the id, 5 and 9 of the connection. */
export async function explainRemote(wanted: string | undefined, flags: ExplainRemoteFlags): Promise<void> {
  if (flags.refusals === true) throw usageError("--refusals reads journals: leave out --address");
  if (flags.journal !== undefined) throw usageError("give --journal or --address, not both");
  if (wanted === undefined) throw usageError("name an order or a fill");
  const told = await withEngine(flags, (engine) => ask(engine, wanted));
  if (flags.json === true) printJson(plain(told));
  else for (const line of linesOf(told)) print(line);
}

/** Our own ids are known by their form; the exchange's may be a fill's or an order's. */
async function ask(engine: Engine, wanted: string): Promise<ExplainOrderResponse> {
  if (parseClientOrderId(wanted) !== null) return engine.bots.explainOrder({ clientOrderId: wanted });
  return (await found(engine, { tradeId: wanted })) ?? engine.bots.explainOrder({ orderId: wanted });
}

async function found(engine: Engine, request: Partial<ExplainOrderRequest>): Promise<ExplainOrderResponse | null> {
  try {
    return await engine.bots.explainOrder(request);
  } catch (error) {
    if (refusalOf(error).status === "NOT_FOUND") return null;
    throw error;
  }
}

function plain({ steps, configHash, riskChecks, fills, postings }: ExplainOrderResponse) {
  return {
    steps: steps.map(({ sequence, atMs, kind, text, facts }) => ({ sequence, atMs, kind, text, facts })),
    configHash,
    checks: riskChecks.map(({ code, value, limit, passed }) => ({ code, value, limit, passed })),
    fills: fills.map(plainFill),
    postings: postings.map(({ sequence, account, asset, amount, atMs }) => {
      return { sequence, account, asset, amount: decimalOf(amount), atMs };
    }),
  };
}

function* linesOf({ steps, configHash, riskChecks, postings }: ExplainOrderResponse): Iterable<string> {
  const [decision, ...history] = steps;
  if (decision !== undefined) {
    const facts = Object.entries(decision.facts).map(([name, value]) => `${name}=${value}`);
    yield decision.text;
    yield `  ${timeText(decision.atMs)}, event ${decision.sequence}, configuration ${configHash.slice(0, 12)}`;
    yield `  why: ${facts.sort().join(" ")}`;
  }
  yield "  risk:";
  for (const { code, passed, value, limit } of riskChecks) {
    const of = limit === "" || limit === value ? "" : ` of ${limit}`;
    yield `    ${passed ? "ok " : "NO "} ${code} ${value}${of}`.trimEnd();
  }
  yield "  what became of it:";
  if (history.length === 0) yield "    nothing is recorded yet";
  for (const { sequence, atMs, text } of history) {
    yield `    ${timeText(atMs)}  ${text}`;
    for (const posting of postings.filter((one) => one.sequence === sequence)) {
      yield `      ${posting.account} ${decimalOf(posting.amount) ?? ""} ${posting.asset}`;
    }
  }
}
