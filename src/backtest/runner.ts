// One backtest: the production host and engine on a virtual clock, against the simulated exchange on given data. There
// is no second engine here (BT-26): this file drives time, feeds the recorder, and says how far it is.

import { VirtualClock } from "../base/virtual-clock.ts";
import { stateHash } from "../engine/snapshot.ts";
import { SimulatedPort } from "../exchange/simulated.ts";
import { SimulatedDriver } from "../exchange/simulated-driver.ts";
import type { HostAlert } from "../host/context.ts";
import { productionEngine } from "../host/engine.ts";
import { BotHost } from "../host/host.ts";
import type { HostEnd } from "../host/host-error.ts";
import type { TurnDone } from "../host/loop.ts";
import type { Configuration } from "../host/recovery.ts";
import type { Journal } from "../journal/port.ts";
import { lots, type MilliTicks, type Money, milliTicks, money } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { SimulatedExchange } from "../sim/exchange.ts";
import type { SimulationOptions } from "../sim/options.ts";
import type { CandleInterval } from "../trading/event.ts";
import { profitAndLoss } from "../trading/ledger.ts";
import type { GivenCommand } from "./journal-market.ts";
import { RunRecorder } from "./recorder.ts";
import type { ReportFolder } from "./report-folder.ts";
import type { RunIdentity, RunRecord } from "./run-record.ts";

export interface BacktestPlan {
  readonly bot: { readonly name: string; readonly tag: string };
  readonly instrument: Instrument;
  readonly configuration: Configuration;
  readonly simulation: SimulationOptions;
  /** Account of the simulation the bot trades on, and what it holds of the quote asset at the start. */
  readonly account: string;
  readonly equity: Money;
  /** Exchange time of the first row and of the end of the data, µs. */
  readonly startUs: number;
  readonly endUs: number;
  /** Shortest time between two books the bot sees. */
  readonly bookIntervalMs: number;
  readonly candleInterval: CandleInterval | null;
  readonly identity: RunIdentity;
  readonly folder: ReportFolder | null;
  /** An ordinary journal of the run, replayable; null is fastest. */
  readonly journal: Journal | null;
}

export interface BacktestProgress {
  readonly nowUs: number;
  readonly events: number;
  readonly equity: string;
}

export interface BacktestHooks {
  /** Called every few thousand events; true ends the run here, with a report marked partial (BT-28). */
  readonly onProgress?: (progress: BacktestProgress) => boolean;
  readonly onAlert?: (alert: HostAlert) => void;
  /** Sees every turn; for tests that compare runs order for order. */
  readonly onTurn?: (turn: TurnDone) => void;
  /** An operator's words of a journal, at their times (BT-44). */
  readonly commands?: readonly GivenCommand[];
  /** Wall milliseconds, for the part of the report that two equal runs may differ in. */
  readonly wallMs?: () => number;
}

export interface BacktestResult {
  readonly record: RunRecord;
  readonly stateHash: string;
  readonly events: number;
  /** Set when the host ended by itself: the safety check refused, or a bug of ours. */
  readonly end: HostEnd | null;
}

/** Wakes of the clock between two looks at progress and signals. */
const CHECK_EVERY = 4096;

/**
 * Runs to the end of the data. Errors: those of the journal and of the report folder; the folder is left unpublished.
 */
export async function runBacktest(plan: BacktestPlan, hooks: BacktestHooks = {}): Promise<BacktestResult> {
  const run = new Backtest(plan, hooks);
  return run.finish(await run.drive());
}

class Backtest {
  private readonly plan: BacktestPlan;
  private readonly hooks: BacktestHooks;
  private readonly clock: VirtualClock;
  private readonly host: BotHost;
  private readonly driver: SimulatedDriver;
  private readonly recorder: RunRecorder;
  private end: HostEnd | null = null;
  private events = 0;
  private mark: MilliTicks | null = null;

  constructor(plan: BacktestPlan, hooks: BacktestHooks) {
    this.plan = plan;
    this.hooks = hooks;
    this.clock = new VirtualClock(Math.floor(plan.startUs / 1000));
    const { identity, folder, startUs, equity } = plan;
    this.recorder = new RunRecorder({ identity, folder, startUs, equity, position: lots(0) });
    this.driver = new SimulatedDriver(new SimulatedExchange(plan.simulation), this.clock, {
      endUs: plan.endUs,
      onDelivered: () => this.host.drain(),
    });
    this.host = this.makeHost();
    this.host.observe((turn) => this.observe(turn));
    if (hooks.onTurn !== undefined) this.host.observe(hooks.onTurn);
  }

  /** Returns why the run is partial, or "" when it went to the end of the data. */
  async drive(): Promise<string> {
    const { clock, host } = this;
    const { endUs } = this.plan;
    host.start();
    host.drain();
    for (const { atMs, command, by, reason } of this.hooks.commands ?? [])
      clock.at(atMs, () => host.command(command, { by, reason }, () => undefined));
    for (let wakes = 1; this.end === null; wakes += 1) {
      const atUs = clock.nextUs();
      if (atUs > endUs) return "";
      while (clock.runNext(atUs)) host.drain();
      if (wakes % CHECK_EVERY !== 0) continue;
      if (this.wantsEnd()) return "ended by the user";
      // lets signals and the progress bar in
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.end.text;
  }

  finish(reason: string): BacktestResult {
    const { host, recorder, plan, events } = this;
    const hash = stateHash(host.state);
    const atUs = reason === "" ? Math.max(plan.startUs, Math.min(plan.endUs, this.clock.nowUs())) : this.clock.nowUs();
    this.driver.stop();
    if (this.end === null) plan.journal?.seal(host.state.nowMs);
    for (const [name, count] of this.driver.exchange.faults.counts) recorder.count(`fault: ${name}`, count);
    const ledgerEquity = this.ledgerEquity();
    const ending = { stateHash: hash, whole: reason === "", reason, atUs, ledgerEquity };
    return { record: recorder.finish(ending), stateHash: hash, events, end: this.end };
  }

  private wantsEnd(): boolean {
    const { recorder, events } = this;
    return this.hooks.onProgress?.({ nowUs: this.clock.nowUs(), events, equity: recorder.equityText() }) ?? false;
  }

  private makeHost(): BotHost {
    const { plan, hooks } = this;
    return new BotHost({
      identity: { bot: plan.bot.name, tag: plan.bot.tag, lineage: plan.journal?.meta.lineage ?? 1 },
      symbol: plan.instrument.symbol,
      engine: productionEngine,
      clock: this.clock,
      port: new SimulatedPort(this.driver, { account: plan.account }),
      journal: plan.journal,
      configuration: plan.configuration,
      conditions: { clockOffsetMs: 0, clockErrorMs: 0, keyMayWithdraw: false },
      subscription: { candleInterval: plan.candleInterval, bookIntervalMs: plan.bookIntervalMs },
      turns: "driven",
      host: "backtest",
      release: plan.identity.codeVersion,
      coreHash: plan.identity.codeVersion,
      onAlert: (alert) => {
        this.recorder.count(`alert: ${alert.code}`);
        hooks.onAlert?.(alert);
      },
      onEnd: (end) => {
        this.end = end;
      },
    });
  }

  /** Tells the recorder what the bot saw and did. */
  private observe(turn: TurnDone): void {
    const { recorder } = this;
    this.events += turn.events.length;
    for (const event of turn.events) this.observeEvent(event);
    for (const { effect, atMs } of turn.effects) {
      if (effect.kind === "place") recorder.onOrderPlaced(atMs * 1000, effect.clientOrderId, effect.order);
    }
  }

  /** What the report is made of; every other event is the engine's alone. */
  private observeEvent(event: TurnDone["events"][number]): void {
    const { recorder } = this;
    const atUs = event.atMs * 1000;
    if (event.kind === "book") {
      const bid = event.bids[0];
      const ask = event.asks[0];
      if (bid === undefined || ask === undefined) return;
      this.mark = milliTicks((bid[0] + ask[0]) * 500);
      recorder.onMark(atUs, this.mark);
    } else if (event.kind === "fill") recorder.onFill(atUs, event);
    else if (event.kind === "funding-settled") recorder.onFunding(atUs, event.amount);
    else if (event.kind === "outcome" && event.of !== "cancel") {
      if (event.result === "accepted") recorder.onOrderAccepted(atUs, event.clientOrderId);
      else if (event.result === "rejected") this.ended(atUs, event.clientOrderId, event.reason ?? "OTHER");
    } else if (event.kind === "order" && event.status !== "open") {
      recorder.onOrderEnded(atUs, event.clientOrderId, {
        status: event.status,
        reason: event.reason ?? "",
        cumulative: event.cumulative,
      });
    }
  }

  private ended(atUs: number, id: Parameters<RunRecorder["onOrderEnded"]>[1], reason: string): void {
    this.recorder.onOrderEnded(atUs, id, { status: "rejected", reason, cumulative: 0 });
  }

  /** Equity by the engine's own ledger at the last mark: what the recorder's account must tie to. */
  private ledgerEquity(): Money | null {
    const { ledger, instrument } = this.host.state;
    if (instrument === null || this.mark === null) return null;
    return money(this.plan.equity + profitAndLoss(ledger, instrument, this.mark).net);
  }
}
