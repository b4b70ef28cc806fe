// Many bots in one process over one exchange port and one clock (OPS-14…20). What is wanted of each stands in the
// registry and is on the disk before anything is done; a restart takes up where it was. One bot's end is its own.

import { ok, type Result } from "../../base/result.ts";
import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotRecord, Registry, WantedPause } from "../../journal/registry.ts";
import { SqliteStore } from "../../journal/sqlite-store.ts";
import type { Command } from "../../trading/command.ts";
import { flowsOf } from "../flows/fleet-flows.ts";
import { type Asker, type Changed, changed, type Outcome, type Proposed } from "./asked-change.ts";
import type { BotHead, BoundBot, ConfigDifference } from "./binder.ts";
import { commandsFor, isFlat, missingCondition, previewOn } from "./bot-change.ts";
import type { FleetBot } from "./fleet-bot.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { type FleetRefusal, refuse, refuseConfig, wholeProblem } from "./refusal.ts";
import { definition, Roster } from "./roster.ts";

/** A note of the engine with such a code says that it did not do what it was told. */
const REFUSED = /(?:-refused|^gate)$/;

export class Fleet extends Roster {
  /** A new bot; it waits for `start`. Refusals: CONFIG, EXISTS, TAG_TAKEN, CONDITION, LIMIT, UNAVAILABLE. */
  create(
    given: { readonly id: string; readonly text: string; readonly dryRun: boolean },
    who: Asker,
  ): Outcome<Proposed> {
    return this.inOrder(given.id, async (): Outcome<Proposed> => {
      const read = this.options.binder.read(given.text);
      if (!read.ok) return refuseConfig(read.error);
      const head = read.value;
      if (head.id !== given.id) return refuseConfig([wholeProblem(`${head.id} is not ${given.id}`, "id")]);
      const refused = this.noRoomFor(head);
      if (refused !== null) return refused;
      const bound = await this.bind(given.text, head.symbol);
      if (!bound.ok) return bound;
      if (given.dryRun) return ok({ bot: null, sequence: 0, diff: [] });
      const made = this.registry.create(definition(head, given.text), "create", this.stamp(who));
      if (!made.ok) return refuse(made.error.code, made.error.text);
      const bot = this.add(head.id);
      this.tell(bot, null);
      return ok({ bot, sequence: 0, diff: [] });
    });
  }

  /** A new configuration. Refusals: CONFIG, STALE_REVISION, CONDITION, UNAVAILABLE; then the old one stays in force. */
  update(
    given: { readonly id: string; readonly text: string; readonly revision: number; readonly dryRun: boolean },
    who: Asker,
  ): Outcome<Proposed> {
    return this.withBot(given.id, async (bot): Outcome<Proposed> => {
      if (bot.opensInThread) return refuse("CONDITION", `${bot.id} is starting: try again in a moment`);
      const before = bot.record;
      if (before.revision !== given.revision) {
        const text = `${bot.id} is at revision ${before.revision}, not ${given.revision}: it was changed; look again`;
        return refuse("STALE_REVISION", text);
      }
      const read = this.options.binder.read(given.text);
      if (!read.ok) return refuseConfig(read.error);
      const head = read.value;
      const fixed = fixedProblem(before, head);
      if (fixed !== null) return refuse("CONDITION", fixed);
      const after = await this.bind(given.text, head.symbol);
      if (!after.ok) return after;
      const old = this.options.binder.bind(before.config, after.value.instrument);
      const diff = this.options.binder.diff(before.config, given.text);
      const { state } = bot;
      const missing = missingCondition({ diff, state, live: bot.host !== null });
      if (missing !== null) return refuse("CONDITION", missing);
      const report = state === null || bot.host === null ? null : previewOn(state, after.value);
      if (report !== null && report.refusals.length > 0)
        return refuseConfig(report.refusals.map((text) => wholeProblem(text)));
      if (given.dryRun) return ok({ bot: null, sequence: 0, diff });
      const bound = { old: old.ok ? old.value : null, after: after.value };
      return this.applyUpdate(bot, { ...bound, before, text: given.text, diff }, who);
    });
  }

  /** Removes a bot that is stopped and flat; its journal stays. Refusals: CONDITION. */
  delete(given: { readonly id: string; readonly dryRun: boolean }, who: Asker): Outcome<Changed> {
    return this.withBot(given.id, (bot) => {
      if (bot.stage !== "idle") return refuse("CONDITION", `${bot.id} is not stopped: stop it first`);
      const { state } = bot;
      if (state === null && bot.hasJournal) {
        return refuse(
          "CONDITION",
          `the journal of ${bot.id} cannot be read, so nobody knows that it is flat: see journal verify`,
        );
      }
      if (state !== null && !isFlat(state)) {
        const what = `position ${state.ledger.position} lots, ${state.orders.size} orders`;
        return refuse("CONDITION", `${bot.id} is not flat (${what}): start it and flatten it first`);
      }
      if (!given.dryRun) {
        this.want(bot, { act: "delete", wanted: "deleted" }, who);
        this.forget(bot);
        this.tell(bot, null);
      }
      return ok({ bot, sequence: state?.seq ?? 0, diff: [] });
    });
  }

  /** Begins a run, or ends a pause; a running bot is left alone. */
  startBot(id: string, who: Asker): Outcome<Changed> {
    return this.withBot(id, async (bot) => {
      const isPaused = bot.host?.state.blocks.has(PAUSE_BLOCK) === true;
      const isUp = (bot.stage === "opening" || bot.stage === "live") && !bot.isStopping;
      if (bot.record.wanted === "running" && isUp && !isPaused) return ok(changed(bot));
      this.want(bot, { act: "start", wanted: "running" }, who);
      if (isPaused && !bot.isStopping) return this.tellBot(bot, [{ name: "start" }], who);
      if (this.options.stuck?.bot === id) this.options.forgetStuck?.();
      bot.start();
      return ok(changed(bot));
    });
  }

  /** No new entries, on one leg or both; with `cancelEntries` those that rest are cancelled. */
  pause(given: WantedPause & { readonly id: string }, who: Asker): Outcome<Changed> {
    const { id, cancelEntries, leg } = given;
    return this.withBot(id, async (bot) => {
      if (!isWantedUp(bot)) return refuse("CONDITION", `${id} does not run: there is nothing to pause`);
      this.want(bot, { act: "pause", wanted: "paused", pause: { cancelEntries, leg } }, who);
      return this.tellBot(bot, [{ name: "pause", cancelEntries, leg }], who);
    });
  }

  resume(id: string, who: Asker): Outcome<Changed> {
    return this.withBot(id, async (bot) => {
      if (!isWantedUp(bot)) return refuse("CONDITION", `${id} does not run: start it instead`);
      this.want(bot, { act: "resume", wanted: "running" }, who);
      return this.tellBot(bot, [{ name: "resume" }], who);
    });
  }

  /** Ends the run in order; answers when the stop is on the disk, not when it is over. */
  stop(
    given: { readonly id: string; readonly cancelOnExit: "all" | "opening" | "none" | null },
    who: Asker,
  ): Outcome<Changed> {
    return this.withBot(given.id, async (bot) => {
      const isStopped = bot.isStopping || (bot.stage === "idle" && !bot.failed);
      if (bot.record.wanted === "stopped" && isStopped) return ok(changed(bot));
      this.want(bot, { act: "stop", wanted: "stopped" }, who);
      const told = await this.tellBot(bot, [{ name: "stop", cancelOnExit: given.cancelOnExit }], who);
      bot.acknowledge();
      bot.requestStop(`${who.by}: ${who.reason}`);
      return told;
    });
  }

  /** Closes the position with reduce-only orders, then stays paused. */
  flatten(id: string, who: Asker): Outcome<Changed> {
    return this.withBot(id, async (bot) => {
      const refused = notRunning(bot);
      if (refused !== null) return refused;
      const pause: WantedPause = { cancelEntries: true, leg: "both" };
      this.want(bot, { act: "flatten", wanted: "paused", pause }, who);
      return this.tellBot(bot, [{ name: "flatten" }, { name: "pause", ...pause }], who);
    });
  }

  /** A strategy's or risk's own command, as it is. Refusals: CONDITION with what is missing. */
  command(id: string, command: Command, who: Asker): Outcome<Changed> {
    return this.withBot(id, async (bot) => {
      if (bot.host === null) return refuse("CONDITION", `${id} does not run: start it first`);
      return this.tellBot(bot, [command], who);
    });
  }

  private async applyUpdate(
    bot: FleetBot,
    change: {
      readonly before: BotRecord;
      readonly old: BoundBot | null;
      readonly after: BoundBot;
      readonly text: string;
      readonly diff: readonly ConfigDifference[];
    },
    who: Asker,
  ): Outcome<Proposed> {
    const { before, text, diff } = change;
    const taken = this.registry.update({ ...before, config: text }, before.revision, this.stamp(who));
    if (!taken.ok) return refuse(taken.error.code, taken.error.text);
    const { host } = bot;
    if (host === null) return ok({ ...changed(bot), diff });
    const told = await this.tellBot(bot, commandsFor(change, host.state), who);
    if (told.ok) return ok({ ...told.value, diff });
    const back = { ...this.stamp(who), reason: `refused: ${told.error.text}`.slice(0, 200) };
    this.registry.update({ ...before }, taken.value.revision, back, "revert");
    return told;
  }

  /** Journals commands one after the other; stops at the first that is refused. */
  private async tellBot(bot: FleetBot, commands: readonly Command[], who: Asker): Outcome<Changed> {
    let sequence = bot.state?.seq ?? 0;
    for (const command of commands) {
      if (bot.host === null) break;
      const result = await bot.command(command, who);
      if (!result.ok) return refuse("CONDITION", result.text);
      sequence = result.seq;
      const refused = result.codes.findIndex((code) => REFUSED.test(code));
      if (refused >= 0) return refuse("CONDITION", result.notes[refused] ?? "the bot refused it");
    }
    return ok({ bot, sequence, diff: [] });
  }
}

/**
 * Opens the registry, unless it is open, and makes its bots; {@link Fleet.start} lets them run. The fleet closes it.
 * Errors: JournalError, HostError.
 */
export function openFleet(options: FleetOptions, open: Registry | null = null): Fleet {
  const { folder, host, pid, clock, machine = clock } = options;
  const store = options.store ?? new SqliteStore(folder);
  const registry = open ?? store.openRegistry({ host, pid, sinceMs: machine.nowMs() });
  try {
    const fleet = new Fleet(options, registry);
    if (fleet.account !== null) fleet.account.flows = flowsOf(fleet, fleet.account);
    return fleet;
  } catch (error) {
    registry.close();
    throw error;
  }
}

/** What makes the bot the one it is never changes under its id. */
function fixedProblem(before: BotRecord, head: BotHead): string | null {
  const [symbol = ""] = before.instruments;
  const fixed = [
    ["id", before.id, head.id],
    ["tag", before.tag, head.tag],
    ["strategy", before.strategy, head.strategy],
    ["instrument", symbol, head.symbol],
  ] as const;
  const wrong = fixed.find(([, was, is]) => was !== is);
  if (wrong === undefined) return null;
  const [key, was, is] = wrong;
  return `${key} cannot change from ${was} to ${is}: that is another bot; create it under an id of its own`;
}

/** It is meant to run, paused or not. */
const isWantedUp = ({ record }: FleetBot): boolean => record.wanted === "running" || record.wanted === "paused";

function notRunning(bot: FleetBot): Result<never, FleetRefusal> | null {
  const phase = bot.host?.state.phase;
  if (phase === "running") return null;
  return refuse("CONDITION", `${bot.id} is ${phase ?? "not started"}: it must run for that`);
}
