// What live-server says of the machinery behind the bots, over real gRPC on 127.0.0.1: the exchange's clock with its
// rate, dead-man timers though they were armed before it came, and a kill where it holds and nowhere else.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { booksServices } from "../../src/host/api/books-services.ts";
import { TestLog } from "../../src/host/api/bot-service.fixture.ts";
import { botService } from "../../src/host/api/bot-service.ts";
import { botText, FleetWorld } from "../../src/host/fleet/fleet.fixture.ts";
import { Picture } from "../../src/live/picture.ts";
import { defaultSettings } from "../../src/live/settings.ts";
import { openSources, type SourceAddress } from "../../src/live/source/sources.ts";
import { SILENT_LOG } from "../../src/observe/log.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { RiskServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { rpcService } from "../../src/rpc/method.ts";
import { startVillage } from "../../src/rpc/village.fixture.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld } from "../contract/exchange-stage.ts";

interface View {
  readonly picture: Picture;
  /** Resolves as soon as the picture makes it true. */
  until(isSo: () => boolean): Promise<void>;
}

function viewOf(t: TestContext, address: SourceAddress): View {
  const monotonicMs = (): number => performance.now();
  const picture = new Picture({ monotonicMs, historyLimit: 100 });
  const waiting = new Set<() => void>();
  picture.listen(() => {
    for (const look of waiting) look();
  });
  const settings = defaultSettings();
  const options = { addresses: [address], settings, picture, monotonicMs, wallMs: Date.now, log: SILENT_LOG };
  const sources = openSources(options);
  t.after(() => sources.close());
  return {
    picture,
    until: (isSo) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isSo()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

test("LIVE-01 the exchange's clock comes with its rate, and a dead-man timer armed before live-server came is told", async (t) => {
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  await stage.exchange("trader").armDeadMan({ botId: "bot-0", ttlMs: 60_000, tag: "aaaaaa", epoch: 1 });
  const { address } = stage.server;
  const view = viewOf(t, { name: "exchange", kind: "connector", address, tls: null, key: stage.keys.reader });
  await view.until(() => view.picture.board.read().deadMan !== null && view.picture.board.read().clock !== null);
  const { deadMan, clock } = view.picture.board.read();
  assert.deepEqual(deadMan, { kind: "armed for bot-0", until: 0 });
  assert.ok((clock?.ratePpm ?? 0) > 0);
  await stage.exchange("trader").armDeadMan({ botId: "bot-0", ttlMs: 0, tag: "aaaaaa", epoch: 1 });
  await view.until(() => view.picture.board.read().deadMan === null);
});

test("LIVE-01 a kill is told of the bot it holds for and of no other; bots are up since they began", async (t) => {
  const world = new FleetWorld(2);
  const fleet = world.start();
  const made = booksServices({ fleet: fleet.fleet, onFailed: () => undefined });
  const service = botService({ fleet: fleet.fleet, books: made.books, log: new TestLog(), operatorUrl: "" });
  const services = [rpcService(BotServiceDefinition, service.implementation), ...made.services];
  const village = await startVillage(t, services, { rate: { perSecond: 10_000, burst: 10_000 } });
  const { address } = village.server;
  const view = viewOf(t, { name: "engine", kind: "engine", address, tls: null, key: village.keys.reader });
  t.after(async () => {
    service.close();
    made.close();
    await world.until(fleet.fleet.close("test"));
    world.remove();
  });
  const soon = <T>(what: Promise<T>): Promise<T> => world.until(what, 36_000_000);
  const { picture } = view;
  const desk = village.bots("operator");
  for (const n of [0, 1]) {
    const botId = `bot-${n}`;
    await world.until(desk.createBot({ botId, config: botText(botId, n), reason: "test" }));
    await world.until(desk.startBot({ botId, reason: "test" }));
    await soon(view.until(() => picture.botsOf.get(botId)?.bot.phase === "RUNNING"));
  }
  assert.ok((picture.botsOf.get("bot-0")?.bot.uptime ?? 0) > 0);
  const kill = async (): Promise<void> => {
    const risk = village.dial("operator").client(RiskServiceDefinition);
    const steps = risk.triggerKillSwitch({ scope: Scope.BOT, id: "bot-0", reason: "test", flatten: false });
    for await (const step of steps) assert.ok(step.report !== undefined);
  };
  await soon(kill());
  const stepOf = (id: string): string | undefined => picture.riskOf.get(id)?.kill.step;
  await soon(view.until(() => (stepOf("bot-0") ?? "") !== "" && picture.riskOf.has("bot-1")));
  assert.equal(picture.botsOf.get("bot-0")?.bot.phase, "KILLED");
  assert.equal(stepOf("bot-1"), "");
});
