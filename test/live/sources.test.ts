// Connectors and engines as sources, over real gRPC on 127.0.0.1: what they tell reaches the picture; what is lost is a
// named state; what comes back is told whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { booksServices } from "../../src/host/api/books-services.ts";
import { TestLog } from "../../src/host/api/bot-service.fixture.ts";
import { botService } from "../../src/host/api/bot-service.ts";
import { botText, FleetWorld } from "../../src/host/fleet/fleet.fixture.ts";
import { Picture } from "../../src/live/picture.ts";
import { defaultSettings } from "../../src/live/settings.ts";
import { openSources, type SourceAddress, type Sources } from "../../src/live/source/sources.ts";
import type { Update } from "../../src/live/update.ts";
import { openLog } from "../../src/observe/log.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "../../src/rpc/method.ts";
import { startVillage } from "../../src/rpc/village.fixture.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld, SYMBOL } from "../contract/exchange-stage.ts";

interface Scene {
  readonly picture: Picture;
  readonly sources: Sources;
  readonly lines: readonly string[];
  readonly updates: readonly Update[];
  /** Resolves as soon as the picture makes it true. */
  until(isSo: () => boolean): Promise<void>;
  close(): Promise<void>;
}

function watching(addresses: readonly SourceAddress[]): Scene {
  const monotonicMs = (): number => performance.now();
  const settings = defaultSettings();
  const picture = new Picture({ monotonicMs, historyLimit: 100 });
  const updates: Update[] = [];
  const waiting = new Set<() => void>();
  picture.listen((update) => {
    updates.push(update);
    for (const look of waiting) look();
  });
  const lines: string[] = [];
  const log = openLog({ process: "live-server", write: (line) => lines.push(line) });
  const sources = openSources({ addresses, settings, picture, monotonicMs, wallMs: Date.now, log });
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { picture, sources, lines, updates, until, close: () => sources.close() };
}

const stateOf = ({ picture }: Scene, name: string): string =>
  picture.board.sourceList().find((each) => each.name === name)?.state ?? "";
const at = (stage: RemoteStage): SourceAddress => {
  return { name: "exchange", kind: "connector", address: stage.server.address, tls: null, key: stage.keys.reader };
};

test("LIVE-01 LIVE-02 a connector alone is a plain monitor of an account: instruments, orders, fills, account, feeds", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  const scene = watching([at(stage)]);
  t.after(async () => {
    await scene.close();
    await stage.close();
    world.driver.stop();
  });
  await scene.until(() => stateOf(scene, "exchange") === "LIVE" && scene.sources.ready().every(({ ok }) => ok));
  assert.deepEqual(
    scene.picture.instrumentList().map(({ symbol, kind }) => [symbol, kind]),
    [[SYMBOL, "perpetual"]],
  );
  await scene.until(() => scene.picture.accountsOf.size > 0);
  const trader = stage.exchange("trader");
  const order = {
    symbol: SYMBOL,
    side: 1,
    type: 1,
    timeInForce: 4,
    quantity: { value: "0.005" },
    price: { value: "59999.0" },
  } as const;
  await trader.placeOrder({ ...order, clientOrderId: "orests" });
  await scene.until(() => scene.picture.orderBook.all().length === 1);
  const [resting] = scene.picture.orderBook.all();
  assert.deepEqual(
    [resting?.order.side, resting?.order.price, resting?.order.qty, resting?.order.status, resting?.order.clientOrder],
    ["BUY", "59999.0", "0.005", "NEW", "orests"],
  );
  await trader.placeOrder({ ...order, timeInForce: 2, price: { value: "60000.1" }, clientOrderId: "otakes" });
  await scene.until(() => scene.picture.fillBook.last(9).length === 1 && scene.picture.positionsOf.size === 1);
  const trades = scene.updates.filter(({ body }) => body.type === "trade_event");
  assert.equal(trades.length, 1);
  await trader.cancelOrder({ symbol: SYMBOL, clientOrderId: "orests" });
  await scene.until(() => scene.picture.orderBook.all().length === 0);
  const subscriptions = stage.connector.status.upstreamSubscriptions;
  assert.equal(subscriptions, 1, "one upstream, whoever looks");
  const candles = await scene.sources.questions.candles({
    exchange: scene.picture.instrumentList()[0]?.exchange ?? "",
    symbol: SYMBOL,
    interval: "1m",
    before: 0,
    limit: 10,
  });
  assert.equal(candles.ok, true);
  assert.deepEqual(await scene.sources.questions.explain("orests"), {
    ok: false,
    error: "there is no engine among the sources, and only an engine knows why",
  });
});

test("LIVE-01 the candle that is still open has the volume that was traded in it, then the closed one's", async (t) => {
  const endMs = 1_750_000_020_000;
  const world = makeWorld({ startMs: endMs - 3_000 });
  const stage = await RemoteStage.open(world);
  const scene = watching([at(stage)]);
  t.after(async () => {
    await scene.close();
    await stage.close();
    world.driver.stop();
  });
  const of = { exchange: "simulated", symbol: SYMBOL, interval: defaultSettings().interval };
  const shown = (): string =>
    scene.picture
      .lastCandles(of, 2)
      .map(({ time, volume }) => `${time} ${volume}`)
      .join(", ");
  await scene.until(() => stateOf(scene, "exchange") === "LIVE" && scene.sources.ready().every(({ ok }) => ok));
  for (const line of ["sold 600000x3", "bought 600001x5"]) world.market.say(line);
  const minute = (at: number): number => at / 1000;
  await scene.until(() => shown() === `${minute(endMs - 60_000)} 0.008`);
  // the next minute begins flat
  await scene.until(() => shown() === `${minute(endMs - 60_000)} 0.008, ${minute(endMs)} 0.000`);
  world.market.say("sold 600000x2");
  await scene.until(() => shown() === `${minute(endMs - 60_000)} 0.008, ${minute(endMs)} 0.002`);
});

test("LIVE-15 a connector that is lost is DOWN with cause and next try, the last picture stays; back again, lists are whole", async (t) => {
  const world = makeWorld();
  const first = await RemoteStage.open(world);
  const scene = watching([at(first)]);
  t.after(async () => {
    await scene.close();
    world.driver.stop();
  });
  await scene.until(() => scene.sources.ready().every(({ ok }) => ok) && scene.picture.accountsOf.size > 0);
  const order = {
    symbol: SYMBOL,
    side: 1,
    type: 1,
    timeInForce: 4,
    quantity: { value: "0.005" },
    price: { value: "59999.0" },
  } as const;
  const trader = first.exchange("trader");
  await trader.placeOrder({ ...order, clientOrderId: "ostays" });
  await trader.placeOrder({ ...order, clientOrderId: "ogoes", price: { value: "59998.0" } });
  await scene.until(() => scene.picture.orderBook.all().length === 2);
  const { address } = first.server;
  await first.close();
  await scene.until(() => stateOf(scene, "exchange") === "DOWN");
  assert.equal(scene.picture.orderBook.all().length, 2, "the last picture stays");
  const lost = scene.picture.board.read().feeds;
  assert.ok(lost.every(({ state }) => state === "DOWN"));
  assert.match(lost.find(({ kind }) => kind === "SOURCE")?.lastAction ?? "", /next try in \d/);
  assert.ok(
    scene.lines.some((line) => line.includes('"code":"source-lost"') && line.includes(address)),
    "LIVE-16",
  );
  const from = scene.updates.length;
  const second = await RemoteStage.reopen(world, first.keys, { bind: address });
  t.after(() => second.close());
  const again = second.exchange("trader");
  await again.cancelOrder({ symbol: SYMBOL, clientOrderId: "ogoes" });
  await scene.until(() => stateOf(scene, "exchange") === "LIVE" && scene.picture.orderBook.all().length === 1);
  const whole = scene.updates.slice(from).some(({ body }) => body.type === "orders" && "all" in body.data);
  assert.ok(whole, "after the new snapshot the list is sent again");
  assert.ok(scene.lines.some((line) => line.includes('"code":"source-live"')));
});

test("API-44 a connector that says it does not serve is STALE though its streams still talk, and back when it serves", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  const scene = watching([at(stage)]);
  t.after(async () => {
    await scene.close();
    await stage.close();
    world.driver.stop();
  });
  await scene.until(() => stateOf(scene, "exchange") === "LIVE");
  stage.health.set(null, "not-serving", "the exchange does not answer");
  await scene.until(() => stateOf(scene, "exchange") === "STALE");
  const [source] = scene.picture.board.sourceList();
  assert.equal(source?.lastAction, "not serving");
  stage.health.set(null, "serving");
  await scene.until(() => stateOf(scene, "exchange") === "LIVE");
});

test("LIVE-01 without an engine and without a connector live-server stands, and says what is missing", async () => {
  const missing = { tls: null, key: null } as const;
  const scene = watching([
    { name: "exchange", kind: "connector", address: "127.0.0.1:1", ...missing },
    { name: "engine", kind: "engine", address: "127.0.0.1:1", ...missing },
  ]);
  const told = (): readonly string[] => scene.picture.board.sourceList().map(({ lastAction }) => lastAction);
  await scene.until(() => told().every((text) => /first contact: .*next try in 1 s/.test(text)));
  assert.deepEqual(
    scene.sources.ready().map(({ ok }) => ok),
    [false, false],
  );
  assert.deepEqual([stateOf(scene, "exchange"), stateOf(scene, "engine")], ["DOWN", "DOWN"]);
  await scene.close();
});

test("LIVE-01 LIVE-02 an engine alone shows bots, ladders, orders, results, risk, log and why", async (t) => {
  const world = new FleetWorld(1);
  const fleet = world.start();
  const made = booksServices({ fleet: fleet.fleet, onFailed: () => undefined });
  const log = new TestLog();
  const service = botService({ fleet: fleet.fleet, books: made.books, log, operatorUrl: "http://127.0.0.1:8080" });
  const services = [rpcService(BotServiceDefinition, service.implementation), ...made.services];
  const village = await startVillage(t, services, { rate: { perSecond: 10_000, burst: 10_000 } });
  const address = {
    name: "engine",
    kind: "engine",
    address: village.server.address,
    tls: null,
    key: village.keys.reader,
  } as const;
  const scene = watching([address]);
  t.after(async () => {
    await scene.close();
    service.close();
    made.close();
    await world.until(fleet.fleet.close("test"));
    world.remove();
  });
  // live-server reads by real time while the market's is virtual: let much of it pass
  const soon = <T>(what: Promise<T>): Promise<T> => world.until(what, 36_000_000);
  const desk = village.bots("operator");
  await world.until(desk.createBot({ botId: "bot-0", config: botText("bot-0", 0), reason: "test" }));
  await world.until(desk.startBot({ botId: "bot-0", reason: "test" }));
  await soon(scene.until(() => scene.picture.botsOf.get("bot-0")?.bot.phase === "RUNNING"));
  await soon(scene.until(() => scene.picture.orderBook.all().length > 3));
  await soon(scene.until(() => (scene.picture.slotsOf.get("bot-0")?.slots.slots.length ?? 0) > 3));
  await soon(scene.until(() => scene.picture.riskOf.has("bot-0") && scene.picture.pnlOf.has("bot-0")));
  log.say("info", "somebody wrote a line");
  await soon(scene.until(() => scene.picture.logLines.some(({ text }) => text === "somebody wrote a line")));
  await soon(scene.until(() => scene.picture.systemNow().journals.length === 1));
  const { processes, journals } = scene.picture.systemNow();
  assert.deepEqual(
    processes.map(({ id, kind, told }) => [id, kind, told?.pid]),
    [["engine", "engine", process.pid]],
  );
  const [journal = assert.fail()] = journals;
  assert.ok(journal.position > 10 && journal.sequence > 5 && journal.bytes > 4096, JSON.stringify(journal));
  const [placed = assert.fail()] = scene.picture.orderBook.all();
  const why = await soon(scene.sources.questions.explain(placed.order.clientOrder));
  assert.ok(why.ok && why.value.steps.length > 0 && why.value.risk.length > 0);
  assert.deepEqual(scene.picture.doorsOf.get("engine"), [{ bot: "bot-0", url: "http://127.0.0.1:8080" }]);
  const never = await soon(scene.sources.questions.explain("onever"));
  assert.equal(never.ok, false);
});
