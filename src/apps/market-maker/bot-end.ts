// How a bot's run ended, as one line of the log for people: what it traded, what it holds, where its journal is.

import { ownedLots } from "../../engine/owned.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import type { HostEnd } from "../../host/host-error.ts";
import { formatQuantity } from "../../market/instrument.ts";
import type { Log } from "../../observe/log.ts";

/** Code of the line, by which `opensqt up` shows it. */
export const BOT_ENDED = "bot-end";

export function sayBotEnd(fleet: Fleet, id: string, { end, log }: { readonly end: HostEnd; readonly log: Log }): void {
  const bot = fleet.bot(id);
  const state = bot?.state ?? null;
  const instrument = state?.instrument ?? null;
  const held =
    state === null || instrument === null
      ? "unknown"
      : `${formatQuantity(instrument, ownedLots(state))} ${instrument.base}`;
  const text = `${id}: ${end.text}; ${state?.ledger.fills ?? 0} fills so far, position ${held}`;
  const journal =
    bot === null
      ? ""
      : `\njournal in ${bot.store.where}; explain an order with: opensqt explain ORDER ${bot.store.flagsFor(id)}`;
  const level = end.exitCode === 0 ? "info" : "error";
  log[level](`${text}${journal}`, { code: BOT_ENDED, bot: id, end: end.code, ordersLeft: end.ordersLeft.length });
}
