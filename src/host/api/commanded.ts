// What the services of risk need of the bots besides their books: to tell them something, and to hear when they moved.
// Who tells them is the caller, by name, with the call's id and reason (API-11).

import type { CallContext } from "nice-grpc-common";
import type { AccountState } from "../../risk/account/state.ts";
import { callerOf, requireBot } from "../../rpc/caller.ts";
import { absent, notNow, optionalText, requiredEnum, requiredReason } from "../../rpc/fields.ts";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { Command } from "../../trading/command.ts";
import type { BookedBot, Books } from "../books/books.ts";
import type { Commander, CommandResult } from "../command-desk.ts";

/** A bot that takes commands; a `FleetBot` is one. */
export interface CommandedBot extends BookedBot {
  command(command: Command, who: Commander): Promise<CommandResult>;
}

/** The account machine as the services use it; an `AccountDesk` is one. */
export interface CommandedAccount {
  readonly host: { readonly state: AccountState };
  command(
    command: Command,
    who: Commander,
  ): { readonly account: CommandResult; readonly sequences: Promise<Readonly<Record<string, number>>> };
}

export interface RiskOffice {
  readonly books: Books;
  /** Null where no limits over all bots are kept. */
  readonly account: CommandedAccount | null;
  readonly bots: () => readonly CommandedBot[];
  /** Calls `listener` after every turn of a bot and every other change of one. Returns what ends it. */
  readonly observe: (listener: (bot: string) => void) => () => void;
}

const ID_LENGTH_MAX = 64;

/** The caller as the journal keeps it. Throws INVALID_ARGUMENT without a reason. */
export function commanderOf(context: CallContext, reason: string): Commander {
  const { name, note, requestId } = callerOf(context);
  const why = requiredReason(reason);
  return { by: note === "" ? name : `${name} (${note})`, reason: why, requestId };
}

/** Symbol of a bot, by its books or by its state. */
const symbolOf = ({ state }: BookedBot): string => state?.instrument?.symbol ?? "";
const exchangeOf = ({ state }: BookedBot): string => state?.instrument?.exchange ?? "";

/**
 * The bots a scope means, all of which the caller may act for. Throws INVALID_ARGUMENT for a scope that is none, and
 * NOT_FOUND where it means nobody.
 */
export function botsInScope(
  office: RiskOffice,
  context: CallContext,
  given: { readonly scope: Scope; readonly id: string },
): readonly CommandedBot[] {
  const scope = requiredEnum("scope", given.scope, Scope);
  const id = optionalText("id", given.id, ID_LENGTH_MAX);
  if (scope === Scope.ALL && id !== "") throw invalidField("id", "must be empty with the scope ALL");
  if (scope !== Scope.ALL && id === "") throw invalidField("id", "is missing: a symbol, bot id or exchange");
  const found = office.bots().filter((bot) => {
    if (scope === Scope.ALL) return true;
    if (scope === Scope.BOT) return bot.id === id;
    return scope === Scope.INSTRUMENT ? symbolOf(bot) === id : exchangeOf(bot) === id;
  });
  if (found.length === 0) throw absent(`no bot is in the scope ${id === "" ? "of everything" : id}`);
  for (const { id: bot } of found) requireBot(context, bot);
  return found;
}

/** The account machine, where the scope means all of an account and there is one. */
export const accountIn = ({ account }: RiskOffice, scope: Scope): CommandedAccount | null =>
  scope === Scope.ACCOUNT || scope === Scope.ALL ? account : null;

/** Tells the account machine, and waits for the bots it tells. Throws when it does not take it, or refuses. */
export async function toldAccount(account: CommandedAccount, command: Command, who: Commander): Promise<Sequences> {
  const answer = account.command(command, who);
  assertTaken("the account", answer.account);
  return { ...(await answer.sequences) };
}

/** A bot that runs, so that it can be told something. Throws FAILED_PRECONDITION. */
export function requireRun(bot: CommandedBot): void {
  if (bot.host === null) throw notNow("NOT_RUNNING", `${bot.id} does not run: start it first`);
}

/** Journal number of a command in each bot that took it, by bot id. */
export type Sequences = Record<string, number>;

/** Tells each of these bots the same, one after the other. Errors: as {@link told}, at the first that refuses. */
export async function toldAll(bots: readonly CommandedBot[], command: Command, who: Commander): Promise<Sequences> {
  const sequences: Sequences = {};
  for (const bot of bots) sequences[bot.id] = await told(bot, command, who);
  return sequences;
}

/** Journals a command; throws when the bot did not take it, or said that it refuses. Returns its number. */
export async function told(bot: CommandedBot, command: Command, who: Commander): Promise<number> {
  return assertTaken(bot.id, await bot.command(command, who));
}

/** Whether an alert of the command's turn refuses the command; `limit-refused` is of an order, whoever caused it. */
const isRefusal = (code: string): boolean => code.endsWith("-refused") && code !== "limit-refused";

function assertTaken(whose: string, result: CommandResult): number {
  if (!result.ok) {
    throw new RpcRefusal({
      status: "UNAVAILABLE",
      reason: "NOT_TAKEN",
      message: `${whose}: ${result.text}`,
      outcome: "not_sent",
    });
  }
  const refused = result.codes.findIndex(isRefusal);
  if (refused >= 0) throw notNow("CONDITION", result.notes[refused] ?? `${whose} refused it`);
  return result.seq;
}
