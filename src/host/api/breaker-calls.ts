// Breakers over the API (RISK-21): what is open or on probation, and the manual one of a bot, of an instrument's bots
// or of the account.

import { MANUAL_BREAKER } from "../../engine/manual-breaker.ts";
import { ACCOUNT_MANUAL } from "../../risk/account/breakers.ts";
import { requireBot } from "../../rpc/caller.ts";
import { absent, notNow, optionalEnum, optionalText, requiredText } from "../../rpc/fields.ts";
import type { CircuitBreaker, RiskServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { BreakerAction } from "../../trading/command.ts";
import { ACCOUNT_NAME } from "../account/account-engine.ts";
import { accountBreakersOf, type BreakerFigures, breakersOf } from "../books/breakers.ts";
import {
  accountIn,
  botsInScope,
  type CommandedBot,
  commanderOf,
  type RiskOffice,
  requireRun,
  toldAccount,
  toldAll,
} from "./commanded.ts";
import { breakerMessage } from "./risk-messages.ts";

type BreakerCalls = Pick<
  RiskServiceImplementation,
  "getCircuitBreakerStatus" | "openCircuitBreaker" | "closeCircuitBreaker"
>;

const CLOSED = {
  open: false,
  phase: "closed",
  reason: "",
  value: "",
  limit: "",
  openedAtMs: 0,
  closesAtMs: 0,
  action: "",
} as const;

/** Without a word it is `reduce`: new entries stop, resting ones are cancelled, exits go on. */
const ACTIONS: Readonly<Record<string, BreakerAction>> = { "": "O", pause: "P", reduce: "O", halt: "A", flatten: "F" };

export function breakerCalls(office: RiskOffice): BreakerCalls {
  return {
    getCircuitBreakerStatus: async ({ scope, id }) => {
      const wanted = optionalEnum("scope", scope, Scope);
      const name = optionalText("id", id, 64);
      const breakers = office
        .bots()
        .flatMap(breakersOfBot)
        .concat(breakersOfAccount(office))
        .filter((each) => isOf(each, wanted, name));
      const key = (each: BreakerFigures): string => `${each.name}\n${each.id}\n${each.bot}`;
      return { breakers: breakers.sort((a, b) => (key(a) < key(b) ? -1 : 1)).map(breakerMessage) };
    },
    openCircuitBreaker: async ({ scope, id, action, reason }, context) => {
      const who = commanderOf(context, reason);
      const does = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
      if (does === undefined) throw invalidField("action", "must be pause, reduce, halt or flatten");
      const meant = botsInScope(office, context, { scope, id });
      const account = accountIn(office, scope);
      if (account !== null) {
        const sequences = await toldAccount(account, { name: "breakerOpen", action: does }, who);
        return { breaker: accountMessage(office, ACCOUNT_MANUAL), sequences };
      }
      const bots = meant.filter(({ host }) => host !== null);
      if (bots.length === 0) throw notNow("NOT_RUNNING", "none of the bots that are meant runs: start them first");
      const sequences = await toldAll(bots, { name: "breakerOpen", action: does }, who);
      return { breaker: oneMessage(bots, MANUAL_BREAKER, { scope, id }), sequences };
    },
    closeCircuitBreaker: async ({ name, id, force, reason }, context) => {
      const who = commanderOf(context, reason);
      const breaker = requiredText("name", name, 64);
      const of = optionalText("id", id, 64);
      const { account } = office;
      if (account !== null && isOfAccount(office, breaker, of)) {
        for (const { id: bot } of office.bots()) requireBot(context, bot);
        const sequences = await toldAccount(account, { name: "breakerClose", breaker, force }, who);
        return { breaker: accountMessage(office, breaker), sequences };
      }
      const bots = office
        .bots()
        .filter((bot) => stands(bot, breaker) && (of === "" || bot.id === of || symbolAndExchange(bot).includes(of)));
      if (bots.length === 0) {
        throw absent(`no breaker ${breaker}${of === "" ? "" : ` of ${of}`} is open or on probation`);
      }
      if (of === "" && bots.length > 1) {
        throw invalidField("id", `is missing and several are open: ${bots.map((bot) => bot.id).join(", ")}`);
      }
      for (const bot of bots) {
        requireBot(context, bot.id);
        requireRun(bot);
      }
      const sequences = await toldAll(bots, { name: "breakerClose", breaker, force }, who);
      return { breaker: oneMessage(bots, breaker, { scope: Scope.UNSPECIFIED, id: of }), sequences };
    },
  };
}

function breakersOfBot({ id, state }: CommandedBot): readonly BreakerFigures[] {
  const instrument = state?.instrument ?? null;
  return state === null || instrument === null ? [] : breakersOf(id, instrument, state);
}

/** Whether there is something to close: it is open, or on probation. */
const stands = (bot: CommandedBot, breaker: string): boolean =>
  breakersOfBot(bot).some(({ name, phase }) => name === breaker && phase !== "closed");

/** The exchanges of the bots; one in practice. */
const accountId = (office: RiskOffice): string =>
  [...new Set(office.bots().flatMap(({ state }) => state?.instrument?.exchange ?? []))].join(", ");

const breakersOfAccount = (office: RiskOffice): readonly BreakerFigures[] =>
  office.account === null ? [] : accountBreakersOf(accountId(office), office.account.host.state);

/** Whether a breaker of the account is meant: by its id, or because no bot has one of that name that stands. */
function isOfAccount(office: RiskOffice, breaker: string, id: string): boolean {
  // those that are closed are not listed
  const listed = breakersOfAccount(office).some(({ name }) => name === breaker);
  if (id === ACCOUNT_NAME || (id !== "" && id === accountId(office))) return listed;
  return listed && id === "" && !office.bots().some((bot) => stands(bot, breaker));
}

function accountMessage(office: RiskOffice, name: string): CircuitBreaker {
  const held = breakersOfAccount(office).find((each) => each.name === name);
  if (held !== undefined) return breakerMessage(held);
  return { name, scope: Scope.ACCOUNT, id: accountId(office), manual: name === ACCOUNT_MANUAL, ...CLOSED };
}

const symbolAndExchange = ({ state }: CommandedBot): readonly string[] => [
  state?.instrument?.symbol ?? "",
  state?.instrument?.exchange ?? "",
];

function isOf(breaker: BreakerFigures, scope: Scope, id: string): boolean {
  if (scope === Scope.BOT) return breaker.scope === "bot" && (id === "" || breaker.bot === id);
  if (scope === Scope.ACCOUNT) return breaker.scope === "account" && (id === "" || breaker.id === id);
  if (scope === Scope.INSTRUMENT) return breaker.scope === "instrument" && (id === "" || breaker.id === id);
  return id === "" || breaker.id === id || breaker.bot === id;
}

/** One breaker where one bot was meant; the scope's own name where several were. */
function oneMessage(
  bots: readonly CommandedBot[],
  name: string,
  given: { readonly scope: Scope; readonly id: string },
): CircuitBreaker {
  const figures = bots.flatMap(breakersOfBot).filter((each) => each.name === name);
  const [first] = figures;
  if (first === undefined) {
    const [bot] = bots;
    return { name, scope: given.scope || Scope.BOT, id: given.id || (bot?.id ?? ""), manual: false, ...CLOSED };
  }
  const message = breakerMessage(first);
  return figures.length === 1 ? message : { ...message, scope: given.scope, id: given.id };
}
