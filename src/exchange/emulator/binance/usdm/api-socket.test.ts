import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { signatureOf, signedParameters } from "../wire/signature.ts";
import { Bench, BUY, type Frame, START_MS } from "./usdm.fixture.ts";

type Values = Readonly<Record<string, string | number>>;

/** Parameters with key and signature, as the official SDK sends them. */
function signed(values: Values): Values {
  const all = { ...values, apiKey: "demo-key", timestamp: START_MS };
  const text = signedParameters(Object.entries(all).map(([name, value]) => [name, String(value)] as const));
  return { ...all, signature: signatureOf("demo-secret", text) };
}

test("EMU-11 EMU-14 the WebSocket API does what REST does, and gives ids back with their type", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.socket("/ws-fapi/v1");
  const ask = (method: string, params: Values, id: unknown = 1): Frame => {
    socket.say({ id, method, params });
    return socket.frames[socket.frames.length - 1] ?? {};
  };
  const placed = ask("order.place", signed({ ...BUY, newClientOrderId: "one" }), "abc");
  assert.deepEqual([placed["id"], placed["status"]], ["abc", 200]);
  assert.equal((placed["result"] as Frame)["status"], "NEW");
  const limits = placed["rateLimits"] as Frame[];
  assert.deepEqual(
    limits.map(({ rateLimitType, count }) => [rateLimitType, count]),
    [
      ["REQUEST_WEIGHT", 0],
      ["ORDERS", 1],
      ["ORDERS", 1],
    ],
  );
  const by = { symbol: "BTCUSDT", origClientOrderId: "one" };
  assert.equal((ask("order.status", signed(by))["result"] as Frame)["status"], "NEW");
  const modified = ask("order.modify", signed({ ...by, side: "BUY", quantity: "0.020", price: "59980" }));
  assert.equal((modified["result"] as Frame)["origQty"], "0.020");
  assert.equal((ask("order.cancel", signed(by))["result"] as Frame)["status"], "CANCELED");
  const again = ask("order.cancel", signed(by));
  assert.deepEqual([again["status"], (again["error"] as Frame)["code"]], [400, -2011]);
  const forged = ask("order.place", { ...signed(BUY), price: "1" });
  assert.equal((forged["error"] as Frame)["code"], -1022);
  for (const method of ["account.status", "v2/account.balance", "account.position"]) {
    assert.equal(ask(method, signed({}))["status"], 200, method);
  }
  const { listenKey } = ask("userDataStream.start", { apiKey: "demo-key" })["result"] as { listenKey: string };
  assert.equal(ask("userDataStream.ping", { apiKey: "demo-key" })["status"], 200);
  assert.equal(bench.socket(`/private/ws/${listenKey}`).talk.subscriptions[0], listenKey);
  assert.equal(ask("userDataStream.stop", { apiKey: "demo-key" })["status"], 200);
  assert.equal(ask("order.dance", signed({}))["status"], 404);
  assert.deepEqual([...bench.protocol.unserved.keys()], ["WS order.dance"]);
});

test("EMU-14 who logged on with an Ed25519 key needs no key and no signature there, only the time", async (context) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const secret = publicKey.export({ type: "spki", format: "pem" }).toString();
  const balances = { "binance-usdm": { USDT: "1000000" } };
  const accounts = [{ name: "demo" }, { name: "ed", apiKey: "ed-key", secret, balances }];
  const bench = await Bench.open(context, {}, { accounts });
  const socket = bench.socket("/ws-fapi/v1");
  const ask = (method: string, params: Values): Frame => {
    socket.say({ id: 1, method, params });
    return socket.frames[socket.frames.length - 1] ?? {};
  };
  const code = (frame: Frame): unknown => (frame["error"] as Frame)["code"];
  assert.equal(code(ask("order.place", { ...BUY, timestamp: START_MS })), -2014);
  assert.equal(code(ask("session.logon", signed({}))), -4056, "the demo account's key is none");
  const text = `apiKey=ed-key&timestamp=${START_MS}`;
  const signature = sign(null, Buffer.from(text), privateKey).toString("base64");
  const on = ask("session.logon", { apiKey: "ed-key", timestamp: START_MS, signature });
  assert.equal((on["result"] as Frame)["apiKey"], "ed-key");
  assert.equal(ask("order.place", { ...BUY, timestamp: START_MS })["status"], 200);
  assert.equal(code(ask("order.place", { ...BUY, timestamp: START_MS - 9_000 })), -1021);
  ask("session.logout", {});
  assert.equal(ask("order.place", { ...BUY, timestamp: START_MS })["status"], 401);
});

test("EMU-28 faults know a socket request by its method, and word its failure with its own id", async (context) => {
  const bench = await Bench.open(context);
  const { talk } = bench.socket("/ws-fapi/v1");
  const text = JSON.stringify({ id: 7, method: "order.place", params: signed({ ...BUY, newClientOrderId: "one" }) });
  assert.deepEqual(talk.requestIn?.(text), {
    route: "order.place",
    kind: "place",
    account: "demo",
    symbol: "BTC/USDT:USDT",
    side: "buy",
    clientOrderId: "one",
  });
  const failed = JSON.parse(talk.failure?.(text, { cause: "ban", retryAfterS: 9 }) ?? "") as Frame;
  assert.deepEqual([failed["id"], failed["status"], (failed["error"] as Frame)["code"]], [7, 418, -1003]);
  assert.equal(talk.requestIn?.("nonsense"), null);
});

test("EMU-11 unknown parameters are ignored, or refused where the market is told to be strict", async (context) => {
  const [lax, strict] = [await Bench.open(context), await Bench.open(context, { strictParameters: true })];
  assert.equal(lax.place({ colour: "red" })["status"], "NEW");
  const refused = strict.place({ colour: "red" });
  assert.equal(refused["code"], -1104);
  assert.equal(strict.place()["status"], "NEW");
});
