// Many bots in one process over one exchange port and one clock (OPS-14…20). What is wanted of each stands in the
// registry and is on the disk before anything is done; a restart takes up where it was. One bot's end is its own.

import { ok, type Result } from "../../base/result.ts";
import { PAUSE_BLOCK } from "../../engine/names.ts";
import { JournalError } from "../../journal/errors.ts";
import { type BotRecord, openRegistry, type Registry, type Stamp, type WantedPause } from "../../journal/registry.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Command } from "../../trading/command.ts";
import type { Commander } from "../command-desk.ts";
import { HostError } from "../host-error.ts";
import type { TurnDone } from "../loop.ts";
import type { BotHead, BoundBot, ConfigDifference } from "./binder.ts";
import { commandsFor, isFlat, missingCondition, previewOn } from "./bot-change.ts";
import { pauseOf } from "./catch-up.ts";
import { FleetBot } from "./fleet-bot.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { type FleetRefusal, refuse, refuseConfig, wholeProblem } from "./refusal.ts";

/** Who asks, by which call (API-10, API-11). */
export interface Asker extends Commander {
  readonly requestId: string;
  readonly address: string;
}

/** What a change did; `sequence` is the journal's number of its newest event, 0 where the bot has no run. */
export interface Changed {
  readonly bot: FleetBot;
  readonly sequence: number;
  readonly diff: readonly ConfigDifference[];
}

/** A change that was only looked at, or was made. `bot` is null when it was only looked at. */
export interface Proposed {
  readonly bot: FleetBot | null;
  readonly sequence: number;
  readonly diff: readonly ConfigDifference[];
}

type Outcome<T> = Promise<Result<T, FleetRefusal>>;
export type FleetListener = (bot: FleetBot, turn: TurnDone | null) => void;

const BOTS_MAX = 100;
/** A note of the engine with such a code says that it did not do what it was told. */
const REFUSED = /(?:-refused|^gate)$/;

export class Fleet {
  readonly options: FleetOptions;
  readonly registry: Registry;
  private readonly byId = new Map<string, FleetBot>();
  private readonly listeners = new Set<FleetListener>();
  private readonly queues = new Map<string, Promise<unknown>>();
  private closed: Promise<void> | null = null;
  private readonly leaveConnector: () => void;

  /** Use {@link openFleet}. */
  constructor(options: FleetOptions, registry: Registry) {
    this.options = options;
    this.registry = registry;
    for (const text of options.seeds) this.seed(text);
    for (const { id } of registry.bots()) this.add(id);
    const { connector } = options;
    this.leaveConnector =
      connector?.subscribe(() => {
        for (const bot of this.byId.values()) bot.connectorChanged(connector.serving, connector.text);
      }) ?? (() => undefined);
  }

  /** Every bot, in the order of their ids. */
  bots(): readonly FleetBot[] {
    return [...this.byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  bot(id: string): FleetBot | null {
    return this.byId.get(id) ?? null;
  }

  /** Begins the runs that are wanted. Once, after whoever listens has subscribed. */
  start(): void {
    for (const bot of this.bots()) {
      const { wanted } = bot.record;
      if (wanted === "running" || wanted === "paused") bot.start();
    }
  }

  /** Calls `listener` after every turn of every bot that is on the disk, and with null when something else changed. */
  observe(listener: FleetListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

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
        this.byId.delete(bot.id);
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

  /** A text bound to the instrument as the exchange tells it now. Refusals: CONFIG, UNAVAILABLE. */
  async bind(text: string, symbol: string): Outcome<BoundBot> {
    const { port, binder } = this.options;
    const answer = await new Promise<Instrument | string>((resolve) => {
      port.instrument(symbol, (told) => resolve(told.result === "ok" ? told.instrument : told.text));
    });
    if (typeof answer === "string")
      return refuse("UNAVAILABLE", `the exchange does not tell about ${symbol}: ${answer}`);
    const bound = binder.bind(text, answer);
    return bound.ok ? ok(bound.value) : refuseConfig(bound.error);
  }

  /** Ends every run in order and closes the registry; a second call ends them at once (DUR-59). */
  close(by: string): Promise<void> {
    this.leaveConnector();
    const bots = [...this.byId.values()];
    if (this.closed !== null) for (const bot of bots) bot.stopNow(by);
    this.closed ??= this.closeAll(bots, by);
    return this.closed;
  }

  private async closeAll(bots: readonly FleetBot[], by: string): Promise<void> {
    for (const bot of bots) bot.requestStop(by);
    await Promise.all(bots.map((bot) => bot.idle()));
    await Promise.all(this.queues.values());
    this.registry.close();
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

  private want(bot: FleetBot, to: Parameters<Registry["want"]>[1], who: Asker): void {
    const taken = this.registry.want(bot.id, to, this.stamp(who));
    if (!taken.ok) throw new HostError("NOT_REGISTERED", taken.error.text);
  }

  private noRoomFor({ id, symbol }: BotHead): Result<never, FleetRefusal> | null {
    const bots = this.registry.bots();
    const { botsMax = BOTS_MAX, allowSharedInstrument = false } = this.options;
    if (this.byId.has(id)) return refuse("EXISTS", `there is a bot ${id} already`);
    if (bots.length >= botsMax) return refuse("LIMIT", `this process has ${bots.length} bots, the most it may have`);
    const owner = bots.find(({ instruments }) => instruments.includes(symbol));
    if (owner === undefined || allowSharedInstrument) return null;
    return refuse("CONDITION", `${symbol} belongs to bot ${owner.id}: one instrument of an account belongs to one bot`);
  }

  /** A text of the configuration file: new to the registry, or left alone (OPS-18). Errors: CONFIG_REFUSED. */
  private seed(text: string): void {
    const read = this.options.binder.read(text);
    if (!read.ok) {
      const [first] = read.error;
      throw new HostError("CONFIG_REFUSED", `a bot of the configuration is refused: ${first?.key}: ${first?.text}`);
    }
    const head = read.value;
    if (this.registry.get(head.id) !== null) return;
    const refused = this.noRoomFor(head);
    if (refused !== null && !refused.ok) throw new HostError("CONFIG_REFUSED", refused.error.text);
    const who = { by: "file", reason: "first seen in the configuration file", requestId: "", address: "" };
    const made = this.registry.create(definition(head, text), "seed", this.stamp(who));
    if (!made.ok) throw new HostError("CONFIG_REFUSED", made.error.text);
    const bot = this.add(head.id);
    // a journal from before there was a registry: a pause in it stays one
    const pause = bot.state === null ? null : pauseOf(bot.state);
    if (pause !== null) this.want(bot, { act: "pause", wanted: "paused", pause }, who);
  }

  private add(id: string): FleetBot {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const { options, registry } = this;
    const bot = new FleetBot({ id, options, registry, onChanged: (which, turn) => this.tell(which, turn) });
    this.byId.set(id, bot);
    return bot;
  }

  private tell(bot: FleetBot, turn: TurnDone | null): void {
    for (const listener of this.listeners) {
      try {
        listener(bot, turn);
      } catch (error) {
        // a screen that breaks is no reason to stop trading
        this.options.onWarning(bot.id, `a listener failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  private withBot<T>(id: string, work: (bot: FleetBot) => Outcome<T> | Result<T, FleetRefusal>): Outcome<T> {
    return this.inOrder(id, async () => {
      const bot = this.byId.get(id);
      return bot === undefined ? refuse("UNKNOWN_BOT", `there is no bot ${id}`) : work(bot);
    });
  }

  /** One change of a bot after the other. */
  private inOrder<T>(id: string, work: () => Outcome<T>): Outcome<T> {
    if (this.closed !== null)
      return Promise.resolve(refuse("CLOSING", "the process is stopping: nothing is changed any more"));
    const before = this.queues.get(id) ?? Promise.resolve();
    const result = before.then(work).catch((error: unknown) => {
      // what is not on the disk is not done: the registry comes first
      if (error instanceof JournalError) return refuse("CANNOT_WRITE", error.message);
      throw error;
    });
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.queues.set(id, settled);
    void settled.then(() => {
      if (this.queues.get(id) === settled) this.queues.delete(id);
    });
    return result;
  }

  private stamp({ by, reason, requestId, address }: Asker): Stamp {
    const atMs = (this.options.machine ?? this.options.clock).nowMs();
    return { by, reason, requestId, address, atMs };
  }
}

/** Opens the registry and makes its bots; {@link Fleet.start} lets them run. Errors: JournalError, HostError. */
export function openFleet(options: FleetOptions): Fleet {
  const { folder, host, pid, clock, machine = clock } = options;
  const registry = openRegistry(folder, { host, pid, sinceMs: machine.nowMs() });
  try {
    return new Fleet(options, registry);
  } catch (error) {
    registry.close();
    throw error;
  }
}

const definition = ({ id, tag, strategy, symbol }: BotHead, config: string) => ({
  id,
  tag,
  strategy,
  instruments: [symbol],
  config,
});

const changed = (bot: FleetBot): Changed => ({ bot, sequence: bot.state?.seq ?? 0, diff: [] });

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
