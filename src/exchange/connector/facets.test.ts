// What a port offers beside orders, asked over the wire and through a remote port: the same answers.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RemoteStage } from "../../../test/contract/exchange-remote.ts";
import { ACCOUNT, Hands, makeWorld, openOn, SYMBOL } from "../../../test/contract/exchange-stage.ts";
import { FeedState, MarginMode } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import type { ExchangePort, UpstreamHealth } from "../port.ts";
import { FacetedPort } from "./faceted.fixture.ts";
import { Heard, isEnd } from "./heard.fixture.ts";
import { SILENT_LOG } from "./observer.ts";

async function faceted(t: TestContext, exclusive = false, warned: string[] = []) {
  const world = makeWorld();
  const port = new FacetedPort(world.driver, { account: ACCOUNT, marks: true, trades: true });
  const log = { ...SILENT_LOG, warn: (text: string): void => void warned.push(text) };
  const stage = await RemoteStage.open(world, { port, exclusive, log });
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  return { world, port, stage, desk: stage.exchange("operator") };
}

const leverage = (value: string, effectId: string) => ({ symbol: SYMBOL, leverage: { value }, effectId });

test("EXCH-01 leverage and margin mode are set once an effect id, and what is so already is found so", async (t) => {
  const { port, stage, desk } = await faceted(t);
  const done = await Promise.all([desk.setLeverage(leverage("5", "e1")), desk.setLeverage(leverage("5", "e1"))]);
  assert.deepEqual(done, [
    { done: true, found: false },
    { done: true, found: false },
  ]);
  assert.deepEqual(await desk.setLeverage(leverage("5.0", "e2")), { done: true, found: true });
  const mode = { symbol: SYMBOL, marginMode: MarginMode.ISOLATED, effectId: "e3" };
  assert.deepEqual(await desk.setMarginMode(mode), { done: true, found: false });
  assert.deepEqual(port.told, [`${SYMBOL} 5`, `${SYMBOL} 5`, `${SYMBOL} isolated`]);
  assert.equal((await refusedBy(desk.setLeverage(leverage("6", "e1")))).status, "ALREADY_EXISTS");
  assert.equal((await refusedBy(desk.setLeverage(leverage("2.5", "e4")))).status, "INVALID_ARGUMENT");
  const whole = { ...mode, marginMode: MarginMode.PORTFOLIO, effectId: "e5" };
  assert.equal((await refusedBy(desk.setMarginMode(whole))).status, "INVALID_ARGUMENT");
  assert.equal((await refusedBy(stage.exchange("trader").setMarginMode(mode))).status, "PERMISSION_DENIED");
});

test("EXCH-06 a setting whose outcome is unknown says so, and may be asked for again under its id", async (t) => {
  const { port, desk } = await faceted(t);
  port.next = { result: "unknown", text: "the answer was cut" };
  const refusal = await refusedBy(desk.setLeverage(leverage("7", "e1")));
  assert.deepEqual([refusal.outcome, refusal.metadata["exchange_text"]], ["unknown", "the answer was cut"]);
  port.next = { result: "rejected", text: "leverage too high" };
  assert.equal((await refusedBy(desk.setLeverage(leverage("7", "e1")))).outcome, "rejected");
  port.next = null;
  assert.deepEqual(await desk.setLeverage(leverage("7", "e1")), { done: true, found: true });
});

test("EXCH-25 EXCH-31 EXCH-54 limits, fees and the key's rights are told as the port tells them", async (t) => {
  const { desk } = await faceted(t);
  assert.deepEqual((await desk.getRequestBudget({})).buckets, [
    { name: "orders 10 s", used: 1, limit: 300, resetMs: 1_750_000_010_000 },
    { name: "weight 1 m", used: 12, limit: 2_400, resetMs: 1_750_000_060_000 },
  ]);
  const fees = await desk.getFees({ symbol: SYMBOL });
  assert.deepEqual([fees.makerPpm, fees.takerPpm], [-50, 450]);
  assert.deepEqual(await desk.getKeyRights({}), {
    trade: true,
    withdraw: false,
    transfer: undefined,
    ipRestricted: true,
    withdrawAllowed: undefined,
  });
  assert.deepEqual(await desk.reloadCredentials({}), {
    keyFingerprint: "0123456789ab",
    permissions: ["ipRestricted", "trade"],
  });
  const { openInterest } = await desk.getOpenInterest({ symbol: SYMBOL });
  assert.equal(openInterest?.value, "123.456");
  const [ticker] = (await desk.getTickers({})).tickers;
  assert.deepEqual([ticker?.quoteVolume?.value, ticker?.openInterest?.value], ["420.005", "123.456"]);
});

test("EXCH-01 health of the upstream is on the stream of feeds, its last word for who comes later", async (t) => {
  const { port, desk } = await faceted(t);
  port.say({ subject: "clock", state: "suspect", text: "offset moved 300 ms" });
  port.say({ subject: "clock", state: "live", text: "offset 2 ms" });
  const feeds = new Heard((signal) => desk.subscribeFeeds({}, { signal }));
  t.after(() => feeds.leave());
  await feeds.until(isEnd);
  const known = feeds.all.flatMap(({ feed }) => (feed?.subject === "clock" ? [[feed.state, feed.action]] : []));
  assert.deepEqual(known, [[FeedState.LIVE, "offset 2 ms"]]);
  port.say({ subject: "limits", state: "down", text: "banned until 12:00" });
  const { feed } = await feeds.until((message) => message.feed?.subject === "limits");
  assert.deepEqual([feed?.state, feed?.action], [FeedState.DOWN, "banned until 12:00"]);
});

test("EXCH-16 everything is cancelled by the exchange's own call, foreign orders too, with the proof", async (t) => {
  const { world, port, desk } = await faceted(t);
  const foreign = new Hands(port);
  await foreign.watch().first("book");
  await Promise.all([foreign.place("buy 599990 x 5"), foreign.place("buy 599980 x 5")]);
  const swept = await desk.cancelAllOrders({ everything: true });
  assert.deepEqual(swept, { cancelled: 2, left: [], proven: true });
  assert.deepEqual([port.told, openOn(world)], [[`everything ${SYMBOL}`], []]);
});

test("EXCH-32 RISK-38 a bot that lives keeps the exchange's timer armed where the account is its alone", async (t) => {
  const warned: string[] = [];
  const alone = await faceted(t, true, warned);
  assert.deepEqual(warned, []);
  const arming = { botId: "bot", ttlMs: 60_000, epoch: 1, tag: "" };
  assert.equal((await alone.desk.armDeadMan(arming)).kind, "heartbeat");
  assert.deepEqual(alone.port.told, [`dead-man ${SYMBOL} 60000`]);
  await alone.desk.armDeadMan({ ...arming, ttlMs: 0 });
  assert.deepEqual(alone.port.told, [`dead-man ${SYMBOL} 60000`, `dead-man ${SYMBOL} off`]);
  const shared = await faceted(t, false, warned);
  assert.match(warned.join(), /^the exchange's dead-man timer stays off: the account is not exclusive/);
  assert.equal((await shared.desk.armDeadMan(arming)).kind, "connector");
  assert.deepEqual(shared.port.told, []);
});

test("EXCH-01 a remote port has every facet of the port behind, and gives its answers", async (t) => {
  const { port, stage, world } = await faceted(t);
  const remote = await stage.port("bot", 1, "operator");
  assert.deepEqual(remote.capabilities, port.capabilities);
  const answers = async (asked: ExchangePort): Promise<unknown> => {
    const { settings, publicMarket } = asked;
    assert.ok(settings !== undefined && publicMarket?.openInterest !== undefined);
    return Promise.all([
      new Promise((resolve) => settings.rights(resolve)),
      new Promise((resolve) => settings.feeTier(SYMBOL, resolve)),
      new Promise((resolve) => settings.setLeverage(SYMBOL, 5, resolve)),
      new Promise((resolve) => settings.setMarginMode(SYMBOL, "cross", resolve)),
      settings.reloadCredentials(),
      new Promise((resolve) => publicMarket.openInterest?.(SYMBOL, resolve)),
      new Promise((resolve) => publicMarket.day(SYMBOL, resolve)),
      new Promise((resolve) => publicMarket.settledRates(SYMBOL, 0, resolve)),
    ]);
  };
  const through = await answers(remote);
  port.leverages.clear();
  port.modes.clear();
  assert.deepEqual(through, await answers(port));
  while (remote.budget?.().length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    remote.budget?.(),
    port.budget().toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  );
  const heard: UpstreamHealth[] = [];
  const end = remote.watchHealth?.((health) => heard.push(health));
  while (heard.length === 0) {
    port.say({ subject: "clock", state: "suspect", text: "offset moved" });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(heard[0], { subject: "clock", state: "suspect", text: "offset moved" });
  end?.();
  const hands = new Hands(remote);
  await hands.watch().first("book");
  await hands.place("buy 599990 x 5");
  assert.ok(remote.cancelEverything !== undefined);
  const gone = await new Promise((resolve) => remote.cancelEverything?.(SYMBOL, resolve));
  assert.deepEqual([gone, openOn(world)], [{ result: "accepted" }, []]);
});

test("EXCH-01 a remote port lacks what the port behind lacks", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const port: ExchangePort = await stage.port();
  const absent = ["settings", "budget", "cancelEverything", "watchHealth", "deadMan", "amend"] as const;
  assert.deepEqual(
    absent.filter((facet) => port[facet] !== undefined),
    [],
  );
});

test("EXCH-01 the public market comes through: trades, deep books, open candles, the book now", async (t) => {
  const { stage, world } = await faceted(t);
  const { publicMarket } = await stage.port();
  assert.ok(publicMarket !== undefined);
  const heard = new Set<string>();
  const end = publicMarket.watch(
    { symbol: SYMBOL, trades: true, openCandle: "1m", depth: 20, intervalMs: 10 },
    (message) => heard.add(message.kind === "book" ? `book ${message.bids.length}` : message.kind),
  );
  while (!["trade", "candle", "book 3"].every((kind) => heard.has(kind))) {
    world.market.say("sold 600000x1");
    await new Promise((resolve) => setImmediate(resolve));
  }
  end();
  const book = await new Promise<Parameters<Parameters<typeof publicMarket.book>[2]>[0]>((resolve) =>
    publicMarket.book(SYMBOL, 2, resolve),
  );
  assert.ok(book.result === "ok");
  assert.deepEqual(book.book?.asks, [
    [600_001, 40],
    [600_010, 70],
  ]);
});
