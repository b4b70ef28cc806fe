// The connector over real gRPC, in a process of its own (issue 3, api.md section 15): the hop against a bare grpc-js
// echo in the same run, orders a second, stream messages a second, and what the hop adds to an order's round trip.

import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { PacedClock } from "../src/base/paced-clock.ts";
import type { ExchangePort } from "../src/exchange/port.ts";
import { RemotePort } from "../src/exchange/remote.ts";
import { openRemoteConnection, type RemoteConnection } from "../src/exchange/remote-connection.ts";
import { SimulatedPort } from "../src/exchange/simulated.ts";
import { SimulatedDriver } from "../src/exchange/simulated-driver.ts";
import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { lots, money, ticks } from "../src/market/amounts.ts";
import { callersApproval } from "../src/risk/wire-approval.ts";
import { GetServerTimeResponse } from "../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { OrderSide, OrderType, TimeInForce } from "../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { SimulatedExchange } from "../src/sim/exchange.ts";
import { simulationOptions } from "../src/sim/options.ts";
import { CALM_BTC, SyntheticMarket } from "../src/sim/synthetic-market.ts";
import { foreignOrderId } from "../src/trading/client-order-id.ts";
import type { NewOrder } from "../src/trading/order.ts";
import {
  BENCH_INSTRUMENT,
  BENCH_SYMBOL,
  ECHO_PATH,
  type Hosts,
  openStage,
  rateOf,
  START_MS,
  type Stage,
} from "./connector-stage.ts";
import { type BenchOptions, median, p99, roundsOf, timed } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const CALLS = 1_000;
const IN_FLIGHT = 128;
const SUBSCRIBERS = 10;
const BURST = 2_000;

export async function benchConnector(options: BenchOptions): Promise<readonly Row[]> {
  const stage = await openStage();
  const connection = await dial(stage.hosts.connector, stage.hosts.key);
  try {
    // the exchange has a book before anybody trades
    await connection.client.getBook({ symbol: BENCH_SYMBOL });
    return [
      ...(await hopRows(options, stage.hosts, connection)),
      await ordersRow(options, stage, connection),
      await turnsRow(options, stage, connection),
      await streamRow(options, stage),
      ...(await roundTripRows(options, connection)),
    ];
  } finally {
    await connection.close();
    await stage.close();
  }
}

const dial = (address: string, key: string): Promise<RemoteConnection> =>
  openRemoteConnection({ address, key, machine: MONOTONIC_CLOCK });

async function hopRows(options: BenchOptions, hosts: Hosts, { client }: RemoteConnection): Promise<Row[]> {
  const bare = new Client(hosts.echo, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  const request = Buffer.from(GetServerTimeResponse.encode(await client.getServerTime({})).finish());
  const echo = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const metadata = new Metadata();
      bare.makeUnaryRequest(
        ECHO_PATH,
        same,
        same,
        request,
        metadata,
        { deadline: Date.now() + 5_000 },
        (error, reply) => {
          if (error === null) resolve(reply);
          else reject(error);
        },
      );
    });
  const ratios = { p50: [] as number[], p99: [] as number[] };
  const seen = { ours: [] as number[], bare: [] as number[] };
  for (let round = -1; round < roundsOf(options); round += 1) {
    const ours = await timed(CALLS, () => client.getServerTime({}));
    const theirs = await timed(CALLS, echo);
    if (round < 0) continue;
    ratios.p50.push(median(ours) / median(theirs));
    ratios.p99.push(p99(ours) / p99(theirs));
    seen.ours.push(median(ours), p99(ours));
    seen.bare.push(median(theirs), p99(theirs));
  }
  bare.close();
  const row = (what: "p50" | "p99"): Row => ({
    bench: "grpc",
    measure: `a read through the connector / bare grpc-js echo, ${what}`,
    value: median(ratios[what]),
    unit: "×",
    must: { most: 3 },
    want: { most: 1.5 },
    detail: detailOf(
      `${CALLS} calls one after the other`,
      `p50 ${numberText(seen.ours[0] ?? 0)} ms, echo ${numberText(seen.bare[0] ?? 0)} ms`,
    ),
  });
  return [row("p50"), row("p99")];
}

let orders = 0;
const nextId = (): string => {
  orders += 1;
  return `ob${orders}`;
};

/** An order that ends at once: far from the market, immediate or cancelled. */
const farOrder = () => ({
  symbol: BENCH_SYMBOL,
  side: OrderSide.BUY,
  type: OrderType.LIMIT,
  timeInForce: TimeInForce.IOC,
  quantity: { value: "0.005" },
  price: { value: "50000.0" },
  clientOrderId: nextId(),
});

async function ordersRow(options: BenchOptions, stage: Stage, { client }: RemoteConnection): Promise<Row> {
  const count = options.quick ? 4_000 : 10_000;
  const perSecond = await rateOf(roundsOf(options), stage, async () => {
    let left = count;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await client.placeOrder(farOrder());
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return count;
  });
  return {
    bench: "grpc",
    measure: "PlaceOrder calls through connector → simulated exchange",
    value: perSecond,
    unit: "orders/s",
    must: { least: 2_000 },
    want: { least: 5_000 },
    detail: `one client, ${IN_FLIGHT} calls in flight, one order a call`,
  };
}

async function turnsRow(options: BenchOptions, stage: Stage, connection: RemoteConnection): Promise<Row> {
  const port = new RemotePort(connection, { botId: "bench", epoch: () => 1, tag: "" });
  await new Promise((resolve) => port.instrument(BENCH_SYMBOL, resolve));
  const count = options.quick ? 4_000 : 10_000;
  const perTurn = 25;
  const perSecond = await rateOf(roundsOf(options), stage, async () => {
    let left = count / perTurn;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await Promise.all(Array.from({ length: perTurn }, () => placed(port)));
      }
    };
    await Promise.all([worker(), worker()]);
    return count;
  });
  await port.closed();
  return {
    bench: "grpc",
    measure: "orders through a remote port, 25 a turn",
    value: perSecond,
    unit: "orders/s",
    must: { least: 2_000 },
    want: { least: 5_000 },
    detail: "what a turn places at once travels in one call",
  };
}

const FAR: NewOrder = {
  symbol: BENCH_SYMBOL,
  side: "buy",
  price: ticks(500_000),
  quantity: lots(5),
  timeInForce: "IOC",
  postOnly: false,
  reduceOnly: false,
  slotKey: "",
};

function placed(port: ExchangePort): Promise<string> {
  const request = { clientOrderId: foreignOrderId(nextId()), order: callersApproval(FAR) };
  return new Promise((resolve, reject) => {
    port.place(request, ({ result }) => {
      if (result === "accepted") resolve(result);
      else reject(new Error(`an order of the bench was ${result}`));
    });
  });
}

async function streamRow(options: BenchOptions, stage: Stage): Promise<Row> {
  const { hosts } = stage;
  const connections = await Promise.all(Array.from({ length: SUBSCRIBERS }, () => dial(hosts.speaker, hosts.key)));
  const abort = new AbortController();
  const heard = { messages: 0, wake: (): void => undefined };
  const begun = connections.map(({ client }) => {
    const whole = Promise.withResolvers<void>();
    const read = async (): Promise<void> => {
      for await (const { update, meta } of client.subscribeOrders({}, { signal: abort.signal })) {
        if (meta?.kind === 2) whole.resolve();
        if (update?.lastFill === undefined) continue;
        heard.messages += 1;
        heard.wake();
      }
    };
    read().catch(() => undefined);
    return whole.promise;
  });
  await Promise.all(begun);
  const [speaker] = connections;
  const bursts = options.quick ? 3 : 10;
  let asked = 0;
  const perSecond = await rateOf(roundsOf(options), stage, async () => {
    const target = heard.messages + bursts * BURST * SUBSCRIBERS;
    const done = new Promise<void>((resolve) => {
      heard.wake = () => {
        if (heard.messages >= target) resolve();
      };
    });
    for (let i = 0; i < bursts; i += 1) {
      asked += 1;
      await speaker?.client.cancelOrder({ symbol: BENCH_SYMBOL, clientOrderId: `burst${BURST}x${asked}` });
      const after = heard.messages;
      // the next burst when most of this one has come: nobody is overrun
      while (heard.messages < after + (BURST * SUBSCRIBERS) / 2 && heard.messages < target) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    await done;
    return bursts * BURST * SUBSCRIBERS;
  });
  abort.abort();
  await Promise.all(connections.map((connection) => connection.close()));
  return {
    bench: "grpc",
    measure: `own fills to ${SUBSCRIBERS} subscribers, none lost`,
    value: perSecond,
    unit: "messages/s",
    must: { least: 30_000 },
    want: { least: 50_000 },
    detail: "read by one process, which decodes them all",
  };
}

async function roundTripRows(options: BenchOptions, connection: RemoteConnection): Promise<Row[]> {
  const remote = new RemotePort(connection, { botId: "bench", epoch: () => 1, tag: "" });
  await new Promise((resolve) => remote.instrument(BENCH_SYMBOL, resolve));
  const near = await inProcess();
  const added = { p50: [] as number[], p99: [] as number[] };
  const seen = { with: 0, without: 0 };
  for (let round = -1; round < roundsOf(options); round += 1) {
    const far = await timed(CALLS, () => placed(remote));
    const alone = await timed(CALLS, () => placed(near.port));
    if (round < 0) continue;
    added.p50.push(median(far) - median(alone));
    added.p99.push(p99(far) - p99(alone));
    seen.with = median(far);
    seen.without = median(alone);
  }
  await remote.closed();
  near.stop();
  const row = (what: "p50" | "p99", most: number): Row => ({
    bench: "grpc",
    measure: `what the hop adds to an order's round trip, ${what}`,
    value: median(added[what]),
    unit: "ms",
    must: { most },
    want: { most: most / 2 },
    detail: `p50 ${numberText(seen.with)} ms through the connector, ${numberText(seen.without)} ms in one process`,
  });
  return [row("p50", 2), row("p99", 5)];
}

/** The same exchange without a connector before it. */
async function inProcess(): Promise<{ readonly port: ExchangePort; stop(): void }> {
  const source = new SyntheticMarket({ ...CALM_BTC, seed: "1", startUs: START_MS * 1000 });
  const exchange = new SimulatedExchange(
    simulationOptions({
      markets: [{ instrument: BENCH_INSTRUMENT, source, fill: { level: "L2", queue: "back" } }],
      accounts: [{ name: "bench", balances: new Map([["USDT", money(10n ** 27n)]]) }],
    }),
  );
  const driver = new SimulatedDriver(exchange, new PacedClock(MONOTONIC_CLOCK, START_MS, 1));
  const port = new SimulatedPort(driver, { account: "bench" });
  const book = Promise.withResolvers<void>();
  const end = port.subscribe({ symbol: BENCH_SYMBOL, candleInterval: null, bookIntervalMs: 100 }, ({ kind }) => {
    if (kind === "book") book.resolve();
  });
  await book.promise;
  end();
  return { port, stop: () => driver.stop() };
}
