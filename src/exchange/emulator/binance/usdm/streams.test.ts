import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench, BTC, type Frame, type HeldSocket, START_MS } from "./usdm.fixture.ts";

const events = ({ frames }: HeldSocket, name: string): Frame[] =>
  frames.map((frame) => (frame["data"] ?? frame) as Frame).filter(({ e }) => e === name);

type Level = readonly [string, string];

/** A book kept as the exchange's own documents say, from a snapshot and differences; a break in the chain throws. */
class FollowedBook {
  readonly sides = { b: new Map<string, string>(), a: new Map<string, string>() };
  last: number;

  constructor(snapshot: Frame) {
    for (const [price, quantity] of snapshot["bids"] as Level[]) this.sides.b.set(price, quantity);
    for (const [price, quantity] of snapshot["asks"] as Level[]) this.sides.a.set(price, quantity);
    this.last = Number(snapshot["lastUpdateId"]);
  }

  apply(diff: Frame): void {
    if (Number(diff["u"]) <= this.last) return;
    assert.ok(Number(diff["pu"]) === this.last || Number(diff["U"]) <= this.last + 1, "the chain holds");
    for (const side of ["b", "a"] as const) {
      for (const [price, quantity] of diff[side] as Level[]) {
        if (Number(quantity) === 0) this.sides[side].delete(price);
        else this.sides[side].set(price, quantity);
      }
    }
    this.last = Number(diff["u"]);
  }
}

test("EMU-16 EMU-17 differences form an unbroken chain into which every snapshot fits", async (context) => {
  const bench = await Bench.open(context, {}, { market: { kind: "preset", preset: "chop" } });
  await bench.later(1_000);
  const speeds = ["depth@100ms", "depth", "depth@500ms"].map((stream) =>
    bench.socket("/public/stream", `streams=btcusdt@${stream}`),
  );
  const depth = () => JSON.parse(bench.open("/fapi/v1/depth", { symbol: "BTCUSDT", limit: 1000 }).body) as Frame;
  const books = [new FollowedBook(depth())];
  for (let second = 0; second < 5; second += 1) {
    await bench.later(700);
    books.push(new FollowedBook(depth()));
  }
  await bench.later(1_000);
  const final = new FollowedBook(depth());
  await bench.later(600);
  for (const socket of speeds) {
    const diffs = events(socket, "depthUpdate");
    assert.ok(diffs.length > 4);
    for (const [i, diff] of diffs.entries()) if (i > 0) assert.equal(diff["pu"], diffs[i - 1]?.["u"]);
    for (const book of books) {
      for (const diff of diffs) if (Number(diff["u"]) <= final.last) book.apply(diff);
    }
  }
  const [fast] = speeds;
  assert.ok(fast !== undefined);
  const whole = books[0];
  for (const diff of events(fast, "depthUpdate")) if (Number(diff["u"]) <= final.last) whole?.apply(diff);
  assert.deepEqual(sorted(whole), sorted(final));
});

const sorted = (book: FollowedBook | undefined): unknown =>
  (["b", "a"] as const).map((side) => [...(book?.sides[side] ?? [])].sort(([a], [b]) => Number(a) - Number(b)));

test("EMU-17 a stream asked for anew tells its last difference too", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.socket("/public/ws");
  const say = (method: "SUBSCRIBE" | "UNSUBSCRIBE"): void =>
    socket.say({ method, params: ["btcusdt@depth@500ms"], id: 1 });
  const moves = async (quantity: string): Promise<void> => {
    bench.operator.market.level(BTC, { side: "buy", price: "59999", quantity });
    await bench.later(150);
  };
  say("SUBSCRIBE");
  for (const quantity of ["3", "4"]) await moves(quantity);
  say("UNSUBSCRIBE");
  say("SUBSCRIBE");
  for (const quantity of ["5", "6"]) await moves(quantity);
  await bench.later(2_000);
  const told = events(socket, "depthUpdate").flatMap(({ b }) => b as Level[]);
  assert.deepEqual(told.at(-1), ["59999.0", "6.000"]);
});

test("EMU-14 EMU-15 a route carries its own streams; others are acknowledged and silent", async (context) => {
  const bench = await Bench.open(context);
  const streams = ["btcusdt@depth@100ms", "btcusdt@trade", "btcusdt@aggTrade", "btcusdt@markPrice@1s"];
  const subscribe = (path: string): HeldSocket => {
    const socket = bench.socket(path);
    socket.say({ method: "SUBSCRIBE", params: streams, id: 7 });
    assert.deepEqual(socket.frames[0], { result: null, id: 7 });
    return socket;
  };
  const sides = { public: subscribe("/public/ws/1"), market: subscribe("/market/ws/1"), old: subscribe("/ws") };
  bench.operator.market.trade(BTC, { side: "buy", price: "60000.1", quantity: "0.001" });
  bench.operator.market.level(BTC, { side: "buy", price: "59999", quantity: "3" });
  await bench.later(3_000);
  const heard = (socket: HeldSocket): string[] =>
    ["depthUpdate", "trade", "aggTrade", "markPriceUpdate"].filter((name) => events(socket, name).length > 0);
  assert.deepEqual(heard(sides.public), ["depthUpdate", "trade"]);
  assert.deepEqual(heard(sides.market), ["aggTrade", "markPriceUpdate"]);
  assert.equal(heard(sides.old).length, 4);
  const silent = await Bench.open(context, { legacy: "silent" });
  const old = silent.socket("/stream", `streams=${streams.join("/")}`);
  silent.operator.market.trade(BTC, { side: "buy", price: "60000.1", quantity: "0.001" });
  await silent.later(3_000);
  assert.deepEqual(
    old.frames.map(({ stream }) => stream),
    ["btcusdt@trade"],
    "wrapped, and only what the public route would carry",
  );
});

test("EMU-08 an address that is not served refuses the upgrade and is counted", async (context) => {
  const bench = await Bench.open(context, { legacy: "close" });
  for (const path of ["/ws", "/nowhere"]) {
    const socket = { id: 1, path, query: "", headers: {}, peer: "", send() {}, ping() {}, close() {} };
    const refused = bench.protocol.open(socket);
    assert.equal("status" in refused && refused.status, 404);
  }
  assert.equal(bench.open("/fapi/v1/nothing").status, 404);
  assert.deepEqual([...bench.protocol.unserved.keys()], ["WS /ws", "WS /nowhere", "GET /fapi/v1/nothing"]);
});

test("EMU-11 ids come back with their type, and what is no request is refused", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.socket("/public/ws/0");
  socket.say({ method: "SUBSCRIBE", params: ["btcusdt@depth"], id: "a1" });
  socket.say({ method: "LIST_SUBSCRIPTIONS", id: 2 });
  socket.say({ method: "UNSUBSCRIBE", params: ["btcusdt@depth"], id: 3, extra: true });
  socket.say({ method: "DANCE", id: 4 });
  socket.say("no json");
  assert.deepEqual(
    socket.frames.map(({ id, result, error }) => [id, result ?? null, error === undefined]),
    [
      ["a1", null, true],
      [2, ["btcusdt@depth"], true],
      [3, null, true],
      [4, null, false],
      [undefined, null, false],
    ],
  );
  const chatty = bench.socket("/public/ws/0");
  for (let i = 0; i < 11; i += 1) chatty.say({ method: "LIST_SUBSCRIPTIONS", id: i });
  assert.equal(chatty.closed.code, 1008, "ten messages a second");
});

test("EMU-16 marks, quotes, candles and day tickers are told as they change or by the second", async (context) => {
  const bench = await Bench.open(context);
  const names = ["btcusdt@markPrice@1s", "btcusdt@kline_1m", "btcusdt@ticker", "!miniTicker@arr"];
  const market = bench.socket("/market/stream", `streams=${names.join("/")}`);
  const quotes = bench.socket("/public/ws/btcusdt@bookTicker");
  const doge = bench.socket("/market/ws/dogeusdt@markPrice@1s");
  bench.operator.market.trade(BTC, { side: "sell", price: "59999.9", quantity: "0.002" });
  bench.operator.market.level(BTC, { side: "buy", price: "60000", quantity: "2" });
  await bench.later(61_000);
  const [quote] = events(quotes, "bookTicker").slice(-1);
  assert.deepEqual([quote?.["b"], quote?.["B"]], ["60000.0", "2.000"]);
  const [mark] = events(market, "markPriceUpdate");
  assert.equal(mark?.["r"], "0.00010000");
  assert.equal(Number(mark?.["T"]) % (8 * 3_600_000), 0);
  const [hourly] = events(doge, "markPriceUpdate");
  assert.equal(hourly?.["T"], Math.ceil(START_MS / 3_600_000) * 3_600_000, "one hour between settlements");
  const klines = events(market, "kline").map(({ k }) => k as Frame);
  assert.deepEqual([klines[0]?.["o"], klines[0]?.["v"], klines[0]?.["x"]], ["59999.9", "0.002", false]);
  assert.ok(
    klines.some(({ x }) => x === true),
    "the closed candle is told",
  );
  assert.ok(events(market, "24hrTicker").length >= 60);
  assert.ok(market.frames.some(({ stream, data }) => stream === "!miniTicker@arr" && Array.isArray(data)));
});

test("EMU-16 a fill is told as TRADE_LITE, then order and account in an order the seed decides", async (context) => {
  const orders = new Set<string>();
  for (const seed of ["1", "2", "3", "4", "5", "6"]) {
    const bench = await Bench.open(context, {}, { seed });
    const socket = bench.user();
    bench.place({ newClientOrderId: "one" });
    bench.operator.fill("demo", { symbol: BTC, clientOrderId: "one", quantity: "0.004" });
    const names = socket.frames.map(({ e }) => String(e));
    assert.deepEqual(names.slice(0, 2), ["ORDER_TRADE_UPDATE", "TRADE_LITE"]);
    orders.add(names.slice(2).join(" "));
    const [, fill] = events(socket, "ORDER_TRADE_UPDATE").map(({ o }) => o as Frame);
    assert.deepEqual(
      ["x", "X", "l", "z", "L", "n", "N", "m", "c"].map((name) => fill?.[name]),
      ["TRADE", "PARTIALLY_FILLED", "0.004", "0.004", "59990.0", "0.04799200", "USDT", true, "one"],
    );
    const [{ a }] = events(socket, "ACCOUNT_UPDATE") as [{ a: Frame }];
    assert.equal(a["m"], "ORDER");
    const [position] = a["P"] as Frame[];
    assert.deepEqual([position?.["pa"], position?.["ep"]], ["0.004", "59990.0"]);
    const [balance] = a["B"] as Frame[];
    assert.equal(balance?.["wb"], "999999.95200800");
  }
  assert.equal(orders.size, 2, "both orders occur");
});

test("EMU-16 orders are told as placed, amended, cancelled and expired", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.user();
  const { orderId } = bench.place() as { orderId: number };
  const by = { symbol: "BTCUSDT", orderId, side: "BUY" };
  bench.ask("PUT /fapi/v1/order", { ...by, quantity: "0.020", price: "59980" });
  bench.ask("DELETE /fapi/v1/order", by);
  bench.place({ timeInForce: "IOC" });
  const told = events(socket, "ORDER_TRADE_UPDATE").map(({ o }) => [(o as Frame)["x"], (o as Frame)["X"]]);
  assert.deepEqual(told, [
    ["NEW", "NEW"],
    ["AMENDMENT", "NEW"],
    ["CANCELED", "CANCELED"],
    ["NEW", "NEW"],
    ["EXPIRED", "EXPIRED"],
  ]);
});

test("EMU-16 funding, deposits, leverage and liquidation are told, and the records agree", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.user();
  const forced = bench.socket("/market/ws/btcusdt@forceOrder");
  bench.ask("POST /fapi/v1/order", { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.100" });
  socket.frames.length = 0;
  bench.operator.settleFunding(BTC, "0.0001");
  const [funding] = events(socket, "ACCOUNT_UPDATE").map(({ a }) => a as Frame);
  assert.equal(funding?.["m"], "FUNDING_FEE");
  assert.deepEqual(funding?.["P"], [], "a cross position is not told");
  const [paid] = bench.list("GET /fapi/v1/income", { incomeType: "FUNDING_FEE" });
  const [change] = (funding?.["B"] ?? []) as Frame[];
  assert.equal(change?.["bc"], paid?.["income"]);
  assert.match(String(paid?.["income"]), /^-0\.6/);
  bench.operator.deposit("demo", { protocol: "binance-usdm", asset: "USDT", amount: "-25.5" });
  const reasons = events(socket, "ACCOUNT_UPDATE").map(({ a }) => (a as Frame)["m"]);
  assert.deepEqual(reasons, ["FUNDING_FEE", "WITHDRAW"]);
  assert.equal(bench.ask("POST /fapi/v1/leverage", { symbol: "BTCUSDT", leverage: 7 })["leverage"], 7);
  assert.deepEqual(
    events(socket, "ACCOUNT_CONFIG_UPDATE").map(({ ac }) => ac),
    [{ s: "BTCUSDT", l: 7 }],
  );
  assert.equal(bench.operator.liquidate("demo", BTC), null);
  const [closed] = events(socket, "ORDER_TRADE_UPDATE").map(({ o }) => o as Frame);
  assert.equal(closed?.["x"], "CALCULATED");
  assert.match(String(closed?.["c"]), /^autoclose-/);
  assert.equal(events(forced, "forceOrder").length, 1);
  const [record] = bench.list("GET /fapi/v1/forceOrders", { autoCloseType: "LIQUIDATION" });
  assert.equal(record?.["executedQty"], "0.100");
});

test("EMU-13 EMU-16 a listen key lives an hour after a renewal; its end is told, then silence", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.user();
  const [first, again] = [1, 2].map(() => bench.ask("POST /fapi/v1/listenKey")["listenKey"]);
  assert.equal(first, again);
  await bench.later(3_000_000);
  assert.equal(bench.ask("PUT /fapi/v1/listenKey")["listenKey"], first);
  await bench.later(3_599_999);
  assert.deepEqual(socket.frames, []);
  await bench.later(1);
  assert.deepEqual(
    socket.frames.map(({ e, listenKey }) => [e, listenKey]),
    [["listenKeyExpired", first]],
  );
  assert.equal(bench.code("PUT /fapi/v1/listenKey"), -1125);
  bench.place();
  assert.equal(socket.frames.length, 1, "silence");
  assert.notEqual(bench.ask("POST /fapi/v1/listenKey")["listenKey"], first);
  assert.equal(bench.protocol.act({ act: "expire-keys", account: "demo", announced: false }), true);
  assert.equal(bench.code("PUT /fapi/v1/listenKey"), -1125);
});

test("EMU-16 a margin call is told once when maintenance has used up most of the margin", async (context) => {
  const bench = await Bench.open(context);
  const socket = bench.user();
  bench.ask("POST /fapi/v1/leverage", { symbol: "BTCUSDT", leverage: 100 });
  assert.equal(bench.operator.market.book(BTC, { bids: [["59999.9", "900"]], asks: [["60000.1", "900"]] }), null);
  const order = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "900", newOrderRespType: "RESULT" };
  assert.equal(bench.ask("POST /fapi/v1/order", order)["status"], "FILLED");
  await bench.later(2_000);
  assert.deepEqual(events(socket, "MARGIN_CALL"), []);
  bench.operator.market.mark(BTC, "59195");
  await bench.later(5_000);
  const calls = events(socket, "MARGIN_CALL");
  assert.equal(calls.length, 1);
  const [position] = (calls[0]?.["p"] ?? []) as Frame[];
  assert.deepEqual([position?.["s"], position?.["pa"], position?.["mt"]], ["BTCUSDT", "900.000", "CROSSED"]);
});

test("EMU-28 a shutdown is announced on every socket, with the envelope of its kind", async (context) => {
  const bench = await Bench.open(context);
  const [streams, api] = [bench.socket("/public/ws/0"), bench.socket("/ws-fapi/v1")];
  const gone = bench.socket("/public/ws/0");
  gone.talk.closed();
  assert.equal(bench.protocol.act({ act: "shutdown-notice" }), true);
  assert.deepEqual(streams.frames, [{ e: "serverShutdown", E: START_MS }]);
  assert.deepEqual(api.frames, [{ event: { e: "serverShutdown", E: START_MS } }]);
  assert.deepEqual(gone.frames, []);
});
