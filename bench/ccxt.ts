// The way of a frame through ccxt (issue 4): from the socket's message to the signed request that answers it, beside
// what cannot be done without: JSON.parse of the frame and an HMAC of the request. And the processor time that
// following books costs. The exchange is the emulator, in a process of its own.

import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { PacedClock } from "../src/base/paced-clock.ts";
import { type CcxtPort, openCcxtPort } from "../src/exchange/ccxt/ccxt-port.ts";
import { NodeTransport, type Transport } from "../src/exchange/ccxt/transport.ts";
import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { lots, ticks } from "../src/market/amounts.ts";
import { SILENT_LOG } from "../src/observe/log.ts";
import { callersApproval } from "../src/risk/wire-approval.ts";
import { foreignOrderId } from "../src/trading/client-order-id.ts";
import { type Child, openChild } from "./child.ts";
import type { EmulatorHosts } from "./emulator.ts";
import { type BenchOptions, median, p99 } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const SYMBOL = "BTC/USDT:USDT";
const OTHERS = [SYMBOL, "ETH/USDT:USDT"];
const FLOOR_ROUNDS = 20_000;

export async function benchCcxt(options: BenchOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [question, row] of [
    ["orders", wayRow],
    ["frames", followRow],
  ] as const) {
    const child = await openChild<EmulatorHosts>("emulator-child.ts", question);
    try {
      rows.push(await row(options, child));
    } finally {
      await child.close();
    }
  }
  return rows;
}

/** Moment and text of the newest frame any socket of ccxt has got. */
const newest = { atMs: 0, text: "" };

interface Emitting {
  emit(this: unknown, event: string, ...rest: unknown[]): boolean;
}

/** ccxt's own copy of `ws` tells when a frame is there, before anything reads it. */
function listenToFrames(): void {
  const { WebSocket } = createRequire(createRequire(import.meta.url).resolve("ccxt"))("ws") as {
    readonly WebSocket: { readonly prototype: Emitting };
  };
  const sockets = WebSocket.prototype;
  const emit: Emitting["emit"] = Reflect.get(sockets, "emit");
  sockets.emit = function (event, ...rest) {
    if (event === "message") {
      newest.atMs = performance.now();
      newest.text = String(rest[0]);
    }
    return emit.call(this, event, ...rest);
  };
}

function open(port: number, signed: boolean, transport?: Transport): Promise<CcxtPort> {
  const host = `127.0.0.1:${port}`;
  return openCcxtPort({
    exchange: "binance",
    market: "perpetual",
    symbols: OTHERS,
    credentials: signed ? { apiKey: "bench0-key", secret: "bench0-secret" } : null,
    environment: "emulator",
    endpoints: { rest: `http://${host}`, websocket: `ws://${host}` },
    clock: new PacedClock(MONOTONIC_CLOCK, Date.now(), 1),
    log: SILENT_LOG,
    ...(transport === undefined ? {} : { transport }),
  });
}

async function wayRow({ quick }: BenchOptions, { hosts }: Child<EmulatorHosts>): Promise<Row> {
  listenToFrames();
  const samples: number[] = [];
  const readings: number[] = [];
  const frames: string[] = [];
  const cause = { atMs: 0 };
  const real = new NodeTransport({ clock: new PacedClock(MONOTONIC_CLOCK, Date.now(), 1) });
  const transport: Transport = {
    send: (request, left) => {
      if (request.method === "POST" && cause.atMs > 0) {
        samples.push(performance.now() - cause.atMs);
        cause.atMs = 0;
      }
      return real.send(request, left);
    },
    close: () => real.close(),
  };
  const port = await open(hosts.emulator, true, transport);
  const wanted = quick ? 60 : 200;
  try {
    await new Promise<void>((resolve) => {
      let count = 0;
      const end = port.subscribe({ symbol: SYMBOL, candleInterval: null, bookIntervalMs: 0 }, (message) => {
        const bid = message.kind === "book" ? message.bids[0] : undefined;
        if (bid === undefined || cause.atMs > 0) return;
        cause.atMs = newest.atMs;
        readings.push(performance.now() - newest.atMs);
        frames.push(newest.text);
        count += 1;
        const order = callersApproval({
          symbol: SYMBOL,
          side: "buy",
          price: ticks(bid[0] - 20_000),
          quantity: lots(2),
          timeInForce: "IOC",
          postOnly: false,
          reduceOnly: false,
          slotKey: "",
        });
        port.place({ clientOrderId: foreignOrderId(`obench${count}`), order }, () => {
          if (samples.length < wanted) return;
          end();
          resolve();
        });
      });
    });
  } finally {
    port.close();
    await port.closed();
  }
  const floor = floorMs(frames);
  const ours = median(samples);
  return {
    bench: "ccxt",
    measure: "frame in → decision → signed request out / JSON.parse of the frame + HMAC",
    value: ours / floor,
    unit: "×",
    must: null,
    want: null,
    detail: detailOf(
      `p50 ${numberText(ours * 1000)} µs, p99 ${numberText(p99(samples) * 1000)} µs of ${samples.length}`,
      `${numberText(median(readings) * 1000)} µs of it until the book is told, the rest in ccxt's request`,
      `floor p50 ${numberText(floor * 1000)} µs`,
    ),
  };
}

/** Median of what no client can leave out, over the very frames that were answered. */
function floorMs(frames: readonly string[]): number {
  const times: number[] = [];
  for (let i = 0; i < FLOOR_ROUNDS; i += 1) {
    const frame = frames[i % frames.length] ?? "{}";
    const start = performance.now();
    const parsed: unknown = JSON.parse(frame);
    const text = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.002&price=58000&timestamp=${i}`;
    const signature = createHmac("sha256", "bench0-secret").update(text).digest("hex");
    times.push(performance.now() - start);
    if (parsed === null || signature === "") throw new Error("nothing was done");
  }
  return median(times);
}

async function followRow({ quick }: BenchOptions, { hosts }: Child<EmulatorHosts>): Promise<Row> {
  const port = await open(hosts.emulator, false);
  const heard = { frames: 0 };
  const before = newest;
  try {
    const ends = OTHERS.map((symbol) =>
      port.subscribe({ symbol, candleInterval: null, bookIntervalMs: 0 }, (message) => {
        if (message.kind === "book") heard.frames += 1;
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    heard.frames = 0;
    const cpu = process.cpuUsage();
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, quick ? 3_000 : 8_000));
    const { user, system } = process.cpuUsage(cpu);
    const tookMs = performance.now() - start;
    for (const end of ends) end();
    const perSecond = (heard.frames * 1000) / tookMs;
    const share = (user + system) / 1000 / tookMs;
    return {
      bench: "ccxt",
      measure: "processor time of following 2,000 book updates a second, of one core",
      value: (share * 2_000 * 100) / perSecond,
      unit: "%",
      must: null,
      want: null,
      detail: detailOf(
        `${numberText(perSecond)} books/s heard at ${numberText(share * 100)} %`,
        `last frame ${before.text.length} bytes`,
      ),
    };
  } finally {
    port.close();
    await port.closed();
  }
}
