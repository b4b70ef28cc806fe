// RiskService (api.md section 7) but its streams: what is at risk, limits, breakers, reconciliation and the kill
// switch. Every change is a journaled command with who, why and which call (API-11).

import type { CallContext } from "nice-grpc-common";
import { toSafe } from "../../base/integer.ts";
import type { Lots, Money } from "../../market/amounts.ts";
import { type Instrument, parseMoney, parseQuantity } from "../../market/instrument.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import { requireBot } from "../../rpc/caller.ts";
import { exactDecimal } from "../../rpc/decimal.ts";
import { chosenExchange, notNow, optionalText, requiredPositive, requiredText } from "../../rpc/fields.ts";
import type { Decimal } from "../../rpc/generated/google/type/decimal.ts";
import type {
  RiskServiceImplementation,
  UpdatePositionLimitsRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import type { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { LimitsWanted } from "../../trading/command.ts";
import { exposureFigures } from "../books/exposure-figures.ts";
import { riskFigures } from "../books/risk-figures.ts";
import { lotsText, milliText, moneyText } from "../books/text.ts";
import { breakerCalls } from "./breaker-calls.ts";
import {
  accountIn,
  botsInScope,
  type CommandedBot,
  commanderOf,
  type RiskOffice,
  requireRun,
  type Sequences,
  toldAccount,
  toldAll,
} from "./commanded.ts";
import { killNow, killSteps } from "./kill-steps.ts";
import type { ReconciliationDesk, Run } from "./reconciliation-desk.ts";
import { exposureMessage, killMessage, limitsMessage, resultMessage, riskMessage } from "./risk-messages.ts";
import { everyBot, oneOnInstrument, type Selected, selected, servedExchanges } from "./selection.ts";

type RiskCalls = Omit<RiskServiceImplementation, "subscribeRiskAlerts">;

export function riskCalls(office: RiskOffice, desk: ReconciliationDesk): RiskCalls {
  const { books } = office;
  return {
    ...breakerCalls(office),
    getRiskMetrics: async ({ symbols }) => ({
      metrics: selected(books, { symbols }).map((one) => riskMessage(riskFigures(one))),
    }),
    getPositionLimits: async (request) => ({ limits: limitsAsked(office, request).map(limitsMessage) }),
    getExposure: async () => exposureMessage(exposureFigures(everyBot(books))),
    updatePositionLimits: (request, context) => updateLimits(office, request, context),
    triggerReconciliation: async ({ exchange, symbol, reason }, context) => {
      commanderOf(context, reason);
      const chosen = chosenExchange(exchange, servedExchanges(books));
      const name = optionalText("symbol", symbol, 64);
      const of = selected(books, { exchanges: [chosen], symbols: name === "" ? [] : [name] });
      if (of.length === 0 && name !== "") throw notNow("CONDITION", `no bot trades ${name}`);
      for (const { bot } of of) requireBot(context, bot.id);
      const run = desk.trigger(of);
      return { reconciliationId: run.id, status: run.status };
    },
    getReconciliationStatus: async ({ reconciliationId }) => runMessage(desk.status(reconciliationId)),
    acceptReconciliation: async ({ reconciliationId, reason }, context) => {
      const who = commanderOf(context, reason);
      const run = desk.status(requiredText("reconciliation_id", reconciliationId, 100));
      const open = run.results.filter(({ of }) => of.state.divergence !== null);
      if (open.length === 0) throw notNow("CONDITION", `nothing of ${run.id} waits to be accepted`);
      const bots = open.flatMap(({ of }) => office.bots().filter(({ id }) => id === of.bot.id));
      for (const bot of bots) {
        requireBot(context, bot.id);
        requireRun(bot);
      }
      const sequences = await toldAll(bots, { name: "reconcileAccept" }, who);
      const results = open.map(({ of, run: found }) => resultMessage(of, { ...found, action: "accepted" }));
      return { reconciliationId: run.id, status: "accepted", results, sequences };
    },
    triggerKillSwitch: async function* ({ scope, id, flatten, reason }, context) {
      const who = commanderOf(context, reason);
      const bots = botsInScope(office, context, { scope, id });
      const wish = { flatten, who, signal: context.signal, account: accountIn(office, scope) };
      for await (const report of killSteps(office, bots, wish)) {
        yield { report: killMessage(report), sequences: report.sequences };
      }
    },
    getKillStatus: async () => {
      const kill = killNow(office.bots());
      const latched = office.account?.host.state.kill ?? null;
      return kill === null ? { active: latched !== null } : { active: true, report: killMessage(kill) };
    },
    resetKillSwitch: async ({ scope, id, reason }, context) => resetKill(office, { scope, id, reason }, context),
  };
}

async function resetKill(
  office: RiskOffice,
  { scope, id, reason }: { readonly scope: Scope; readonly id: string; readonly reason: string },
  context: CallContext,
): ReturnType<RiskCalls["resetKillSwitch"]> {
  const who = commanderOf(context, reason);
  const bots = botsInScope(office, context, { scope, id });
  const killed = bots.filter(({ state }) => state !== null && state.kill.phase !== "off");
  const before = killNow(killed);
  const account = accountIn(office, scope);
  const latched = account !== null && account.host.state.kill !== null;
  if (before === null && !latched) return {};
  // a bot that does not run has its latch lifted when it is back
  const sequences = latched ? await toldAccount(account, { name: "killReset" }, who) : {};
  const rest = killed.filter(({ id, host }) => sequences[id] === undefined && (host !== null || !latched));
  for (const bot of rest) requireRun(bot);
  Object.assign(sequences, await toldAll(rest, { name: "killReset" }, who));
  if (before === null) return { sequences };
  return { report: killMessage(before), sequences };
}

function limitsAsked(
  office: RiskOffice,
  given: { readonly exchange: string; readonly symbol: string; readonly botId: string },
): readonly Selected[] {
  const { books } = office;
  const served = servedExchanges(books);
  const exchange = given.exchange === "" ? "" : chosenExchange(given.exchange, served);
  const symbol = optionalText("symbol", given.symbol, 64);
  const botId = optionalText("bot_id", given.botId, 64);
  const listed = (name: string): string[] => (name === "" ? [] : [name]);
  return selected(books, { exchanges: listed(exchange), symbols: listed(symbol), botIds: listed(botId) });
}

/** RISK-08: tighter at once, looser up to the configured value; above it is refused before anything is journaled. */
async function updateLimits(
  office: RiskOffice,
  request: UpdatePositionLimitsRequest,
  context: CallContext,
): Promise<{ limits: ReturnType<typeof limitsMessage>; sequences: Sequences }> {
  const who = commanderOf(context, request.reason);
  const one = oneOnInstrument(office.books, request);
  requireBot(context, one.bot.id);
  const wanted = wantedLimits(one, request);
  const bot = office.bots().find(({ id }): boolean => id === one.bot.id) satisfies CommandedBot | undefined;
  if (bot === undefined) throw notNow("NOT_RUNNING", `${one.bot.id} does not run: start it first`);
  requireRun(bot);
  const sequences = await toldAll([bot], { name: "limits", wanted }, who);
  return { limits: limitsMessage(one), sequences };
}

function wantedLimits({ instrument, state, bot }: Selected, request: UpdatePositionLimitsRequest): LimitsWanted {
  const configured = (state.config?.risk ?? null) as RiskLimits | null;
  if (configured === null) throw notNow("CONDITION", `${bot.id} has no limits yet: it is not configured`);
  const { maxPositionSize, maxNotionalValue, maxLeverage, maxOrderSize } = request;
  const wanted: LimitsWanted = {
    positionQuantityMax: quantity(instrument, "max_position_size", maxPositionSize),
    positionNotionalMax: cash("max_notional_value", maxNotionalValue),
    leverageMaxMilli: leverage("max_leverage", maxLeverage),
    orderQuantityMax: quantity(instrument, "max_order_size", maxOrderSize),
  };
  if (Object.values(wanted).every((value) => value === null)) {
    throw invalidField("max_position_size", "give at least one limit");
  }
  const lotsLimit = (limit: Lots | null): string => (limit === null ? "" : lotsText(instrument, limit));
  within("max_position_size", [wanted.positionQuantityMax, configured.positionQuantityMax], lotsLimit);
  within("max_order_size", [wanted.orderQuantityMax, configured.orderQuantityMax], lotsLimit);
  within("max_notional_value", [wanted.positionNotionalMax, configured.positionNotionalMax], moneyText);
  within("max_leverage", [wanted.leverageMaxMilli, configured.leverageMaxMilli], milliText);
  return wanted;
}

function within<T extends number | bigint>(
  name: string,
  [value, configured]: readonly [T | null, T | null],
  text: (limit: T) => string,
): void {
  if (value === null || configured === null || value <= configured) return;
  const above = `${text(value)} is above the configured ${text(configured)}`;
  const message = `${name} ${above}: change the configuration instead`;
  throw notNow("ABOVE_CONFIG", message);
}

function quantity(instrument: Instrument, field: string, value: Decimal | undefined): Lots | null {
  if (value === undefined) return null;
  const read = parseQuantity(instrument, requiredPositive(field, value));
  if (!read.ok) throw invalidField(field, read.error);
  return read.value;
}

function cash(field: string, value: Decimal | undefined): Money | null {
  if (value === undefined) return null;
  const read = parseMoney(requiredPositive(field, value));
  if (!read.ok) throw invalidField(field, read.error);
  return read.value;
}

/** Thousandths; a finer leverage is refused, not rounded. */
function leverage(field: string, value: Decimal | undefined): number | null {
  if (value === undefined) return null;
  const { digits, scale } = exactDecimal(requiredPositive(field, value));
  const milli = digits * 1000n;
  const unit = 10n ** BigInt(scale);
  if (milli % unit !== 0n) throw invalidField(field, "has more than three decimals");
  if (milli / unit > 1_000_000n) throw invalidField(field, "must be at most 1000");
  return toSafe(milli / unit);
}

function runMessage({ id, status, startedMs, completedMs, results }: Run): Record<string, unknown> {
  const found = results.map(({ of, run }) => resultMessage(of, run));
  return { reconciliationId: id, status, startedMs, completedMs, results: found };
}
