// The account machine among the bots of a fleet (RISK-09): tells it who runs and how each stands, hands its grants,
// breakers and kills to the bots, and their acknowledgements back. It decides nothing.

import { encodeCanonical } from "../../base/canonical.ts";
import { exposureOf, rememberedBreakers } from "../../engine/grant.ts";
import type { BotState } from "../../engine/state.ts";
import { type Money, money } from "../../market/amounts.ts";
import type { RiskLimits } from "../../risk/limits.ts";
import type { AccountEffect, AccountFigures, RequestFigures } from "../../trading/account-event.ts";
import type { Command } from "../../trading/command.ts";
import { endsOfAccount } from "../account/account-ends.ts";
import { ACCOUNT_NAME } from "../account/account-engine.ts";
import { AccountHost } from "../account/account-host.ts";
import { BalanceWatch } from "../account/balance-watch.ts";
import { figuresOf } from "../account/figures.ts";
import { Outside } from "../account/outside.ts";
import type { Commander, CommandResult } from "../command-desk.ts";
import type { HostAlert, HostEvent } from "../context.ts";
import type { FlowDesk } from "../flows/flow-desk.ts";
import type { TurnDone } from "../loop.ts";
import type { FleetBot } from "./fleet-bot.ts";
import type { AccountOptions, FleetOptions } from "./fleet-options.ts";
import type { HostView } from "./run.ts";
import { type OthersShares, sharesTold } from "./shares-told.ts";

/** How often the account hears how its bots stand, when anything changed (RISK-10). */
const LOOK_MS = 1_000;
/** Requests told of at one time; of more the newest count. */
const REQUESTS_MAX = 200;

interface Member {
  readonly host: HostView;
  wanted: Money;
  readonly leave: () => void;
}

/** What the journals of the bots say to a command of the account. */
export interface AccountAnswer {
  readonly account: CommandResult;
  /** Journal number of the command in each bot that took it. */
  readonly sequences: Promise<Readonly<Record<string, number>>>;
}

export class AccountDesk {
  readonly host: AccountHost;
  /** What spans steps (DUR-63); whoever makes the fleet puts it here before it starts. */
  flows: FlowDesk | null = null;
  private readonly options: FleetOptions;
  private readonly bots: () => readonly FleetBot[];
  private readonly members = new Map<string, Member>();
  private readonly outside: Outside;
  private readonly balance: BalanceWatch;
  private readonly othersShares: OthersShares;
  private requests: RequestFigures[] = [];
  private lastFigures = "";
  private telling: Promise<readonly [bot: string, result: CommandResult]>[] = [];
  private cancelLook: (() => void) | null = null;

  /** Opens the account's journal; before any bot's (DUR-51). Errors: JournalError. */
  constructor(options: FleetOptions, account: AccountOptions, bots: () => readonly FleetBot[]) {
    this.options = options;
    this.othersShares = account.othersShares ?? null;
    this.bots = bots;
    const { folder, sync, clock, machine = clock, host, pid, release, coreHash, reserveBytes, snapshots } = options;
    this.outside = new Outside(options.port, (text) => options.onWarning(ACCOUNT_NAME, text), clock);
    this.balance = new BalanceWatch(clock);
    this.host = new AccountHost({
      folder,
      ...(options.store === undefined ? {} : { store: options.store }),
      sync,
      clock,
      machine,
      host,
      pid,
      release,
      coreHash,
      limits: account.limits,
      ...(reserveBytes === undefined ? {} : { reserveBytes }),
      ...(snapshots === undefined ? {} : { snapshots }),
      ...(options.retention === undefined ? {} : { retention: options.retention }),
      deliver: (effect) => this.deliver(effect),
      onAlert: (alert) => this.tell(alert),
      onWarning: (text) => options.onWarning(ACCOUNT_NAME, text),
    });
  }

  /** An alert of its journal, and what it says is over. */
  private tell(alert: HostAlert): void {
    if (alert.code === "account-failed") this.withdrawGrants();
    this.options.onAlert(ACCOUNT_NAME, alert);
    for (const over of endsOfAccount(alert)) this.options.onOver?.(ACCOUNT_NAME, over);
  }

  /** What the exchange's total of the quote asset has beyond the books (RISK-17); null while nobody knows. */
  get drift(): Money | null {
    const { bots, unallocated } = this.host.state;
    const { difference } = this.balance;
    if (difference === null || unallocated === null) return null;
    let resting = 0n;
    for (const { running, figures } of bots.values()) if (!running) resting += figures?.cash ?? 0n;
    return money(difference - resting - unallocated);
  }

  /** Takes up what an earlier process left, and begins to look at the bots each second. */
  start(): void {
    this.flows?.start();
    // before a bot joins: it is not to hear of limits that another process has
    if ((sharesTold(this.othersShares, this.host.state).shares ?? []).length > 0) this.look();
    this.lookLater();
  }

  private lookLater(): void {
    const { clock } = this.options;
    this.cancelLook = clock.at(clock.nowMs() + LOOK_MS, () => {
      this.look();
      this.lookLater();
    });
  }

  /** Something about a bot changed: its run began or ended, or a turn of it is on the disk. */
  changed(bot: FleetBot, turn: TurnDone | null): void {
    const member = this.members.get(bot.id);
    if (member !== undefined && member.host !== bot.host) this.left(bot, member);
    if (bot.host !== null && !this.members.has(bot.id)) this.joined(bot, bot.host);
    if (turn !== null && bot.host !== null) this.turned(bot.id, bot.host, turn);
  }

  /** The bot is deleted: it was stopped and flat. */
  removed(id: string): void {
    this.members.get(id)?.leave();
    this.members.delete(id);
    this.host.offer({ kind: "bot-left", bot: id, exposure: money(0n), removed: true });
  }

  /** Journals a command of the account and hands on what it means for the bots. */
  command(command: Command, who: Commander): AccountAnswer {
    this.telling = [];
    const account = this.host.command(command, who);
    // latched by now: what is left is the proof, which outlives this process
    if (command.name === "kill" && account.ok) {
      this.flows?.ask({ flow: "kill", bot: "", facts: { flatten: command.flatten } }, who);
    }
    const told = Promise.all(this.telling);
    const sequences = told.then((all) =>
      Object.fromEntries(all.flatMap(([bot, result]) => (result.ok ? [[bot, result.seq] as const] : []))),
    );
    return { account, sequences };
  }

  /** After the last run has ended. */
  close(): void {
    this.cancelLook?.();
    for (const { leave } of this.members.values()) leave();
    this.host.close();
  }

  /** Nothing of the account can be recorded any more, so no breaker of it can open: nobody opens anything then. */
  private withdrawGrants(): void {
    for (const { host } of this.members.values()) host.offer({ kind: "grant", id: 0, gross: money(0n) });
  }

  private joined(bot: FleetBot, host: HostView): void {
    const { bound } = bot;
    if (bound === null) return;
    const limits = bound.data.risk as RiskLimits;
    const wanted = host.state.limits?.exposureGrossMax ?? limits.exposureGrossMax;
    const leave = host.onRead((read) => {
      this.outside.saw(read, host.state, this.statesBySymbol());
      const told = this.balance.saw(read, this.running());
      if (told === null) return;
      this.look();
      this.host.offer(told);
    });
    this.members.set(bot.id, { host, wanted, leave });
    // nothing of the account can be promised while it cannot be recorded: the bot opens nothing then
    if (this.host.failedBecause !== null) host.offer({ kind: "grant", id: 0, gross: money(0n) });
    const { lineage } = host.state.identity;
    const remembers = rememberedBreakers(host.state);
    const more = { lineage, ...(remembers.length === 0 ? {} : { remembers }) };
    this.host.offer({ kind: "bot-joined", bot: bot.id, base: bound.instrument.base, wanted, ...more });
  }

  private left(bot: FleetBot, { leave }: Member): void {
    const state = bot.end?.exitCode === 0 ? bot.state : null;
    // the last look is up to a second old: what was cancelled and closed on the way out would count for ever
    if (state !== null) this.look();
    leave();
    this.members.delete(bot.id);
    const exposure = state === null ? null : exposureOf(state);
    this.host.offer({ kind: "bot-left", bot: bot.id, exposure, removed: false });
  }

  private turned(id: string, host: HostView, turn: TurnDone): void {
    let granted: number | null = null;
    let mayWantAnew = false;
    for (const event of turn.events) {
      if (event.kind === "grant") granted = event.id;
      else if (event.kind === "configured" || event.kind === "command") mayWantAnew = true;
      else if (event.kind === "outcome") {
        const { tries = 1, tookMs = null, result } = event;
        // what never left says nothing of the exchange: a connector that is gone is told otherwise
        if (result !== "not-sent") this.requests.push({ tries, tookMs, failed: result === "unknown" });
      }
    }
    for (const { posting } of turn.postings) this.balance.booked(posting);
    if (this.requests.length > REQUESTS_MAX) this.requests = this.requests.slice(-REQUESTS_MAX);
    if (granted !== null) {
      this.host.offer({ kind: "grant-acknowledged", bot: id, id: granted, exposure: exposureOf(host.state) });
    }
    if (mayWantAnew) this.wantsAnew(id, host);
    this.killReported(id, host, turn);
  }

  /** Limits changed while it runs: it may want more, or less (RISK-08). */
  private wantsAnew(id: string, { state }: HostView): void {
    const member = this.members.get(id);
    const wanted = state.limits?.exposureGrossMax ?? null;
    const base = state.instrument?.base ?? "";
    if (member === undefined || wanted === null || wanted === member.wanted) return;
    member.wanted = wanted;
    this.host.offer({ kind: "bot-joined", bot: id, base, wanted });
  }

  private killReported(id: string, host: HostView, turn: TurnDone): void {
    const now = turn.effects.some(({ effect }) => effect.kind === "alert" && KILL_REPORTS.has(effect.code));
    if (now) this.tellKillReport(id, host);
  }

  /** One that was killed before proves nothing anew: what it reported then is its part. */
  private killReportedBefore(id: string, host: HostView): void {
    if (this.members.get(id)?.host === host) this.tellKillReport(id, host);
  }

  private tellKillReport(id: string, { state }: HostView): void {
    const { report } = state.kill;
    if (report === null) return;
    const flat = report.positionLots === 0 || report.dust;
    const ordersLeft = report.ordersLeft.length;
    this.host.offer({ kind: "bot-kill-reported", bot: id, proved: report.proved, ordersLeft, flat });
  }

  private deliver(effect: AccountEffect): void {
    if (effect.kind === "flow") {
      this.flows?.begin(effect);
      return;
    }
    const bot = this.bots().find(({ id }) => id === effect.bot) ?? null;
    const host = bot?.host ?? null;
    if (bot === null || host === null) return; // it hears of it when it is back
    if (effect.kind === "grant") host.offer({ kind: "grant", id: effect.id, gross: effect.gross });
    else if (effect.kind === "bot-breaker") {
      const { kind: _kind, bot: _bot, ...breaker } = effect;
      host.offer({ kind: "account-breaker", ...breaker });
    } else if (effect.kind === "bot-command") {
      const { command, by, reason } = effect;
      const told = bot.command(command, { by, reason });
      this.telling.push(told.then((result) => [bot.id, result] as const));
      if (command.name === "kill") void told.then(() => this.killReportedBefore(bot.id, host));
    }
  }

  private running(): readonly (readonly [bot: string, state: BotState])[] {
    return [...this.members].map(([id, { host }]) => [id, host.state] as const);
  }

  private statesBySymbol(): ReadonlyMap<string, readonly BotState[]> {
    const states = new Map<string, BotState[]>();
    for (const bot of this.bots()) {
      const { state } = bot;
      const symbol = state?.instrument?.symbol;
      if (state === null || symbol === undefined) continue;
      states.set(symbol, [...(states.get(symbol) ?? []), state]);
    }
    return states;
  }

  private look(): void {
    const figures = this.figures();
    const { requests: _requests, ...standing } = figures;
    const text = encodeCanonical(standing);
    if (text === this.lastFigures && figures.requests.length === 0) return;
    this.lastFigures = text;
    this.requests = [];
    this.host.offer(figures satisfies HostEvent);
  }

  private figures(): Omit<AccountFigures, "atMs"> {
    const running = this.running();
    const bots = running.map(([id, state]) => figuresOf(id, state));
    let equity: AccountFigures["equity"] = null;
    for (const [, { equity: seen }] of running) {
      if (seen === null || seen.maintenanceMargin === null || seen.atMs <= (equity?.atMs ?? 0)) continue;
      equity = { equity: seen.equity, maintenance: seen.maintenanceMargin, atMs: seen.atMs };
    }
    const others = { outside: this.outside.figures(), ...sharesTold(this.othersShares, this.host.state) };
    return { kind: "account-figures", bots, equity, requests: this.requests, ...others };
  }
}

const KILL_REPORTS: ReadonlySet<string> = new Set(["kill-proved", "kill-failed"]);
