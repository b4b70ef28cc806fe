// One process's connection to a connector (API-33…35, API-44): reached by the ladder or given up with a clear sentence,
// its health watched, its clock followed. Many remote ports share it; each has streams of its own.

import type { Clock } from "../base/clock.ts";
import { CONNECT_ATTEMPTS_MAX, connectWaitMs, type Dice } from "../rpc/backoff.ts";
import { openRpcClient, type RpcClient, type RpcClientOf, type RpcClientOptions } from "../rpc/client.ts";
import { ExchangeServiceDefinition } from "../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { type HealthWatch, type WatchedHealth, watchHealth } from "../rpc/health-watch.ts";
import { type RpcLog, SILENT_RPC_LOG } from "../rpc/observer.ts";
import { refusalOf } from "../rpc/refusal.ts";
import { pause, REAL_TIMERS, type Timers } from "../rpc/timers.ts";
import type { PortCapabilities } from "./port.ts";
import { type ClockReading, RemoteClock } from "./remote-clock.ts";
import { RemoteStanding } from "./remote-standing.ts";
import { portCapabilities } from "./wire/capabilities.ts";

export type ExchangeClient = RpcClientOf<typeof ExchangeServiceDefinition>;

/** The connector was not reached; the process ends with exit code "dependency". */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly code = "CONNECTOR_UNREACHABLE";
}

/** What a connector says of itself and its exchange when it is first reached. */
export interface Hello {
  readonly name: string;
  readonly release: string;
  readonly requestExpiryMs: number;
  readonly lookupLagMs: number;
  /** Null: for ever. */
  readonly lookupReachMs: number | null;
  readonly capabilities: PortCapabilities;
  /** The words of GetTypeResponse.capabilities: facets the port behind has. */
  readonly words: ReadonlySet<string>;
}

export interface RemoteConnectionOptions extends Omit<RpcClientOptions, "log"> {
  readonly log?: RpcLog;
  /** The machine's clock that nobody sets. */
  readonly machine: Clock;
  /** Exchange of the connector; empty where it serves exactly one. */
  readonly exchange?: string;
  /** Each failed attempt of the start, and how long is waited before the next. */
  readonly onAttempt?: (attempt: {
    readonly failures: number;
    readonly waitMs: number | null;
    readonly cause: string;
  }) => void;
  readonly timers?: Timers;
  readonly dice?: Dice;
  /** Milliseconds one attempt may take; 10 s unless given. */
  readonly attemptMs?: number;
  /** Ends the ladder early: the process is told to stop. */
  readonly signal?: AbortSignal;
}

/** How often the exchange's clock is looked at. */
const CLOCK_EVERY_MS = 5_000;

export class RemoteConnection {
  readonly address: string;
  readonly exchange: string;
  readonly client: ExchangeClient;
  readonly rpc: RpcClient;
  readonly clock: RemoteClock;
  readonly standing: RemoteStanding;
  readonly machine: Clock;
  readonly timers: Timers;
  readonly log: RpcLog;
  readonly hello: Hello;
  private readonly watch: HealthWatch;
  private readonly listeners = new Set<(health: WatchedHealth, text: string) => void>();
  private readonly abort = new AbortController();
  private readonly following: Promise<void>;
  private reason = "";
  private seen = false;

  constructor(options: RemoteConnectionOptions, rpc: RpcClient, first: Greeting) {
    this.address = options.address;
    this.exchange = options.exchange ?? "";
    this.rpc = rpc;
    this.client = rpc.client(ExchangeServiceDefinition);
    this.machine = options.machine;
    this.timers = options.timers ?? REAL_TIMERS;
    this.log = options.log ?? SILENT_RPC_LOG;
    this.hello = first.hello;
    this.standing = first.standing;
    this.clock = new RemoteClock(options.machine, first.reading);
    this.watch = watchHealth({
      client: rpc,
      service: ExchangeServiceDefinition.fullName,
      listener: (health, text) => this.changed(health, text),
    });
    this.following = this.followClock();
  }

  /** `unknown` only after the watch has once spoken: it was reached a moment ago. */
  get health(): WatchedHealth {
    return this.seen ? this.watch.health : "serving";
  }

  /** Why it does not serve; empty when it does. */
  get trouble(): string {
    return this.health === "serving" ? "" : this.reason || `${this.address} says it is not serving`;
  }

  /** Called on each change of health; the function it gives ends that. */
  onHealth(listener: (health: WatchedHealth, text: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Ends every call and stream over it. */
  async close(): Promise<void> {
    this.abort.abort();
    this.listeners.clear();
    await this.watch.close();
    this.rpc.close();
    await this.following;
  }

  private changed(health: WatchedHealth, text: string): void {
    this.seen = true;
    this.reason = text;
    if (health === "serving") this.log.info("connector serves", { address: this.address });
    else this.log.warn("connector does not serve", { address: this.address, health, text });
    for (const listener of this.listeners) listener(health, text);
    // a connector that is back may have another time, and another key
    if (health !== "serving") return;
    void this.look();
    void this.standing.askRights();
  }

  private async followClock(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      await pause(CLOCK_EVERY_MS, signal, this.timers);
      if (!signal.aborted && this.health === "serving") await this.look();
    }
  }

  private async look(): Promise<void> {
    try {
      this.clock.correct(await this.standing.readClock(this.machine));
    } catch (error) {
      if (!this.abort.signal.aborted) this.log.warn("the exchange's clock was not read", { said: String(error) });
    }
  }
}

/**
 * Reaches the connector (API-34). Errors: {@link RemoteError} `cannot reach connector at HOST:PORT after 10 attempts:
 * CAUSE`; whatever the connector itself refused with, at once: trying again would not help.
 */
export async function openRemoteConnection(options: RemoteConnectionOptions): Promise<RemoteConnection> {
  const { timers = REAL_TIMERS, dice, signal, onAttempt } = options;
  for (let failures = 1; ; failures += 1) {
    const rpc = openRpcClient(options);
    try {
      await rpc.ready(options.attemptMs ?? 10_000);
      return new RemoteConnection(options, rpc, await greet(rpc, options));
    } catch (error) {
      rpc.close();
      const refusal = refusalOf(error);
      if (refusal.explained && refusal.status !== "UNAVAILABLE") throw refusal;
      const cause = refusal.message;
      if (failures >= CONNECT_ATTEMPTS_MAX || signal?.aborted === true) {
        onAttempt?.({ failures, waitMs: null, cause });
        throw new RemoteError(`cannot reach connector at ${options.address} after ${failures} attempts: ${cause}`, {
          cause: error,
        });
      }
      const waitMs = connectWaitMs(failures, dice);
      onAttempt?.({ failures, waitMs, cause });
      await pause(waitMs, signal, timers);
    }
  }
}

interface Greeting {
  readonly hello: Hello;
  readonly reading: ClockReading;
  readonly standing: RemoteStanding;
}

async function greet(rpc: RpcClient, options: RemoteConnectionOptions): Promise<Greeting> {
  const client = rpc.client(ExchangeServiceDefinition);
  const exchange = options.exchange ?? "";
  const [name, type] = await Promise.all([client.getName({ exchange }), client.getType({ exchange })]);
  const standing = new RemoteStanding(client, exchange, { hasKey: type.capabilities.includes("settings") });
  const [reading] = await Promise.all([standing.readClock(options.machine), standing.askRights()]);
  const { requestExpiryMs, lookupLagMs, lookupReachMs } = type;
  const reach = lookupReachMs === 0 ? null : lookupReachMs;
  const hello = {
    name: name.name,
    release: name.release,
    requestExpiryMs,
    lookupLagMs,
    lookupReachMs: reach,
    capabilities: portCapabilities(type),
    words: new Set(type.capabilities),
  };
  return { hello, reading, standing };
}
