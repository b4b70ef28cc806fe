// A ccxt port on an emulated Binance with a market played by hand, and everything its streams told, in order.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { type CcxtPort, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { CcxtPortError } from "../../src/exchange/ccxt/open.ts";
import type { StreamTimes } from "../../src/exchange/ccxt/streams/times.ts";
import { type Emulator, FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import type { Operator } from "../../src/exchange/emulator/operator.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import type { StreamMessage, UpstreamHealth } from "../../src/exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import type { Log } from "../../src/observe/log.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";
import { Hands } from "../contract/exchange-stage.ts";

export interface Market {
  readonly protocol: "binance-usdm" | "binance-spot";
  readonly market: "perpetual" | "spot";
  readonly symbol: string;
  /** Lots that a test counts as one. */
  readonly unit: number;
}

export const USDM: Market = { protocol: "binance-usdm", market: "perpetual", symbol: "BTC/USDT:USDT", unit: 1 };
export const SPOT: Market = { protocol: "binance-spot", market: "spot", symbol: "BTC/USDT", unit: 100 };

const DEADLINE_MS = 12_000;

export interface StreamStage {
  readonly emulator: Emulator;
  readonly port: CcxtPort;
  readonly hands: Hands;
  readonly operator: Operator;
  /** What the streams of the instrument told a bot. */
  readonly told: StreamMessage[];
  readonly health: UpstreamHealth[];
  /** Ends the bot's subscription. */
  end(): void;
  inject(name: string, more?: Readonly<Record<string, unknown>>): void;
  /** How often faults of that name struck. */
  struck(name: string): number;
  /** How often a route was asked for. */
  requests(route: string): number;
  sockets(): number;
  closeSockets(code: number): void;
}

export interface StageOptions {
  readonly market?: Market;
  /** ccxt's name; Binance unless told. */
  readonly exchange?: string;
  readonly times?: Partial<StreamTimes>;
  readonly log?: Log;
  readonly keys?: boolean;
  /** Time of exchange and port: where it begins, and how much faster than the machine's it runs. */
  readonly pace?: { readonly startMs: number; readonly speed: number };
}

/** Where time runs many times as fast, so do deadlines: the first request of a busy machine may miss its own. */
const FAST_OPENS = 20;

async function opened(open: () => Promise<CcxtPort>, tries: number): Promise<CcxtPort> {
  try {
    return await open();
  } catch (error) {
    if (tries <= 1 || !(error instanceof CcxtPortError)) throw error;
    return opened(open, tries - 1);
  }
}

export async function streamStage(context: TestContext, options: StageOptions = {}): Promise<StreamStage> {
  const { market: of = USDM, times = {}, log = SILENT_LOG, keys = true } = options;
  const market = { kind: "hand" } as const;
  const { startMs, speed } = options.pace ?? { startMs: Date.now(), speed: 1 };
  const emulator = await startEmulator({
    protocols: [of.protocol],
    ports: FREE_PORTS,
    controlPort: null,
    market,
    clock: { mode: speed === 1 ? "wall" : "paced", speed, startMs },
  });
  context.after(() => emulator.close());
  const at = `127.0.0.1:${emulator.ports[of.protocol]}`;
  const open = (): Promise<CcxtPort> =>
    openCcxtPort({
      exchange: options.exchange ?? "binance",
      market: of.market,
      symbols: [of.symbol],
      credentials: keys ? { apiKey: "demo-key", secret: "demo-secret" } : null,
      credentialsAgain: () => Promise.resolve({ apiKey: "demo-key", secret: "demo-secret" }),
      environment: "emulator",
      endpoints: { rest: `http://${at}`, websocket: `ws://${at}` },
      clock: new PacedClock(MONOTONIC_CLOCK, startMs, speed),
      log,
      streamTimes: times,
    });
  const port = await opened(open, speed === 1 ? 1 : FAST_OPENS);
  context.after(() => port.closed());
  const told: StreamMessage[] = [];
  const health: UpstreamHealth[] = [];
  port.watchHealth((news) => health.push(news));
  const request = { symbol: of.symbol, candleInterval: "1m", bookIntervalMs: 10 } as const;
  const end = port.subscribe(request, (message) => told.push(message));
  const { universe } = emulator.control;
  const gate = (): FaultGate => {
    assert.ok(universe.gate instanceof FaultGate);
    return universe.gate;
  };
  const injected: { readonly name: string; readonly id: string }[] = [];
  return {
    emulator,
    port,
    hands: new Hands(port, of),
    operator: universe.operator,
    told,
    health,
    end,
    inject: (name, more = {}) => {
      const names = { protocols: [of.protocol], accounts: ["demo"], instruments: [of.symbol] };
      const fault = readFault({ name, ...more }, names);
      assert.ok(fault.ok, fault.ok ? "" : `${name}: ${fault.error.field} should be ${fault.error.expected}`);
      injected.push({ name, id: gate().inject(fault.value).id });
    },
    struck: (name) =>
      injected.reduce((sum, each) => sum + (each.name === name ? (gate().desk.view(each.id)?.fired ?? 0) : 0), 0),
    requests: (route) => gate().counts.requestsOf((_protocol, asked) => asked === route),
    sockets: () => emulator.control.sockets().length,
    closeSockets: (code) => {
      for (const socket of emulator.control.sockets()) socket.close(code, "the server goes");
    },
  };
}

export const walletName = (of: Market): string => walletOf("demo", of.protocol);

/** Messages of one kind, in order. */
export function kindOf<K extends StreamMessage["kind"]>(
  told: readonly StreamMessage[],
  kind: K,
): readonly Extract<StreamMessage, { kind: K }>[] {
  return told.filter((each): each is Extract<StreamMessage, { kind: K }> => each.kind === kind);
}

/** Waits until something holds, looking again whenever the event loop has turned. */
export async function until(what: string, holds: () => boolean, deadlineMs = DEADLINE_MS): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!holds()) {
    assert.ok(performance.now() < endMs, `${what} within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Orders are followed: what was missed is read, and the stream lives. */
export const isLive = (stage: StreamStage, subject = "orders"): boolean =>
  stage.health.findLast((each) => each.subject === subject)?.state === "live";
