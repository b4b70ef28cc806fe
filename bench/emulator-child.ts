// The other side of the emulator's bench, in a process of its own for each question: an emulator in its own time for
// orders, or one whose market runs a hundred times as fast for frames; and what node:http and ws do by themselves.

import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { type EmulatorOptions, FREE_PORTS, startEmulator } from "../src/exchange/emulator/emulator.ts";
import { serveParent } from "./child.ts";

/** Accounts share the load: each has its own order limit, as at the exchange. */
const ACCOUNTS = 300;
const FAST = 100;

const common: EmulatorOptions = { protocols: ["binance-usdm"], ports: FREE_PORTS, controlPort: null };
const accounts = Array.from({ length: ACCOUNTS }, (_, i) => ({
  name: `bench${i}`,
  balances: { "binance-usdm": { USDT: "1000000" } },
}));
const isFast = process.argv[2] === "frames";
const emulator = await startEmulator(
  isFast ? { ...common, clock: { mode: "paced", speed: FAST } } : { ...common, accounts },
);

/** The least an exchange does with an order: reads it, checks its signature, answers a JSON of usual size. */
const bare = createServer((request, reply) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    const signed = `${request.url ?? ""}${body}`;
    const signature = createHmac("sha256", "demo-secret").update(signed).digest("hex");
    const fields = Object.fromEntries(new URLSearchParams(body));
    reply.setHeader("content-type", "application/json");
    reply.end(JSON.stringify({ ...fields, signature, orderId: 1, status: "EXPIRED", updateTime: Date.now() }));
  });
});
await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));

/** Sends every socket as many texts of its size as it asks for: `count size`. */
const speaker = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
speaker.on("connection", (socket) => {
  socket.on("message", (data: Buffer) => {
    const [count = 0, size = 0] = data
      .toString()
      .split(" ")
      .map((word) => Number.parseInt(word, 10));
    const text = "x".repeat(size);
    for (let i = 0; i < count; i += 1) socket.send(text);
  });
});
await new Promise<void>((resolve) => speaker.once("listening", resolve));

serveParent(
  {
    accounts: ACCOUNTS,
    speed: FAST,
    emulator: emulator.ports["binance-usdm"],
    bare: (bare.address() as AddressInfo).port,
    speaker: (speaker.address() as AddressInfo).port,
  },
  async () => {
    bare.close();
    speaker.close();
    await emulator.close();
  },
);
