// One bot's bug, flood or lost connector is that bot's own: it is cancelled, recovered or put aside, and the others
// trade on.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Engine } from "../context.ts";
import { productionEngine } from "../engine.ts";
import { BotHost } from "../host.ts";
import { phaseOf } from "./bot-view.ts";
import { ANN, botOf, botText, done, type FleetProcess, FleetWorld, symbolOf } from "./fleet.fixture.ts";
import type { ConnectorHealth } from "./fleet-options.ts";

function world(t: TestContext, instruments: number): FleetWorld {
  const made = new FleetWorld(instruments);
  t.after(() => made.remove());
  return made;
}

const seedsOf = (count: number): string[] => Array.from({ length: count }, (_, n) => botText(`bot-${n}`, n));

async function allTrade(w: FleetWorld, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await w.untilTrue(() => w.open(n) >= 3);
}

/** Throws at the first book after `armed` says so; every time, or once only. */
function sabotaged(fault: { armed: boolean; times: number }): Engine {
  return {
    ...productionEngine,
    step: (state, event) => {
      if (fault.armed && event.kind === "book" && fault.times > 0) {
        fault.times -= 1;
        throw new Error("sabotage");
      }
      return productionEngine.step(state, event);
    },
  };
}

const codesOf = ({ alerts }: FleetProcess, id: string): string[] =>
  alerts.filter(({ bot }) => bot === id).map(({ code }) => code);

test("OPS-15 RISK-19 a bot that throws once is cancelled, recovered by replay, and trades on", async (t) => {
  const w = world(t, 2);
  const fault = { armed: false, times: 1 };
  const engineOf = (bot: string): Engine => (bot === "bot-0" ? sabotaged(fault) : productionEngine);
  const p = w.start({ seeds: seedsOf(2), engineOf });
  await allTrade(w, 2);
  const other = botOf(p, "bot-1").state?.seq ?? 0;
  fault.armed = true;
  await w.untilTrue(() => codesOf(p, "bot-0").includes("bot-crashed"));
  await w.untilTrue(() => w.open(0) === 0);
  await w.untilTrue(() => phaseOf(botOf(p, "bot-0")) === "RUNNING" && w.open(0) >= 3);
  assert.ok((botOf(p, "bot-1").state?.seq ?? 0) > other);
  assert.ok(w.open(1) >= 3);
  done(await w.until(p.fleet.stop({ id: "bot-0", cancelOnExit: "all" }, ANN)));
  await w.untilTrue(() => botOf(p, "bot-0").stage === "idle");
  const reader = botOf(p, "bot-0").openReader();
  assert.equal(botOf(p, "bot-0").state?.seq, reader.seq, "it is known as it ended, not as it threw");
  reader.close();
  await w.until(p.fleet.close("test"));
});

test("OPS-15 RISK-19 the same event throwing again quarantines the bot, with a critical alert", async (t) => {
  const w = world(t, 2);
  const fault = { armed: false, times: Number.POSITIVE_INFINITY };
  const engineOf = (bot: string): Engine => (bot === "bot-0" ? sabotaged(fault) : productionEngine);
  const p = w.start({ seeds: seedsOf(2), engineOf });
  await allTrade(w, 2);
  fault.armed = true;
  await w.untilTrue(() => phaseOf(botOf(p, "bot-0")) === "QUARANTINED");
  const told = p.alerts.find(({ code }) => code === "bot-quarantined");
  assert.equal(told?.severity, "critical");
  assert.match(told.text, /^poisoned at seq \d+: /);
  await w.untilTrue(() => w.open(0) === 0);
  const before = botOf(p, "bot-1").state?.seq ?? 0;
  await w.run(5_000);
  assert.ok((botOf(p, "bot-1").state?.seq ?? 0) > before);
  assert.equal(phaseOf(botOf(p, "bot-0")), "QUARANTINED");
  await w.until(p.fleet.close("test"));

  const again = w.start({ engineOf });
  await w.untilTrue(() => phaseOf(botOf(again, "bot-0")) === "QUARANTINED");
  await w.untilTrue(() => phaseOf(botOf(again, "bot-1")) === "RUNNING");
  await w.until(again.fleet.close("test"));
  // the fault is gone: the operator starts the bot, which replays and goes on
  const repaired = w.start();
  await w.untilTrue(() => phaseOf(botOf(repaired, "bot-0")) === "RUNNING");
  await w.until(repaired.fleet.close("test"));
});

test("OPS-15 what a bot throws outside of its steps ends that bot's run, never the process", async (t) => {
  const w = world(t, 2);
  const p = w.start({
    seeds: seedsOf(2),
    portOf: ({ bot }) => {
      const port = w.connect();
      if (bot !== "bot-0") return port;
      const broken = Object.create(port) as typeof port;
      const bug = {
        get result(): "accepted" {
          throw new Error("sabotage");
        },
      };
      let calls = 0;
      broken.cancel = (symbol, id, done) =>
        port.cancel(symbol, id, (outcome) => {
          calls += 1;
          done(calls === 1 ? bug : outcome);
        });
      return broken;
    },
  });
  await allTrade(w, 2);
  await w.until(p.fleet.pause({ id: "bot-0", cancelEntries: true, leg: "both" }, ANN));
  await w.untilTrue(() => codesOf(p, "bot-0").includes("bot-crashed"));
  await w.untilTrue(() => phaseOf(botOf(p, "bot-0")) === "PAUSED" && w.open(0) === 0);
  assert.equal(phaseOf(botOf(p, "bot-1")), "RUNNING");
  await w.until(p.fleet.close("test"));
});

test("OPS-14 OPS-15 OPS-16 of 22 bots one throws and one floods its mailbox: the others trade on", async (t) => {
  const count = 22;
  const w = world(t, count);
  const fault = { armed: false, times: Number.POSITIVE_INFINITY };
  const engineOf = (bot: string): Engine => (bot === "bot-3" ? sabotaged(fault) : productionEngine);
  const p = w.start({ seeds: seedsOf(count), engineOf, mailboxCapacity: 200 });
  await allTrade(w, count);
  const healthy = p.fleet.bots().filter(({ id }) => id !== "bot-3" && id !== "bot-7");
  const before = new Map(healthy.map((bot) => [bot.id, bot.state?.seq ?? 0]));
  fault.armed = true;
  const flooded = botOf(p, "bot-7").host;
  assert.ok(flooded instanceof BotHost);
  for (let n = 0; n < 1_000; n += 1) {
    const trade = { symbol: symbolOf(7), kind: "candle", interval: "1m", closed: true } as const;
    const prices = { open: 1, high: 1, low: 1, close: 1, volume: 0, openAtMs: n } as const;
    flooded.fromStream({ ...trade, ...prices } as Parameters<typeof flooded.fromStream>[0]);
  }
  assert.ok(codesOf(p, "bot-7").includes("feed-stale"), "its streams are cut, and only its own");
  await w.untilTrue(() => phaseOf(botOf(p, "bot-3")) === "QUARANTINED");
  await w.run(5_000);
  for (const bot of healthy) {
    assert.equal(phaseOf(bot), "RUNNING", bot.id);
    assert.ok((bot.state?.seq ?? 0) > (before.get(bot.id) ?? 0), `${bot.id} hears of its market`);
    assert.deepEqual(
      codesOf(p, bot.id).filter((code) => code === "feed-stale" || code === "bot-crashed"),
      [],
    );
  }
  await w.untilTrue(() => phaseOf(botOf(p, "bot-7")) === "RUNNING" && w.open(7) >= 3);
  const tags = new Set(p.fleet.bots().map(({ record }) => record.tag));
  assert.equal(tags.size, count);
  await w.until(p.fleet.close("test"));
  for (let n = 0; n < count; n += 1) assert.equal(w.open(n), 0);
});

test("API-34 API-44 RISK-20 a connector that does not serve freezes bots and ends none until it is back", async (t) => {
  const w = world(t, 2);
  const listeners = new Set<() => void>();
  const health = { serving: true, text: "" };
  const connector: ConnectorHealth = {
    get serving() {
      return health.serving;
    },
    get text() {
      return health.text;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const say = (serving: boolean, text: string): void => {
    Object.assign(health, { serving, text });
    for (const listener of listeners) listener();
  };
  const p = w.start({ seeds: seedsOf(2), connector });
  await allTrade(w, 2);
  const entriesOf = (n: number): readonly string[] =>
    [...(p.fleet.bots()[n]?.state?.orders ?? [])].flatMap(([id, { order }]) => (order.reduceOnly ? [] : [id]));
  say(false, "the connector does not answer");
  await w.run(10);
  const rested = [entriesOf(0), entriesOf(1)];
  assert.ok(rested.every((ids) => ids.length > 0));
  for (const bot of p.fleet.bots()) assert.equal(phaseOf(bot), "BLOCKED");
  await w.run(1_000);
  for (const n of [0, 1]) {
    const fresh = entriesOf(n).filter((id) => rested[n]?.includes(id) !== true);
    assert.deepEqual(fresh, [], "what rests stays, and no opening order is added");
    assert.ok(w.open(n) > 0);
  }
  await w.run(120_000);
  for (const bot of p.fleet.bots()) assert.deepEqual([phaseOf(bot), bot.end], ["BLOCKED", null]);
  const seen: string[] = [];
  const stop = p.fleet.observe((bot, turn) => {
    if (bot.id === "bot-0") for (const event of turn?.events ?? []) seen.push(event.kind);
  });
  say(true, "");
  await w.untilTrue(() => p.fleet.bots().every((bot) => phaseOf(bot) === "RUNNING"));
  await allTrade(w, 2);
  stop();
  const [read, fresh] = [seen.indexOf("exchange-state"), seen.indexOf("feed")];
  assert.ok(read >= 0 && read < fresh, "a complete read comes before new risk");
  await w.until(p.fleet.close("test"));
});

test("API-45 each run keeps the dead-man timer armed, and disarms it only when it left nothing behind", async (t) => {
  const w = world(t, 2);
  const fault = { armed: false, times: Number.POSITIVE_INFINITY };
  const engineOf = (bot: string): Engine => (bot === "bot-0" ? sabotaged(fault) : productionEngine);
  const told: string[] = [];
  const turning = new Map<string, () => boolean>();
  const p = w.start({
    seeds: seedsOf(2),
    engineOf,
    deadManMs: 30_000,
    portOf: ({ bot, epoch }) => {
      const port = w.connect();
      return Object.assign(port, {
        heartbeat: (ttlMs: number, turns: () => boolean) => {
          told.push(`${bot} run ${epoch} armed for ${ttlMs}`);
          turning.set(bot, turns);
          return async () => {
            await Promise.resolve();
            told.push(`${bot} disarmed`);
          };
        },
      });
    },
  });
  await allTrade(w, 2);
  assert.deepEqual(told.toSorted(), ["bot-0 run 1 armed for 30000", "bot-1 run 1 armed for 30000"]);
  assert.ok(turning.get("bot-0")?.());
  fault.armed = true;
  await w.untilTrue(() => phaseOf(botOf(p, "bot-0")) === "QUARANTINED");
  assert.ok(!told.includes("bot-0 disarmed"));
  assert.equal(turning.get("bot-0")?.(), false);
  await w.until(p.fleet.close("test"));
  assert.ok(told.includes("bot-1 disarmed"));
});
