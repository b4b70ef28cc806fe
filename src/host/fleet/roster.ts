// The bots of one process and the order their changes are made in: who is there, who listens, one change of a bot after
// the other. What the changes are stands in fleet.ts.

import { ok, type Result } from "../../base/result.ts";
import { JournalError } from "../../journal/errors.ts";
import type { Registry, Stamp } from "../../journal/registry.ts";
import type { Instrument } from "../../market/instrument.ts";
import { HostError } from "../host-error.ts";
import type { TurnDone } from "../loop.ts";
import { AccountDesk } from "./account-desk.ts";
import type { Asker, Outcome } from "./asked-change.ts";
import type { BotHead, BoundBot } from "./binder.ts";
import { pauseOf } from "./catch-up.ts";
import { FleetBot } from "./fleet-bot.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { type FleetRefusal, refuse, refuseConfig } from "./refusal.ts";

type FleetListener = (bot: FleetBot, turn: TurnDone | null) => void;

const BOTS_MAX = 100;
/** Processes that may end for one event before its bot is put aside: replayed, it does not end again. */
const STUCK_MAX = 2;

export class Roster {
  readonly options: FleetOptions;
  readonly registry: Registry;
  /** Null where no limits over all bots are kept. */
  readonly account: AccountDesk | null;
  private readonly byId = new Map<string, FleetBot>();
  private readonly listeners = new Set<FleetListener>();
  private readonly queues = new Map<string, Promise<unknown>>();
  private closed: Promise<void> | null = null;
  private readonly leaveConnector: () => void;

  /** Use `openFleet`. */
  constructor(options: FleetOptions, registry: Registry) {
    this.options = options;
    this.registry = registry;
    // the account recovers first (DUR-51)
    this.account = options.account === undefined ? null : new AccountDesk(options, options.account, () => this.bots());
    try {
      for (const text of options.seeds) this.seed(text);
      for (const { id } of registry.bots()) this.add(id);
    } catch (error) {
      this.account?.close();
      throw error;
    }
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
    const { stuck = null } = this.options;
    this.account?.start();
    for (const bot of this.bots()) {
      const { wanted } = bot.record;
      if (wanted !== "running" && wanted !== "paused") continue;
      if (stuck !== null && stuck.bot === bot.id && stuck.times >= STUCK_MAX) bot.putAside(stuck);
      else bot.start();
    }
  }

  /** Calls `listener` after every turn of every bot that is on the disk, and with null when something else changed. */
  observe(listener: FleetListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
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
    const flows = this.account?.flows?.close();
    for (const bot of bots) bot.requestStop(by);
    await Promise.all(bots.map((bot) => bot.idle()));
    await Promise.all(this.queues.values());
    await flows;
    this.account?.close();
    this.registry.close();
  }

  protected want(bot: FleetBot, to: Parameters<Registry["want"]>[1], who: Asker): void {
    const taken = this.registry.want(bot.id, to, this.stamp(who));
    if (!taken.ok) throw new HostError("NOT_REGISTERED", taken.error.text);
  }

  protected noRoomFor({ id, symbol }: BotHead): Result<never, FleetRefusal> | null {
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

  protected add(id: string): FleetBot {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const { options, registry } = this;
    const bot = new FleetBot({ id, options, registry, onChanged: (which, turn) => this.tell(which, turn) });
    this.byId.set(id, bot);
    return bot;
  }

  protected forget(bot: FleetBot): void {
    this.byId.delete(bot.id);
    this.account?.removed(bot.id);
  }

  protected tell(bot: FleetBot, turn: TurnDone | null): void {
    this.account?.changed(bot, turn);
    for (const listener of this.listeners) {
      try {
        listener(bot, turn);
      } catch (error) {
        // a screen that breaks is no reason to stop trading
        this.options.onWarning(bot.id, `a listener failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  protected withBot<T>(id: string, work: (bot: FleetBot) => Outcome<T> | Result<T, FleetRefusal>): Outcome<T> {
    return this.inOrder(id, async () => {
      const bot = this.byId.get(id);
      return bot === undefined ? refuse("UNKNOWN_BOT", `there is no bot ${id}`) : work(bot);
    });
  }

  /** One change of a bot after the other. */
  protected inOrder<T>(id: string, work: () => Outcome<T>): Outcome<T> {
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

  protected stamp({ by, reason, requestId, address }: Asker): Stamp {
    const atMs = (this.options.machine ?? this.options.clock).nowMs();
    return { by, reason, requestId, address, atMs };
  }
}

/** A bot as the registry keeps it. */
export const definition = ({ id, tag, strategy, symbol }: BotHead, config: string) => ({
  id,
  tag,
  strategy,
  instruments: [symbol],
  config,
});
