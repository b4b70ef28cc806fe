// What a market-maker tells of its bots to those who ask whether it is well: ready when every bot that is meant to run
// has recovered, down when none of them can.

import type { FeedsTold } from "../../exchange/remote-feeds.ts";
import { botView } from "../../host/fleet/bot-view.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import type { FleetBot } from "../../host/fleet/fleet-bot.ts";
import type { Overall } from "../../observe/http.ts";
import type { CheckResult } from "../../observe/liveness.ts";
import { botParts } from "./bot-parts.ts";

/** Exit codes of an end that says nothing about the process: the bot is kept, shown, and may be started again. */
const CONTAINED: ReadonlySet<number> = new Set([0, 1]);

const isWanted = ({ record }: FleetBot): boolean => record.wanted === "running" || record.wanted === "paused";

/** One check a bot that is meant to run. One that failed is told by /status; waiting for it would be for ever. */
export function botChecks(fleet: Fleet): readonly CheckResult[] {
  return fleet
    .bots()
    .filter((bot) => isWanted(bot) && !bot.failed && bot.stage !== "quarantined")
    .map((bot) => {
      const ok = bot.host?.recovered === true;
      const { recoveryProgress: at } = bot.host ?? {};
      const step = at === undefined ? "starting" : `recovering, ${at.step} ${at.done} of ${at.total}`;
      const text = ok ? "recovered" : bot.waiting === "" ? step : `${step}: ${bot.waiting}`;
      return { name: bot.id, ok, text, ageMs: 0, limitMs: null };
    });
}

/** The bots for /status: no money but the position, no configuration. `deadMan`: null where nothing was said of it. */
export function botStatus(fleet: Fleet, feeds: FeedsTold | null): readonly Readonly<Record<string, unknown>>[] {
  return fleet.bots().map((bot) => {
    const { phase, sequence, lagMs, liveOrders, unknownOrders, position, gates } = botView(bot);
    const recovery = bot.host?.recovered === false ? bot.host.recoveryProgress : null;
    const end = bot.end === null ? null : { code: bot.end.code, text: bot.end.text };
    const shown = {
      bot: bot.id,
      mode: phase,
      seq: sequence,
      lagMs,
      live: liveOrders,
      unknown: unknownOrders,
      position,
    };
    const held = gates.map(({ name, level, reason }) => ({ name, level, reason }));
    const deadMan = feeds?.deadMan.get(bot.id) ?? null;
    return { ...shown, gates: held, ...botParts(bot), deadMan, recovery, end };
  });
}

export function overallOf(fleet: Fleet, connected: boolean, healthy: boolean): Overall {
  const wanted = fleet.bots().filter(isWanted);
  const failed = wanted.filter((bot) => bot.failed || bot.stage === "quarantined");
  if (!healthy || (wanted.length > 0 && failed.length === wanted.length)) return "down";
  if (botChecks(fleet).some(({ ok }) => !ok)) return "starting";
  return connected && failed.length === 0 ? "ok" : "degraded";
}

/** The last commits worked: no bot ended because its journal could not be written, and the account's can (RISK-43). */
export const commitsWork = (fleet: Fleet): boolean =>
  fleet.bots().every((bot) => bot.end?.exitCode !== CANNOT_WRITE) &&
  (fleet.account?.host.failedBecause ?? null) === null;
const CANNOT_WRITE = 13;

/**
 * The exit code of the process when every bot that was meant to run has ended for a reason another start would not
 * change: a refused safety check, a damaged journal, a full disk. Null while one runs, or may again.
 */
export function fleetEnd(fleet: Fleet): number | null {
  const wanted = fleet.bots().filter(isWanted);
  if (wanted.length === 0 || !wanted.every((bot) => bot.failed && !CONTAINED.has(bot.end?.exitCode ?? 0))) return null;
  return wanted[0]?.end?.exitCode ?? null;
}
