// Setup and replay through live-server's source, on a real engine over real gRPC with a reader's key: nothing of it
// needs more, and nothing of it changes the bot.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { booksServices } from "../../src/host/api/books-services.ts";
import { TestLog } from "../../src/host/api/bot-service.fixture.ts";
import { botService } from "../../src/host/api/bot-service.ts";
import { botText, FleetWorld } from "../../src/host/fleet/fleet.fixture.ts";
import { Picture } from "../../src/live/picture.ts";
import type { Questions } from "../../src/live/questions.ts";
import { defaultSettings } from "../../src/live/settings.ts";
import { openSources } from "../../src/live/source/sources.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "../../src/rpc/method.ts";
import { startVillage } from "../../src/rpc/village.fixture.ts";

const BOT = "bot-0";
const DECIMAL = /^-?\d+(\.\d+)?$/;

interface Place {
  readonly questions: Questions;
  readonly picture: Picture;
  /** Lets the market go on until it is there. */
  readonly soon: <T>(what: Promise<T>) => Promise<T>;
}

/** A running bot, and live-server's view of its engine. */
async function running(t: TestContext): Promise<Place> {
  const world = new FleetWorld(1);
  const fleet = world.start();
  const made = booksServices({ fleet: fleet.fleet, onFailed: () => undefined });
  const service = botService({ fleet: fleet.fleet, books: made.books, log: new TestLog(), operatorUrl: "" });
  const services = [rpcService(BotServiceDefinition, service.implementation), ...made.services];
  const village = await startVillage(t, services, { rate: { perSecond: 10_000, burst: 10_000 } });
  const monotonicMs = (): number => performance.now();
  const picture = new Picture({ monotonicMs, historyLimit: 100 });
  const waiting = new Set<() => void>();
  picture.listen(() => {
    for (const look of waiting) look();
  });
  const { address } = village.server;
  const sources = openSources({
    addresses: [{ name: "engine", kind: "engine", address, tls: null, key: village.keys.reader }],
    settings: defaultSettings(),
    picture,
    monotonicMs,
    wallMs: Date.now,
    log: SILENT_LOG,
  });
  t.after(async () => {
    await sources.close();
    service.close();
    made.close();
    await world.until(fleet.fleet.close("test"));
    world.remove();
  });
  const soon = <T>(what: Promise<T>): Promise<T> => world.until(what, 36_000_000);
  const desk = village.bots("operator");
  await world.until(desk.createBot({ botId: BOT, config: botText(BOT, 0), reason: "test" }));
  await world.until(desk.startBot({ botId: BOT, reason: "test" }));
  const isSo = (): boolean => picture.orderBook.all().length > 3;
  await soon(
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    }),
  );
  return { questions: sources.questions, picture, soon };
}

test("LIVE-05 LIVE-14 a reader is told a bot's configuration as text, and what that text or another would place", async (t) => {
  const { questions, soon } = await running(t);
  const told = await soon(questions.config(BOT));
  assert.ok(told.ok);
  assert.equal(told.value.text, botText(BOT, 0));
  assert.ok(told.value.revision >= 1);
  assert.ok(told.value.keys.some(({ key, meaning }) => key === "grid.entryLevels" && meaning !== ""));
  const own = await soon(questions.preview(BOT, ""));
  assert.ok(own.ok && own.value.orders.length > 0 && own.value.totals !== null);
  for (const { price, qty, value, exit } of own.value.orders)
    for (const decimal of [price, qty, value, exit]) assert.match(decimal, DECIMAL);
  const fewer = await soon(questions.preview(BOT, botText(BOT, 0, { entryLevels: "1" })));
  assert.ok(fewer.ok && fewer.value.orders.length < own.value.orders.length);
  const wrong = await soon(questions.preview(BOT, botText(BOT, 0, { entryLevels: "none" })));
  assert.ok(!wrong.ok);
  assert.ok(wrong.error.problems.some(({ key, message }) => key.includes("entryLevels") && /line \d+/.test(message)));
});

test("UI-07 LIVE-05 the bot as it was is replayed for a reader, with orders, slots, book, event and effects", async (t) => {
  const { questions, picture, soon } = await running(t);
  const newest = picture.botsOf.get(BOT)?.bot.sequence ?? 0;
  const [first, last] = await Promise.all([
    soon(questions.state({ bot: BOT, sequence: 1, at: 0 })),
    soon(questions.state({ bot: BOT, sequence: newest, at: 0 })),
  ]);
  assert.ok(first.ok && last.ok, "asked at once, answered one after another");
  assert.equal(first.value.orders.length, 0);
  assert.ok(last.value.orders.length > 0 && last.value.slots.length > 0 && last.value.book !== null);
  assert.ok(last.value.orders.every(({ price, qty }) => DECIMAL.test(price) && DECIMAL.test(qty)));
  assert.equal(last.value.event?.sequence, newest);
  const never = await soon(questions.state({ bot: BOT, sequence: newest + 1_000_000, at: 0 }));
  assert.ok(!never.ok && /has events 1 to/.test(never.error));
});

test("LIVE-01 a question about a bot no engine here has is answered in words", async (t) => {
  const { questions, soon } = await running(t);
  const answers = [
    await soon(questions.config("nobody")),
    await soon(questions.state({ bot: "nobody", sequence: 1, at: 0 })),
  ];
  for (const answer of answers) assert.deepEqual(answer, { ok: false, error: "no engine here has nobody" });
  const preview = await soon(questions.preview("nobody", ""));
  assert.deepEqual(preview, { ok: false, error: { error: "no engine here has nobody", problems: [] } });
});
