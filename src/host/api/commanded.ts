// What the services of risk need of the bots besides their books: to tell them something, and to hear when they moved.
// Who tells them is the caller, by name, with the call's id and reason (API-11).

import type { CallContext } from "nice-grpc-common";
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

export interface RiskOffice {
  readonly books: Books;
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
  const result = await bot.command(command, who);
  if (!result.ok) {
    throw new RpcRefusal({
      status: "UNAVAILABLE",
      reason: "NOT_TAKEN",
      message: `${bot.id}: ${result.text}`,
      outcome: "not_sent",
    });
  }
  const refused = result.codes.findIndex((code) => code.endsWith("-refused"));
  if (refused >= 0) throw notNow("CONDITION", result.notes[refused] ?? `${bot.id} refused it`);
  return result.seq;
}
