import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import type { ProtocolName } from "../../src/exchange/emulator/protocol.ts";
import { type FaultWire, overWire, until } from "./faults-wire.ts";

type Json = Record<string, unknown>;

const ROUTES: readonly (readonly [ProtocolName, string])[] = [
  ["binance-usdm", "/ws-fapi/v1"],
  ["binance-spot", "/ws-api/v3"],
];

/** The WebSocket API of one market, with orders signed one by one. */
class ApiClient {
  readonly socket: WebSocket;
  readonly replies: Json[] = [];
  private readonly wire: FaultWire;
  private readonly protocol: ProtocolName;

  constructor(wire: FaultWire, protocol: ProtocolName, path: string) {
    this.wire = wire;
    this.protocol = protocol;
    this.socket = new WebSocket(`ws://127.0.0.1:${wire.emulator.ports[protocol]}${path}`);
    this.socket.on("error", () => undefined);
    this.socket.on("message", (data: Buffer) => this.replies.push(parsed(data.toString())));
  }

  place(id: string): void {
    const order = { newClientOrderId: id, price: "59000.0", quantity: "0.01", side: "BUY", symbol: "BTCUSDT" };
    const timed = { timeInForce: "GTC", timestamp: String(this.wire.nowMs), type: "LIMIT" };
    const params: Record<string, string> = { apiKey: "demo-key", ...order, ...timed };
    const names = Object.keys(params).sort();
    const text = names.map((name) => `${name}=${params[name]}`).join("&");
    const signature = createHmac("sha256", "demo-secret").update(text).digest("hex");
    this.socket.send(JSON.stringify({ id, method: "order.place", params: { ...params, signature } }));
  }

  async reply(id: string): Promise<Json> {
    for (;;) {
      const found = this.replies.find((each) => each["id"] === id);
      if (found !== undefined) return found;
      await once(this.socket, "message");
    }
  }

  isOpen(id: string): boolean {
    return this.wire.emulator.world.exchange.desk.ledger.openOrder(`demo@${this.protocol}`, id) !== undefined;
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return { cut: text };
  }
}

for (const [protocol, path] of ROUTES) {
  const over = (use: (wire: FaultWire, api: ApiClient) => Promise<void>): Promise<void> =>
    overWire(
      async (wire) => {
        const api = new ApiClient(wire, protocol, path);
        await once(api.socket, "open");
        await use(wire, api);
        api.socket.terminate();
      },
      { protocols: [protocol] },
    );

  test(`EMU-28 ${protocol}: an order over the WebSocket API is done and unanswered, or reset`, async () => {
    await over(async (wire, api) => {
      wire.inject({ name: "acceptThenTimeout", filter: { route: "order.place", socket: "api" }, times: 1 });
      api.place("a");
      await until(() => api.isOpen("a"));
      api.place("b");
      assert.equal((await api.reply("b"))["status"], 200);
      assert.deepEqual(
        api.replies.map(({ id }) => id),
        ["b"],
      );
      wire.inject({ name: "acceptThenTimeout", parameters: { reset: true }, times: 1 });
      const closed = once(api.socket, "close");
      api.place("c");
      assert.equal((await closed)[0], 1006);
      assert.equal(api.isOpen("c"), true);
    });
  });

  test(`EMU-28 ${protocol}: errors and limits come with the request's own id, in a frame`, async () => {
    await over(async (wire, api) => {
      wire.inject({ name: "serverErrorAfterAccept", parameters: { status: 503 }, times: 1 });
      api.place("a");
      assert.equal((await api.reply("a"))["status"], 503);
      assert.equal(api.isOpen("a"), true);
      wire.inject({ name: "serverErrorNotAccepted", parameters: { status: 500 }, times: 1 });
      api.place("b");
      assert.equal((await api.reply("b"))["status"], 500);
      assert.equal(api.isOpen("b"), false);
      wire.inject({ name: "rateLimit", parameters: { retryAfterS: 5 }, times: 1 });
      api.place("c");
      assert.equal((await api.reply("c"))["status"], 429);
      await wire.advance(5_000);
      api.place("d");
      assert.equal((await api.reply("d"))["status"], 200);
    });
  });

  test(`EMU-28 ${protocol}: a reply over the WebSocket API is cut, late, or refused inside`, async () => {
    await over(async (wire, api) => {
      wire.inject({ name: "cutReply", parameters: { atByte: 12 }, times: 1 });
      api.place("a");
      await until(() => api.replies.length === 1);
      assert.equal(typeof api.replies[0]?.["cut"], "string");
      assert.equal(api.isOpen("a"), true);
      const id = wire.inject({ name: "slow", parameters: { ms: 900 }, filter: { socket: "api" }, times: 1 });
      api.place("b");
      await until(() => wire.fired(id) === 1);
      await wire.advance(899);
      assert.equal(api.replies.length, 1);
      await wire.advance(1);
      assert.equal((await api.reply("b"))["status"], 200);
      wire.inject({ name: "insufficientMargin", times: 1 });
      api.place("c");
      assert.equal((await api.reply("c"))["status"], 400);
    });
  });
}
