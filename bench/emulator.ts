// The emulator on the wire (EMU-43), in a process of its own: signed orders a second beside a bare HTTP server that
// checks a signature, and frames a second to ten sockets beside bare sockets that are sent texts of the same size.

import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { WebSocket } from "ws";
import { HEAP_FLAGS } from "../src/apps/emulator/heap.ts";
import { type Child, openChild } from "./child.ts";
import { type BenchOptions, median, p99, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

/** Where the child's servers listen. */
export interface EmulatorHosts {
  readonly accounts: number;
  readonly speed: number;
  readonly emulator: number;
  readonly bare: number;
  readonly speaker: number;
}

const ORDERS = 4_000;
const IN_FLIGHT = 8;
const SOCKETS = 10;
const FRAMES_MS = 3_000;
const STREAMS = ["btcusdt@depth@100ms", "ethusdt@depth@100ms", "btcusdt@aggTrade", "btcusdt@bookTicker"];

export async function benchEmulator(options: BenchOptions): Promise<readonly Row[]> {
  const orders = await withChild("orders", async (child) => {
    const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
    const rows = await orderRows(options, child, agent).finally(() => agent.destroy());
    return rows;
  });
  return [...orders, await withChild("frames", framesRow)];
}

/** One question, one process: what is measured shares it with nothing else. */
async function withChild<T>(question: string, use: (child: Child<EmulatorHosts>) => Promise<T>): Promise<T> {
  const child = await openChild<EmulatorHosts>({ file: "emulator-child.ts", flags: HEAP_FLAGS }, question);
  try {
    return await use(child);
  } finally {
    await child.close();
  }
}

async function orderRows(
  options: BenchOptions,
  { hosts }: Child<EmulatorHosts>,
  agent: Agent,
): Promise<readonly Row[]> {
  const emulator: number[] = [];
  const bare: number[] = [];
  let rate = 0;
  let count = 0;
  for (let round = -1; round < roundsOf(options); round += 1) {
    const start = performance.now();
    const times = await sent(ORDERS, (i) =>
      order(agent, { port: hosts.emulator, account: i % hosts.accounts, n: count + i }),
    );
    const took = performance.now() - start;
    count += ORDERS;
    const floor = await sent(ORDERS, (i) => order(agent, { port: hosts.bare, account: 0, n: i }));
    // an account may send 300 orders in ten seconds
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (round < 0) continue;
    rate = Math.max(rate, (ORDERS * 1000) / took);
    emulator.push(p99(times));
    bare.push(p99(floor));
  }
  const ratio = median(emulator) / median(bare);
  return [
    {
      bench: "emulator",
      measure: "signed orders over HTTP, matched and answered",
      value: Math.round(rate),
      unit: "orders/s",
      must: { least: 2_000 },
      want: { least: 2_000 },
      detail: detailOf(`${IN_FLIGHT} in flight`, `p99 ${numberText(median(emulator))} ms (want ≤ 5)`),
    },
    {
      bench: "emulator",
      measure: "an order's round trip / a bare HTTP server that checks a signature, p99",
      value: ratio,
      unit: "×",
      must: null,
      want: null,
      detail: `${numberText(median(emulator))} ms against ${numberText(median(bare))} ms`,
    },
  ];
}

/** Milliseconds of each call, {@link IN_FLIGHT} at a time. Errors: those of a call. */
async function sent(count: number, call: (i: number) => Promise<void>): Promise<readonly number[]> {
  const times: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const start = performance.now();
      await call(i);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return times;
}

interface Order {
  readonly port: number;
  readonly account: number;
  readonly n: number;
}

/** A limit order that takes nothing and rests nowhere. Errors: any answer but 200. */
function order(agent: Agent, { port, account, n }: Order): Promise<void> {
  const fields = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.002&price=58000&newClientOrderId=b${n}`;
  const text = `${fields}&recvWindow=5000&timestamp=${Date.now()}`;
  const signature = createHmac("sha256", `bench${account}-secret`).update(text).digest("hex");
  const headers = { "X-MBX-APIKEY": `bench${account}-key`, "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port, path: "/fapi/v1/order", method: "POST", headers, agent },
      (reply) => {
        let body = "";
        reply.setEncoding("utf8");
        reply.on("data", (chunk: string) => {
          body += chunk;
        });
        reply.on("end", () => {
          if (reply.statusCode === 200) resolve();
          else reject(new Error(`${reply.statusCode} ${body.slice(0, 200)}`));
        });
      },
    );
    call.on("error", reject);
    call.end(`${text}&signature=${signature}`);
  });
}

async function framesRow({ hosts }: Child<EmulatorHosts>): Promise<Row> {
  const heard = { count: 0, bytes: 0 };
  const hear = (data: Buffer): void => {
    heard.count += 1;
    heard.bytes += data.length;
  };
  const path = `/public/stream?streams=${STREAMS.filter((name) => !name.includes("aggTrade")).join("/")}`;
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, () => opened(`ws://127.0.0.1:${hosts.emulator}${path}`)),
  );
  for (const socket of sockets) socket.on("message", hear);
  await new Promise((resolve) => setTimeout(resolve, 500));
  heard.count = 0;
  heard.bytes = 0;
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, FRAMES_MS));
  const rate = (heard.count * 1000) / (performance.now() - start);
  const size = Math.round(heard.bytes / Math.max(1, heard.count));
  for (const socket of sockets) socket.terminate();
  const floor = await bareFrames(hosts.speaker, size);
  return {
    bench: "emulator",
    measure: `frames to ${SOCKETS} sockets, market at ${hosts.speed}×`,
    value: Math.round(rate),
    unit: "frames/s",
    must: null,
    want: { least: 20_000 },
    detail: detailOf(`${size} bytes each`, `bare sockets sent the same size: ${numberText(floor)} frames/s`),
  };
}

async function bareFrames(port: number, size: number): Promise<number> {
  const each = 20_000;
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => opened(`ws://127.0.0.1:${port}`)));
  const start = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          let count = 0;
          socket.on("message", () => {
            count += 1;
            if (count === each) resolve();
          });
          socket.send(`${each} ${size}`);
        }),
    ),
  );
  const took = performance.now() - start;
  for (const socket of sockets) socket.terminate();
  return (SOCKETS * each * 1000) / took;
}

function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}
