// The exchange port over ccxt (exchanges.md section 2): one account on one market of one exchange. It composes; what
// each part does stands in its own file.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../observe/log.ts";
import type {
  AccountSettings,
  ClockOffset,
  ExchangeDeadMan,
  ExchangePort,
  PortCapabilities,
  UpstreamHealth,
} from "../port.ts";
import { absenceProvenAfterMs } from "../proven-absence.ts";
import type { PublicMarket } from "../public-market.ts";
import { AccountDesk } from "./account-desk.ts";
import type { Priority } from "./call.ts";
import type { CallTimes } from "./calls.ts";
import { CancelDesk } from "./cancel-desk.ts";
import type { Proven } from "./exchanges/generic.ts";
import { genericRules } from "./exchanges/generic.ts";
import { tableOf } from "./exchanges/registry.ts";
import { Machine } from "./machine.ts";
import { CcxtPortError, loadMarkets, startAccount, startInstruments } from "./open.ts";
import { PlaceDesk } from "./place-desk.ts";
import { listOf, wholeOf } from "./raw.ts";
import type { RecordOptions } from "./recording/recorder.ts";
import { reloadKeys } from "./reload-keys.ts";
import type { StreamTimes } from "./streams/times.ts";
import type { Transport } from "./transport.ts";

/** Keys of an account; a passphrase only where the exchange asks for one. */
export interface CcxtCredentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string | null;
}

export type { RecordOptions } from "./recording/recorder.ts";

export interface CcxtPortOptions {
  /** `binance`, `okx`, `bybit`, `gate`, `bitget`, or any other id of ccxt (EXCH-61). */
  readonly exchange: string;
  readonly market: "spot" | "perpetual";
  readonly symbols: readonly string[];
  /** Null: market data only. */
  readonly credentials: CcxtCredentials | null;
  /** Reads the keys again from where they came (EXCH-52); absent where they cannot change. */
  readonly credentialsAgain?: () => Promise<CcxtCredentials>;
  readonly environment: "live" | "demo" | "emulator";
  /** Where an emulator listens; null: the exchange's own addresses. */
  readonly endpoints?: { readonly rest: string; readonly websocket: string } | null;
  /** What the account must be set to; null: whatever it is (EXCH-38). */
  readonly expect?: { readonly leverage?: number | null; readonly marginMode?: "cross" | "isolated" | null };
  /** Nobody else trades on the account: bulk cancels and the dead-man timer may be used (RISK-38). */
  readonly exclusive?: boolean;
  readonly allowWithdrawKeys?: boolean;
  /** What `doctor --active` saw work on an exchange without a table. */
  readonly proven?: Proven;
  /** Frames are written down as they come (EXCH-60); null: they are not. */
  readonly record?: RecordOptions | null;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends a start that waits for the request budget: the process is told to stop. Of no effect once the port stands. */
  readonly signal?: AbortSignal;
  readonly times?: Partial<CallTimes>;
  readonly streamTimes?: Partial<StreamTimes>;
  /** For tests: what carries the requests. */
  readonly transport?: Transport;
}

export interface CcxtPort extends ExchangePort {
  /** Sentences that stand in the console as long as the port lives (EXCH-54, EXCH-61). */
  readonly warnings: readonly string[];
  readonly budget: NonNullable<ExchangePort["budget"]>;
  watchHealth(listener: (health: UpstreamHealth) => void): () => void;
  clockOffset(): ClockOffset | null;
  /** Resolves when every socket, timer and connection is gone. */
  closed(): Promise<void>;
}

const UNPROVEN =
  "has no table of its own here: nothing it answers counts as a refusal until a look-up says so, there is no " +
  "dead-man timer, and what ccxt says it can do counts as missing until `doctor --active` saw it work";

/**
 * Connects: markets are read, the clock is measured, the account is checked (EXCH-38, EXCH-54). Throws
 * {@link CcxtPortError}.
 */
export async function openCcxtPort(options: CcxtPortOptions): Promise<CcxtPort> {
  const { table, generic } = tableOf(options.exchange, options.market, options.proven);
  const machine = await Machine.build(table, options);
  const started = machine.start(options.signal);
  try {
    const { instance, calls, desk, budget, serverClock } = machine;
    if (generic) budget.setRules(genericRules(wholeOf(instance.kept("rateLimit")) ?? 1000));
    budget.setRules(table.limits.told(await loadMarkets({ table, calls })));
    requireListed(machine, options.symbols);
    await serverClock.measure();
    if (serverClock.offset === null) throw new CcxtPortError("UNREACHABLE", `${table.name} did not tell its time`);
    const parts = { table, instance, calls, desk, symbols: options.symbols };
    const warnings = generic ? [`${table.name} ${UNPROVEN}`] : [];
    if (options.credentials !== null) {
      const { verdict, kind } = await startAccount(parts, {
        leverage: options.expect?.leverage ?? null,
        marginMode: options.expect?.marginMode ?? null,
        allowWithdrawKeys: options.allowWithdrawKeys ?? false,
      });
      machine.kind = kind?.kind ?? null;
      if (verdict.readOnly) machine.readOnly = "the API key may not trade";
      warnings.push(...verdict.warnings);
    }
    await startInstruments(parts);
    desk.start();
    for (const text of warnings) options.log.warn(text, { code: "exchange.warning" });
    return new OpenPort(machine, options, warnings);
  } catch (error) {
    await machine.close();
    if (options.signal?.aborted !== true) throw error;
    throw new CcxtPortError("UNREACHABLE", `told to stop before ${table.name} had answered`);
  } finally {
    started();
  }
}

/** A name that is not listed is told as that, with what comes near it, before anything is asked about it. */
function requireListed({ instance, table }: Machine, symbols: readonly string[]): void {
  const unlisted = symbols.find((symbol) => instance.market(symbol) === null);
  if (unlisted === undefined) return;
  const [base = ""] = unlisted.split("/");
  const all = listOf(instance.kept("symbols")).filter((each): each is string => typeof each === "string");
  const near = all.filter((each) => each.startsWith(`${base}/`)).slice(0, NEAR_MAX);
  const said = near.length === 0 ? `nothing there begins with ${base}/` : `there is ${near.join(", ")}`;
  throw new CcxtPortError("REFUSED", `${unlisted} is no instrument of ${table.name} (${table.market}): ${said}`);
}

const NEAR_MAX = 5;

class OpenPort implements CcxtPort {
  readonly name: string;
  readonly capabilities: PortCapabilities;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  readonly lookupReachMs?: number;
  readonly warnings: readonly string[];
  readonly publicMarket: PublicMarket;
  readonly settings?: AccountSettings;
  readonly deadMan?: ExchangeDeadMan;
  readonly amend?: NonNullable<ExchangePort["amend"]>;
  readonly cancelEverything?: NonNullable<ExchangePort["cancelEverything"]>;
  private readonly machine: Machine;
  private readonly places: PlaceDesk;
  private readonly cancels: CancelDesk;
  private ending: Promise<void> | null = null;

  constructor(machine: Machine, options: CcxtPortOptions, warnings: readonly string[]) {
    const { table, clock, calls, redactor, marketReads, streams } = machine;
    this.machine = machine;
    this.name = table.name;
    this.warnings = warnings;
    this.requestExpiryMs = table.expiry.form === "none" ? UNENFORCED_MS : machine.times.expiryMs;
    this.lookupLagMs = table.lookupLagMs;
    if (table.lookupReachMs !== null) this.lookupReachMs = table.lookupReachMs;
    const signed = options.credentials !== null;
    const nowMs = (): number => clock.nowMs();
    const exclusive = options.exclusive ?? false;
    const objection = (): string | null => machine.objection();
    const common = { table, calls, redactor, nowMs, exclusive };
    this.places = new PlaceDesk({
      ...common,
      reads: machine.reads,
      instruments: machine.instruments,
      sent: machine.sent,
      formats: machine.formats,
      absenceProvenAfterMs: absenceProvenAfterMs(this),
      objection: (symbol) => machine.placeObjection(symbol),
      ended: (order, outcome) => machine.judged(order, outcome),
    });
    this.cancels = new CancelDesk({ ...common, objection });
    const { instance, instruments, desk, health } = machine;
    const reload = (): Promise<string> => reloadKeys(machine, options);
    if (signed) {
      const { allowWithdrawKeys = false } = options;
      const account = new AccountDesk({
        ...common,
        allowWithdrawKeys,
        instance,
        instruments,
        desk,
        health,
        objection,
        reload,
      });
      this.settings = account.settings;
      machine.timer.runs = () => account.timerRuns();
      // it cancels foreign orders too (RISK-38)
      if (table.deadMan !== null && exclusive) this.deadMan = account.deadMan;
      const { places, cancels } = this;
      if (table.amend) this.amend = (request, done) => places.amend(request, done);
      if (table.cancelEverything("") !== null)
        this.cancelEverything = (symbol, done) => cancels.everything(symbol, done);
    }
    this.publicMarket = {
      watch: (wish, listener) => streams.watchPublic(wish, listener),
      book: (symbol, depth, done) => void marketReads.book(symbol, depth, 3).then(done),
      day: (symbol, done) => void marketReads.day(symbol).then(done),
      settledRates: (symbol, sinceMs, done) => void marketReads.settledRates(symbol, sinceMs, 4).then(done),
    };
    this.capabilities = capabilitiesOf(machine, { signed, timer: this.deadMan !== undefined });
  }

  readonly budget = (): ReturnType<CcxtPort["budget"]> => this.machine.budget.view();

  clockOffset(): ClockOffset | null {
    return this.machine.serverClock.offset;
  }

  instrument(symbol: string, done: Parameters<ExchangePort["instrument"]>[1]): void {
    void this.machine.instrument(symbol).then(done);
  }

  place(request: Parameters<ExchangePort["place"]>[0], done: Parameters<ExchangePort["place"]>[1]): void {
    this.places.place(request, done);
  }

  cancel(...[symbol, clientOrderId, done]: Parameters<ExchangePort["cancel"]>): void {
    this.cancels.cancel(symbol, clientOrderId, done);
  }

  lookup(...[symbol, clientOrderId, done]: Parameters<ExchangePort["lookup"]>): void {
    void this.machine.reads.lookup(symbol, clientOrderId, 1).then(done);
  }

  openOrders(symbol: string, done: Parameters<ExchangePort["openOrders"]>[1]): void {
    void this.machine.reads.openOrders(symbol, SETTLING).then(done);
  }

  fills(...[symbol, since, done]: Parameters<ExchangePort["fills"]>): void {
    void this.machine.reads.fills(symbol, since, SETTLING).then(done);
  }

  account(symbol: string, done: Parameters<ExchangePort["account"]>[1]): void {
    void this.machine.reads.account(symbol, SETTLING).then(done);
  }

  funding(...[symbol, sinceMs, done]: Parameters<NonNullable<ExchangePort["funding"]>>): void {
    if (this.machine.table.market === "spot") queueMicrotask(() => done({ result: "ok", settlements: [] }));
    else void this.machine.marketReads.funding(symbol, sinceMs, 3).then(done);
  }

  candles(...[request, done]: Parameters<ExchangePort["candles"]>): void {
    void this.machine.marketReads.candles(request).then(done);
  }

  subscribe(...[request, listener]: Parameters<ExchangePort["subscribe"]>): () => void {
    const endStreams = this.machine.streams.subscribe(request, listener);
    const endChanges = this.machine.onInstrument((instrument) => {
      if (instrument.symbol === request.symbol) listener({ kind: "instrument", instrument });
    });
    return () => {
      endStreams();
      endChanges();
    };
  }

  watchHealth(listener: (health: UpstreamHealth) => void): () => void {
    return this.machine.onHealth(listener);
  }

  close(): void {
    this.ending ??= this.machine.close();
  }

  async closed(): Promise<void> {
    this.close();
    await this.ending;
  }
}

/** Reads of the port serve settling and resynchronising. */
const SETTLING: Priority = 1;
/** Assumed where the exchange enforces no expiry (EXCH-08). */
const UNENFORCED_MS = 30_000;

function capabilitiesOf(
  { table }: Machine,
  { signed, timer }: { readonly signed: boolean; readonly timer: boolean },
): PortCapabilities {
  return {
    amend: table.amend && signed,
    placeBatchMax: table.placeBatchMax,
    cancelBatchMax: table.cancelBatchMax,
    deadMan: timer ? (table.deadMan?.kind ?? "none") : "none",
    reduceOnly: table.reduceOnly,
    lookupByClientId: table.lookupByClientId,
    streams: signed ? table.streams : table.streams.filter((each) => !PRIVATE.includes(each)),
  };
}

const PRIVATE: readonly string[] = ["orders", "fills", "account", "positions"];
