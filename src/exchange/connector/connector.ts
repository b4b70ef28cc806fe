// A connector: ExchangeService over one exchange port. It holds the one upstream connection set, fans it out, and tells
// the truth about it. Opening reads the instruments; closing ends every stream and timer it owns.

import type { Clock } from "../../base/clock.ts";
import type { ProcessInfo } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { RpcHealth } from "../../rpc/health.ts";
import { type RpcOffering, rpcService } from "../../rpc/method.ts";
import { unnamedProcess } from "../../rpc/process-info.ts";
import type { TopicMetrics } from "../../rpc/topic.ts";
import type { ExchangePort } from "../port.ts";
import { AccountDesk } from "./account-desk.ts";
import { AccountShares } from "./account-shares.ts";
import { CancelDesk } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";
import { type Arming, DeadMan, type DeadManState } from "./dead-man.ts";
import { exchangeCalls } from "./exchange-calls.ts";
import { ExchangeGuard } from "./exchange-dead-man.ts";
import { Feeds } from "./feeds.ts";
import { Fence, type FenceMemory, NO_FENCE_MEMORY } from "./fence.ts";
import { Instruments } from "./instruments.ts";
import { type ConnectorHealth, Liveness } from "./liveness.ts";
import { MarketStreams } from "./market-streams.ts";
import { type ConnectorLog, type ConnectorMetrics, SILENT_LOG, UNCOUNTED } from "./observer.ts";
import { OrderDesk } from "./order-desk.ts";
import { OrderMemory } from "./order-memory.ts";
import { PrivateStreams } from "./private-streams.ts";
import { PublicReads } from "./public-reads.ts";
import { PublicTopics } from "./public-topics.ts";
import { Reads } from "./reads.ts";
import { Subscriptions } from "./subscriptions.ts";
import { TagOwners } from "./tag-owners.ts";
import { Upstream } from "./upstream.ts";
import { wholeMessages } from "./wording.ts";

export interface ConnectorOptions {
  /** The account's own connection; closed with the connector. */
  readonly port: ExchangePort;
  /** Instruments to serve. */
  readonly symbols: readonly string[];
  /** The exchange's time, and how fast it runs in millionths of the machine's. */
  readonly clock: Clock;
  readonly ratePpm: number;
  /** The machine's clock that nobody sets. */
  readonly machine: Clock;
  readonly unixMs?: () => number;
  readonly release: string;
  /** What its orders are worth: `live`, `testnet` or `emulator`; unsaid unless given. */
  readonly environment?: string;
  /** The process it runs in, as GetProcess tells it. */
  readonly process?: () => ProcessInfo;
  readonly health: RpcHealth;
  readonly log?: ConnectorLog;
  readonly metrics?: ConnectorMetrics;
  readonly topicMetrics?: TopicMetrics;
  /** Shortest exchange time between two books of an instrument; 100 ms unless given. */
  readonly bookIntervalMs?: number;
  /** Keeps the bots' run numbers through restarts (API-12); they live as long as this process unless given. */
  readonly fence?: FenceMemory;
  /**
   * Nobody else trades this account: the exchange's own dead-man timer, which cancels foreign orders too, may be armed
   * (EXCH-32, RISK-38). False unless given.
   */
  readonly exclusive?: boolean;
}

export interface Connector {
  readonly exchange: string;
  /** For `startRpcServer`. */
  readonly service: RpcOffering;
  readonly health: ConnectorHealth;
  readonly status: ConnectorStatus;
  close(): void;
}

export interface ConnectorStatus {
  readonly exchange: string;
  readonly symbols: readonly string[];
  /** Upstream subscriptions that are open: one an instrument at most, whatever the number of subscribers. */
  readonly upstreamSubscriptions: number;
  readonly deadManTimers: number;
}

/** The exchange did not describe an instrument in time. */
export class ConnectorStartError extends Error {
  override readonly name = "ConnectorStartError";
  readonly code = "EXCHANGE_SILENT";
}

/** API-32. */
const START_MS_MAX = 30_000;
/** How often an open candle is told, when it changed. */
const OPEN_CANDLE_MS = 250;
const NO_TOPIC_METRICS: TopicMetrics = { conflated: () => undefined, overrun: () => undefined };

/** Errors: {@link ConnectorStartError} naming the instrument the exchange did not describe within 30 s. */
export async function openConnector(options: ConnectorOptions): Promise<Connector> {
  const core = coreOf(options, await readInstruments(options));
  const topicMetrics = options.topicMetrics ?? NO_TOPIC_METRICS;
  const feeds = new Feeds(core, topicMetrics);
  const accounts = new AccountDesk(core);
  const reads = new Reads(core, accounts);
  // what people look at comes at their own pace, however fast the exchange's clock is
  const pace = Math.max(1, options.ratePpm / 1_000_000);
  const bookIntervalMs = options.bookIntervalMs ?? 100;
  const parts: { own: PrivateStreams | null } = { own: null };
  const markets = new MarketStreams({
    core,
    feeds,
    metrics: topicMetrics,
    bookIntervalMs,
    openCandleMs: Math.ceil(OPEN_CANDLE_MS * pace),
    onPrivate: (symbol, message) => parts.own?.hear(symbol, message),
    onLetGo: (symbol) => parts.own?.forget(symbol),
  });
  const own = new PrivateStreams({ core, feeds, markets, reads, accounts, metrics: topicMetrics });
  parts.own = own;
  const deep = { bookIntervalMs: Math.ceil(bookIntervalMs * pace) };
  const publicTopics = new PublicTopics({ core, feeds, markets, metrics: topicMetrics, ...deep });
  const cancels = new CancelDesk(core);
  const guard = guardOf(options, core, feeds);
  const deadMan = guardedDeadMan(new DeadMan(core, cancels), { core, feeds, guard });
  const endHealth = options.port.watchHealth?.((health) => feeds.health(health));
  const liveness = new Liveness(core, feeds, options.health);
  const handlers = exchangeCalls({
    core,
    release: options.release,
    environment: options.environment ?? "",
    process: options.process ?? (() => unnamedProcess(options.release)),
    ratePpm: options.ratePpm,
    orders: new OrderDesk(core),
    cancels,
    deadMan,
    guarded: guard !== null,
    reads,
    publicReads: new PublicReads({ core, markets, reads }),
    markets,
    subscriptions: new Subscriptions({ core, feeds, markets, publicTopics, own }),
    owners: new TagOwners(),
    shares: new AccountShares(core.machine),
  });
  return {
    exchange: core.exchange,
    service: rpcService(wholeMessages(), handlers),
    get health() {
      return liveness.now;
    },
    get status() {
      const { symbols } = core.instruments;
      const { exchange } = core;
      return { exchange, symbols, upstreamSubscriptions: markets.open, deadManTimers: deadMan.armed };
    },
    close: () => {
      liveness.close();
      endHealth?.();
      deadMan.close();
      guard?.close();
      own.close();
      publicTopics.close();
      markets.close();
      feeds.topic.close();
      options.port.close();
    },
  };
}

/** What becomes of a bot's timer is told, and the exchange's own follows it. */
function guardedDeadMan(
  deadMan: DeadMan,
  { core, feeds, guard }: { readonly core: ConnectorCore; readonly feeds: Feeds; readonly guard: ExchangeGuard | null },
): DeadMan {
  deadMan.onState = (arming, state) => {
    feeds.deadMan(arming.botId, arming.symbol, wordsOf(state));
    if (guard !== null) guardFollows(guard, core, { arming, state });
  };
  return deadMan;
}

/** Null where the exchange has no timer of its own, or the account is not the bots' alone. */
function guardOf(
  { port, exclusive = false }: ConnectorOptions,
  core: ConnectorCore,
  feeds: Feeds,
): ExchangeGuard | null {
  if (port.deadMan === undefined || port.capabilities.deadMan === "none") return null;
  if (!exclusive) {
    const why = "the account is not exclusive, and it would cancel every order there";
    const then = "should this connector die, resting orders stay until it is back";
    core.log.warn(`the exchange's dead-man timer stays off: ${why}; ${then}`, { exchange: core.exchange });
    return null;
  }
  return new ExchangeGuard({
    core,
    timer: port.deadMan,
    onState: (symbol, state, text) => {
      feeds.health({ subject: `dead-man ${symbol}`, state: state === "failed" ? "down" : "live", text });
    },
  });
}

function guardFollows(
  guard: ExchangeGuard,
  { instruments }: ConnectorCore,
  { arming, state }: { readonly arming: Arming; readonly state: DeadManState },
): void {
  const symbols = arming.symbol === "" ? instruments.symbols : [arming.symbol];
  const who = `${arming.botId} ${arming.symbol}`;
  switch (state) {
    case "armed":
      guard.keep(who, symbols);
      return;
    case "off":
      guard.leave(who, symbols);
      return;
    case "fired":
    case "failed":
      guard.silent(who, symbols);
  }
}

function coreOf(options: ConnectorOptions, instruments: Instruments): ConnectorCore {
  return {
    exchange: instruments.all[0]?.exchange ?? options.port.name,
    upstream: upstreamOf(options),
    clock: options.clock,
    machine: options.machine,
    unixMs: options.unixMs ?? Date.now,
    instruments,
    orders: new OrderMemory(instruments),
    fence: new Fence(options.fence ?? NO_FENCE_MEMORY),
    log: options.log ?? SILENT_LOG,
    metrics: options.metrics ?? UNCOUNTED,
  };
}

const upstreamOf = ({ port, machine, metrics = UNCOUNTED }: ConnectorOptions): Upstream =>
  new Upstream(port, {
    monotonicMs: () => machine.monotonicMs(),
    onCall: (call, outcome, ms) => metrics.call(call, outcome, ms),
  });

async function readInstruments(options: ConnectorOptions): Promise<Instruments> {
  const { port, symbols, clock, machine } = options;
  const upstream = upstreamOf(options);
  const instruments = new Instruments();
  const deadlineMs = machine.monotonicMs() + START_MS_MAX;
  for (const symbol of symbols) {
    // ends with the answer, or with an error at the deadline
    for (;;) {
      const answer = await upstream.instrument(symbol);
      if (answer.result === "ok") {
        instruments.set(answer.instrument, clock.nowMs());
        break;
      }
      if (machine.monotonicMs() >= deadlineMs) {
        throw new ConnectorStartError(`${port.name} does not describe ${symbol}: ${answer.text}; is it traded there?`);
      }
      await new Promise<void>((resolve) => void machine.at(machine.nowMs() + 500, resolve));
    }
  }
  return instruments;
}

function wordsOf(state: DeadManState): string {
  switch (state) {
    case "armed":
      return "dead-man timer armed";
    case "off":
      return "dead-man timer off";
    case "fired":
      return "dead-man timer fired: cancelling the bot's orders";
    case "failed":
      return "dead-man timer: orders are left, trying again";
  }
}
