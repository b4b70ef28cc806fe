// Sockets of the emulated spot market: every address clients use, user events of the WebSocket API, sessions, and
// how it all ends.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { openGate } from "../../src/exchange/emulator/gates.ts";
import { money } from "../../src/market/amounts.ts";
import { KEY, spotStage, until, WALLET } from "./spot-stage.ts";
import { ask, type Body, dial, listOf, signedParams } from "./spot-wire.ts";

const symbol = "BTCUSDT";
const MAKER = { symbol, side: "BUY", type: "LIMIT_MAKER", quantity: "0.001", price: "59000" };
const USDT_1 = money(10n ** 18n);

test("EMU-20 each address of the streams delivers, raw or wrapped as it should", async (context) => {
  const stage = await spotStage(context);
  const raw = await dial(stage, "/ws/btcusdt@trade");
  const wrapped = await dial(stage, "/stream?streams=btcusdt@trade/btcusdt@aggTrade");
  const asked = await Promise.all(["/ws", "/stream/ws/7", "/stream"].map((path) => dial(stage, path)));
  for (const talk of asked) await talk.request(1, "SUBSCRIBE", ["btcusdt@trade"]);
  stage.trade("buy", 6_000_001, 7);
  const everyone = [raw, wrapped, ...asked];
  const traded = ({ e, data }: Body): boolean => e === "trade" || (data as Body | undefined)?.["e"] === "trade";
  await until("five trades", () => everyone.every(({ frames }) => frames.some(traded)));
  assert.deepEqual(Object.keys(raw.frames[0] ?? {}), ["e", "E", "s", "t", "p", "q", "T", "m", "M"]);
  await until("two streams", () => wrapped.frames.length === 2);
  assert.deepEqual(
    wrapped.frames.map(({ stream }) => stream),
    ["btcusdt@trade", "btcusdt@aggTrade"],
  );
  await assert.rejects(dial(stage, "/nowhere"), /404/);
  assert.deepEqual([...stage.protocol.unserved.keys()], ["SOCKET /nowhere"]);
});

test("EMU-20 the public streams of spot have the fields of the exchange's documents", async (context) => {
  const stage = await spotStage(context);
  stage.trade("buy", 6_000_001, 7);
  const fields: Readonly<Record<string, string>> = {
    "btcusdt@bookTicker": "u s b B a A",
    "btcusdt@ticker": "e E s p P w x c Q b B a A o h l v q O C F L n",
    "btcusdt@miniTicker": "e E s c o h l v q",
    "btcusdt@avgPrice": "e E s i w T",
    "btcusdt@kline_1m": "e E s k",
    "btcusdt@depth5@100ms": "lastUpdateId bids asks",
    "btcusdt@depth@100ms": "e E s U u b a",
  };
  for (const [stream, expected] of Object.entries(fields)) {
    const talk = await dial(stage, `/ws/${stream}`);
    if (stream.endsWith("depth@100ms")) stage.level("buy", 5_999_000, 12);
    await until(`a frame of ${stream}`, () => talk.frames.length > 0);
    assert.equal(Object.keys(talk.frames[0] ?? {}).join(" "), expected, stream);
  }
});

test("EMU-17 a snapshot and the frames after it make the book as it is, without a gap", async (context) => {
  const stage = await spotStage(context);
  const talk = await dial(stage, "/ws/btcusdt@depth@100ms");
  stage.level("buy", 5_999_000, 12);
  await until("a frame", () => talk.frames.length > 0);
  const { body } = await ask(stage, "GET /api/v3/depth", { symbol, limit: "5000" }, null);
  const snapshot = body["lastUpdateId"] as number;
  assert.ok(snapshot >= (talk.frames[0]?.["u"] as number));
  const book = new Map((body["bids"] as string[][]).map(([price = "", quantity = ""]) => [price, quantity]));
  for (const [price, quantity] of [
    [5_999_500, 5],
    [5_999_000, 0],
    [5_999_998, 9],
  ] as const)
    stage.level("buy", price, quantity);
  await until("the changes", () => (talk.frames.at(-1)?.["u"] as number) >= snapshot + 3);
  let last = snapshot;
  for (const { U, u, b } of talk.frames) {
    if ((u as number) <= last) continue;
    assert.ok((U as number) <= last + 1, "no update is missing");
    last = u as number;
    for (const [price = "", quantity = ""] of b as string[][]) {
      if (Number.parseFloat(quantity) === 0) book.delete(price);
      else book.set(price, quantity);
    }
  }
  const after = (await ask(stage, "GET /api/v3/depth", { symbol, limit: "5000" }, null)).body;
  const sorted = [...book].sort(([a], [b]) => (a < b ? 1 : -1));
  assert.deepEqual(sorted, after["bids"]);
});

test("EMU-11 EMU-20 ids of the WebSocket API come back as they were, refusals with their code", async (context) => {
  const stage = await spotStage(context);
  const talk = await dial(stage, "/ws-api/v3");
  assert.equal((await talk.request(7, "time"))["status"], 200);
  assert.equal((await talk.request("seven", "ping"))["id"], "seven");
  const refused = await talk.request(8, "order.place", signedParams(stage, { ...MAKER, price: "60001" }));
  assert.deepEqual([refused["status"], (refused["error"] as Body)["code"]], [400, -2010]);
  const unsigned = await talk.request(9, "order.place", { ...MAKER, apiKey: KEY, timestamp: 1 });
  assert.equal((unsigned["error"] as Body)["code"], -1021);
  const silent = await talk.request(10, "account.status", signedParams(stage, { returnRateLimits: false }));
  assert.equal("rateLimits" in silent, false);
  talk.send({ id: [], method: "ping" });
  await until("its refusal", () => talk.frames.some(({ error }) => (error as Body | undefined)?.["code"] === -1135));
});

test("EMU-21 user events carry their subscription, and money from outside is a balanceUpdate", async (context) => {
  const stage = await spotStage(context);
  const talk = await dial(stage, "/ws-api/v3");
  const { result } = await talk.request(1, "userDataStream.subscribe.signature", signedParams(stage));
  assert.deepEqual(result, { subscriptionId: 0 });
  const twice = await talk.request(2, "userDataStream.subscribe.signature", signedParams(stage));
  assert.equal((twice["error"] as Body)["code"], -2035);
  const events = (): Body[] => talk.frames.filter(({ event }) => event !== undefined).map(({ event }) => event as Body);

  await talk.request(3, "order.place", signedParams(stage, { ...MAKER, newClientOrderId: "mine" }));
  await until("its report", () => events().length >= 2);
  const fields = "e E s c S o f q p P F g C x X r i l L n N t Y z T I w m M O Z Q W V";
  assert.deepEqual(Object.keys(events()[0] ?? {}).sort(), fields.split(" ").sort());
  const locked = ((events()[1]?.["B"] ?? []) as Body[]).find(({ a }) => a === "USDT");
  assert.deepEqual(locked, { a: "USDT", f: "999941.00000000", l: "59.00000000" });
  stage.fill("mine", 30);
  stage.fill("mine");
  await until("both fills", () => events().filter(({ x }) => x === "TRADE").length === 2);
  const trades = events().filter(({ x }) => x === "TRADE");
  assert.deepEqual(
    trades.map(({ X, l, z, Z, n, N, m }) => [X, l, z, Z, n, N, m].join(" ")),
    [
      "PARTIALLY_FILLED 0.00030000 0.00030000 17.70000000 0.00000030 BTC true",
      "FILLED 0.00070000 0.00100000 59.00000000 0.00000070 BTC true",
    ],
  );
  stage.emulator.world.deposit(WALLET, "USDT", USDT_1);
  await until("the deposit", () => events().some(({ e }) => e === "balanceUpdate"));
  const told = events().find(({ e }) => e === "balanceUpdate");
  assert.deepEqual([told?.["a"], told?.["d"]], ["USDT", "1.00000000"]);
  const open = await talk.request(4, "order.place", signedParams(stage, { ...MAKER, newClientOrderId: "gone" }));
  assert.equal(open["status"], 200);
  const cancel = { symbol, origClientOrderId: "gone", newClientOrderId: "by-me" };
  await talk.request(5, "order.cancel", signedParams(stage, cancel));
  await until("its cancel", () => events().some(({ x, c, C }) => x === "CANCELED" && c === "by-me" && C === "gone"));
});

test("EMU-21 a stream that is ended says so, and a planned close is announced", async (context) => {
  const stage = await spotStage(context);
  const talk = await dial(stage, "/ws-api/v3");
  const streams = await dial(stage, "/ws/btcusdt@trade");
  await talk.request(1, "userDataStream.subscribe.signature", signedParams(stage));
  assert.equal(stage.protocol.act({ act: "shutdown-notice" }), true);
  await until("the notice", () => streams.frames.some(({ e }) => e === "serverShutdown"));
  await until("the notice", () =>
    talk.frames.some(({ event }) => (event as Body | undefined)?.["e"] === "serverShutdown"),
  );
  assert.equal(stage.protocol.act({ act: "expire-keys", account: "demo", announced: true }), true);
  const ended = ({ event }: Body): boolean => (event as Body | undefined)?.["e"] === "eventStreamTerminated";
  await until("the end", () => talk.frames.some(ended));
  assert.equal(stage.protocol.act({ act: "expire-keys", account: "demo", announced: true }), false);
  assert.equal(stage.protocol.act({ act: "restart" }), false);
});

test("EMU-20 a session needs an Ed25519 key, and then requests need no signature", async (context) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const secret = String(publicKey.export({ type: "spki", format: "pem" }));
  const balances = { "binance-spot": { USDT: "1000" } };
  const accounts = [
    { name: "demo", balances },
    { name: "modern", apiKey: "modern-key", secret, balances },
  ];
  const stage = await spotStage(context, { accounts });
  const talk = await dial(stage, "/ws-api/v3");
  const refused = await talk.request(1, "session.logon", signedParams(stage));
  assert.equal((refused["error"] as Body)["code"], -4056);
  const logon = { apiKey: "modern-key", timestamp: stage.emulator.world.clock.nowMs() };
  const signature = sign(null, Buffer.from(`apiKey=modern-key&timestamp=${logon.timestamp}`), privateKey).toString(
    "base64",
  );
  const logged = await talk.request(2, "session.logon", { ...logon, signature });
  assert.equal((logged["result"] as Body)["apiKey"], "modern-key");
  assert.deepEqual((await talk.request(3, "userDataStream.subscribe"))["result"], { subscriptionId: 0 });
  const placed = await talk.request(4, "order.place", { ...MAKER, timestamp: logon.timestamp });
  assert.equal(placed["status"], 200);
  await until("its report", () => talk.frames.some(({ subscriptionId }) => subscriptionId === 0));
  await talk.request(5, "session.logout");
  await until("the end", () =>
    talk.frames.some(({ event }) => (event as Body | undefined)?.["e"] === "eventStreamTerminated"),
  );
  const without = await talk.request(6, "order.place", { ...MAKER, timestamp: logon.timestamp });
  assert.equal(without["status"], 401);
});

test("EMU-28 what can go wrong inside strikes orders, cancels and books of spot", async (context) => {
  const faults = new Map<string, Readonly<Record<string, number>>>();
  const stage = await spotStage(context, {
    gate: (parts) => ({ ...openGate(parts), strike: (fault) => faults.get(fault) ?? null }),
  });
  faults.set("postOnlyReject", {});
  assert.equal((await ask(stage, "POST /api/v3/order", MAKER)).body["msg"], "Order would immediately match and take.");
  faults.clear();
  faults.set("insufficientMargin", {});
  assert.match(String((await ask(stage, "POST /api/v3/order", MAKER)).body["msg"]), /insufficient balance/);
  faults.clear();
  await ask(stage, "POST /api/v3/order", { ...MAKER, newClientOrderId: "stays" });
  faults.set("cancelLost", {});
  const lost = await ask(stage, "DELETE /api/v3/order", { symbol, origClientOrderId: "stays" });
  assert.deepEqual([lost.body["status"], stage.order("stays").status], ["CANCELED", "open"]);
  faults.clear();
  faults.set("partialThenCancelRace", { lots: 30 });
  await ask(stage, "DELETE /api/v3/order", { symbol, origClientOrderId: "stays" });
  assert.deepEqual([stage.order("stays").filled, stage.order("stays").status], [30, "canceled"]);
  faults.set("partialThenCancelRace", { cancelLoses: 1 });
  await ask(stage, "POST /api/v3/order", { ...MAKER, newClientOrderId: "wins" });
  const race = await ask(stage, "DELETE /api/v3/order", { symbol, origClientOrderId: "wins" });
  assert.deepEqual([race.body["code"], stage.order("wins").status], [-2011, "filled"]);
  faults.clear();
  faults.set("pageLimit", { size: 1 });
  assert.equal(listOf((await ask(stage, "GET /api/v3/myTrades", { symbol })).body).length, 1);
  faults.clear();
  faults.set("wrongRouteSilent", {});
  const deaf = await dial(stage, "/ws/btcusdt@trade");
  faults.clear();
  faults.set("crossedBook", {});
  const talk = await dial(stage, "/ws/btcusdt@depth@100ms");
  await until("a crossed book", () =>
    talk.frames.some(({ b }) => (b as string[][]).some(([price]) => price === "60000.02000000")),
  );
  faults.clear();
  await until("and what it takes back", () =>
    talk.frames.some(({ b }) =>
      (b as string[][]).some(([price, left]) => price === "60000.02000000" && left === "0.00000000"),
    ),
  );
  const chain = talk.frames.map(({ U, u }) => [U as number, u as number] as const);
  for (const [i, [U]] of chain.entries()) if (i > 0) assert.equal(U, (chain[i - 1]?.[1] ?? 0) + 1);
  stage.trade("buy", 6_000_001, 7);
  assert.deepEqual(deaf.frames, []);
});
