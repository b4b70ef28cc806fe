// A ccxt port on an emulated Binance, every request it sends written down, and the faults of the emulator at hand.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { PacedClock } from "../../src/base/paced-clock.ts";
import { type CcxtPort, type CcxtPortOptions, openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { type HttpRequest, NodeTransport, type Transport } from "../../src/exchange/ccxt/transport.ts";
import {
  type Emulator,
  type EmulatorOptions,
  FREE_PORTS,
  startEmulator,
} from "../../src/exchange/emulator/emulator.ts";
import { readFault } from "../../src/exchange/emulator/faults/fault-form.ts";
import { FaultGate } from "../../src/exchange/emulator/faults/gate.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import type { UpstreamHealth } from "../../src/exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../src/host/wall-clock.ts";
import { type Log, SILENT_LOG } from "../../src/observe/log.ts";
import { Hands } from "../contract/exchange-stage.ts";
import { type Market, USDM } from "./stream-stage.ts";

export { type Market, SPOT, USDM, until } from "./stream-stage.ts";

/** One request as it left: `POST /fapi/v1/order` and what it carried. */
export interface SentRequest {
  readonly route: string;
  readonly values: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly lane: HttpRequest["lane"];
}

export interface PortStage {
  readonly emulator: Emulator;
  readonly market: Market;
  readonly port: CcxtPort;
  readonly hands: Hands;
  readonly health: UpstreamHealth[];
  readonly sent: SentRequest[];
  /** Requests of one route, in order. */
  readonly sentTo: (route: string) => readonly SentRequest[];
  readonly inject: (name: string, more?: Readonly<Record<string, unknown>>) => string;
  readonly struck: (id: string) => number;
  /** Every order that ever bore the id, as the exchange has them. */
  readonly ordersOf: (clientOrderId: string) => number;
  readonly openIds: () => readonly string[];
  /** A public trade; `side` is the taker's. */
  readonly trade: (side: "buy" | "sell", price: string, quantity: string) => void;
  readonly operator: Emulator["control"]["universe"]["operator"];
}

export interface PortStageOptions extends Partial<Omit<CcxtPortOptions, "market" | "clock">> {
  readonly of?: Market;
  readonly emulator?: EmulatorOptions;
}

/** The emulator alone, for ports that must not open. */
export async function emulated(context: TestContext, of: Market, options: EmulatorOptions = {}): Promise<Emulator> {
  const market = { kind: "hand" } as const;
  const all = { protocols: [of.protocol], ports: FREE_PORTS, controlPort: null, market, ...options };
  const emulator = await startEmulator(all);
  context.after(() => emulator.close());
  return emulator;
}

export function portOptions(emulator: Emulator, of: Market, log: Log = SILENT_LOG): CcxtPortOptions {
  const at = `127.0.0.1:${emulator.ports[of.protocol]}`;
  return {
    exchange: "binance",
    market: of.market,
    symbols: [of.symbol],
    credentials: { apiKey: "demo-key", secret: "demo-secret" },
    environment: "emulator",
    endpoints: { rest: `http://${at}`, websocket: `ws://${at}` },
    clock: new PacedClock(MONOTONIC_CLOCK, Date.now(), 1),
    log,
  };
}

export async function portStage(context: TestContext, options: PortStageOptions = {}): Promise<PortStage> {
  const { of = USDM, emulator: emulatorOptions, log, ...more } = options;
  const emulator = await emulated(context, of, emulatorOptions);
  const base = portOptions(emulator, of, log);
  const sent: SentRequest[] = [];
  const transport = written(new NodeTransport({ clock: base.clock }), sent);
  const port = await openCcxtPort({ ...base, transport, ...more });
  context.after(() => port.closed());
  const health: UpstreamHealth[] = [];
  port.watchHealth((news) => health.push(news));
  const { universe } = emulator.control;
  const gate = (): FaultGate => {
    assert.ok(universe.gate instanceof FaultGate);
    return universe.gate;
  };
  const { ledger } = universe.exchange.desk;
  return {
    emulator,
    market: of,
    port,
    hands: new Hands(port, of),
    health,
    sent,
    sentTo: (route) => sent.filter((each) => each.route === route),
    inject: (name, fault = {}) => {
      const names = { protocols: [of.protocol], accounts: ["demo"], instruments: [of.symbol] };
      const read = readFault({ name, ...fault }, names);
      assert.ok(read.ok, read.ok ? "" : `${name}: ${read.error.field} should be ${read.error.expected}`);
      return gate().inject(read.value).id;
    },
    struck: (id) => gate().desk.view(id)?.fired ?? 0,
    ordersOf: (clientOrderId) => emulator.control.orders(clientOrderId).length,
    openIds: () => [...ledger.openOrders(walletOf("demo", of.protocol))].map((order) => order.clientOrderId).sort(),
    trade: (side, price, quantity) =>
      assert.equal(universe.operator.market.trade(of.symbol, { side, price, quantity }), null),
    operator: universe.operator,
  };
}

/** The real transport, and a note of everything that goes through it. */
function written(inner: Transport, sent: SentRequest[]): Transport {
  return {
    send: (request, left) => {
      const url = new URL(request.url);
      const values = new URLSearchParams([...url.searchParams, ...new URLSearchParams(request.body ?? "")]);
      sent.push({ route: `${request.method} ${url.pathname}`, values, headers: request.headers, lane: request.lane });
      return inner.send(request, left);
    },
    close: () => inner.close(),
  };
}
