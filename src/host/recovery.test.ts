// Recovery (durability.md section 12): the order of its steps, what it refuses, and that it takes no longer than
// promised.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JournalError } from "../journal/errors.ts";
import { openMemoryJournal } from "../journal/memory.ts";
import { lots, ticks } from "../market/amounts.ts";
import { type ClientOrderId, makeClientOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
import { type Process, TAG, World } from "./bench.fixture.ts";
import { productionEngine } from "./engine.ts";
import { replayTail } from "./replay-tail.ts";

const events = (process: Process): readonly EngineEvent[] => process.turns.flatMap((turn) => turn.events);
const kinds = (process: Process): readonly string[] => events(process).map(({ kind }) => kind);

test("DUR-05 a run begins with who runs what; the configuration is recorded once, not at every start", () => {
  const world = new World();
  const first = world.running();
  const [started] = events(first);
  assert.equal(started?.kind, "run-started");
  assert.ok(kinds(first).includes("configured"));
  world.kill();
  const second = world.running();
  assert.equal(kinds(second)[0], "run-started");
  assert.equal(kinds(second).includes("configured"), false);
  const [again] = events(second);
  assert.ok(started?.kind === "run-started" && again?.kind === "run-started");
  assert.equal(again.epoch, started.epoch + 1);
});

test("DUR-48 DUR-51 no place leaves before recovery is over, however long it takes; it says what it waits for", () => {
  const world = new World();
  const first = world.running();
  void first;
  world.kill();
  world.village.fate = (what) => (what === "read" ? "lost" : "fine");
  const before = world.village.mutations.length;
  const second = world.start();
  for (let i = 0; i < 50; i += 1) {
    world.village.book(300_000 + i * 10);
    world.run(500);
  }
  assert.equal(world.village.mutations.length, before);
  assert.equal(second.host.recovered, false);
  const { step, done, total, waiting } = second.host.recoveryProgress;
  assert.ok(step !== "recovered" && done < total, `${step} ${done} of ${total}`);
  assert.notEqual(waiting, "", "it says what it waits for");
  world.village.fate = () => "fine";
  world.run(10_000);
  assert.equal(second.host.recovered, true);
  assert.equal(second.host.recoveryProgress.step, "recovered");
});

test("DUR-48 the streams are subscribed before the first question about an order is asked", () => {
  const world = new World();
  world.running();
  world.kill();
  const asked: string[] = [];
  world.village.fate = (what) => {
    asked.push(what);
    return "fine";
  };
  const { port } = world.start();
  const subscribe = port.subscribe.bind(port);
  port.subscribe = (request, listener) => {
    asked.push("subscribe");
    return subscribe(request, listener);
  };
  world.run(1_000);
  assert.deepEqual(asked.slice(0, 2), ["read", "subscribe"], "the instrument, then the streams");
});

test("DUR-49 a second kill in the middle of recovery changes nothing of the end", () => {
  const ends = [5, 15, 30, 400].map((ms) => {
    const world = new World();
    world.running();
    const [order] = world.village.open();
    world.kill();
    if (order !== undefined) world.village.fill(order, 6, false);
    for (let i = 0; i < 3; i += 1) {
      world.start();
      world.run(ms);
      world.kill();
    }
    const last = world.start();
    world.run(2_000);
    return [last.host.state.phase, last.host.state.ledger.position, [...last.host.state.orders.keys()]];
  });
  for (const end of ends) assert.deepEqual(end, ends[0]);
  assert.deepEqual(ends[0]?.[0], "running");
});

test("DUR-50 fills that came while the bot was down are booked before it acts", () => {
  const world = new World();
  world.running();
  const [order] = world.village.open();
  assert.ok(order !== undefined);
  world.kill();
  world.village.fill(order, 3, false);
  world.run(3_600_000);
  world.village.fill(order, 7, false);
  const bot = world.start();
  world.run(1_000);
  assert.equal(bot.host.state.ledger.position, world.village.position);
  const fills = kinds(bot).lastIndexOf("fill");
  assert.ok(fills >= 0 && fills < kinds(bot).indexOf("recovered"));
  assert.equal(bot.host.state.ended.get(order.clientOrderId)?.status, "filled");
});

test("DUR-50 fifty open effects at 100 ms round trip are settled within three seconds", () => {
  const world = new World();
  world.running();
  world.kill();
  world.village.latencyMs = 50;
  const bot = world.start();
  const template = [...bot.host.state.orders.values()][0];
  assert.ok(template !== undefined);
  for (let i = 0; i < 50; i += 1) {
    const id = makeClientOrderId({ tag: TAG, lineage: 1, seq: 1, index: i });
    bot.host.state.orders.set(id, { ...template, clientOrderId: id, place: "unknown" });
    world.village.orders.set(id, {
      kind: "order",
      symbol: template.order.symbol,
      clientOrderId: id,
      exchangeOrderId: `y${i}`,
      side: "buy",
      price: ticks(299_000),
      quantity: lots(10),
      status: "canceled",
      cumulative: lots(0),
      reason: null,
      source: "stream",
    });
  }
  const beganAtMs = world.clock.nowMs();
  while (!bot.host.recovered && world.clock.nowMs() - beganAtMs < 60_000) world.run(10);
  assert.ok(world.clock.nowMs() - beganAtMs <= 3_000, `${world.clock.nowMs() - beganAtMs} ms`);
});

test("DUR-42 DUR-25 an order of our lineage that the journal has not decided yet stops the start", () => {
  const world = new World();
  world.running();
  world.kill();
  const id = makeClientOrderId({ tag: TAG, lineage: 1, seq: 1_000_000, index: 0 });
  orphan(world, id);
  const bot = world.start();
  world.run(2_000);
  assert.equal(bot.end?.code, "JOURNAL_BEHIND_EXCHANGE");
  assert.equal(bot.end.exitCode, 6);
  assert.match(bot.end.text, new RegExp(id));
});

test("DUR-40 DUR-42 an orphan of an older lineage is adopted and cancelled, a foreign order is left alone", () => {
  const world = new World();
  world.running();
  world.kill();
  const own = makeClientOrderId({ tag: TAG, lineage: 0, seq: 1_000_000, index: 0 });
  const foreign = makeClientOrderId({ tag: "others", lineage: 0, seq: 1, index: 0 });
  orphan(world, own);
  orphan(world, foreign);
  const bot = world.start();
  world.run(2_000);
  assert.equal(world.village.orders.get(own)?.status, "canceled");
  assert.equal(world.village.orders.get(foreign)?.status, "open");
  assert.equal(bot.host.state.phase, "running");
  assert.equal(
    world.village.mutations.some((text) => text.includes(foreign)),
    false,
  );
});

function orphan(world: World, id: ClientOrderId): void {
  world.village.orders.set(id, {
    kind: "order",
    symbol: "ETH/USDT:USDT",
    clientOrderId: id,
    exchangeOrderId: id,
    side: "buy",
    price: ticks(299_000),
    quantity: lots(10),
    status: "open",
    cumulative: lots(0),
    reason: null,
    source: "stream",
  });
}

test("DUR-48 code that decides otherwise than the journal says is refused with the first difference", () => {
  const world = new World();
  world.running();
  world.kill();
  const before = world.village.mutations.length;
  const other = {
    ...productionEngine,
    step(...[state, event]: Parameters<typeof productionEngine.step>) {
      const { effects, postings } = productionEngine.step(state, event);
      const changed = effects.map((effect) =>
        effect.kind === "place" ? { ...effect, because: { code: "another.reason" } } : effect,
      );
      return { effects: changed, postings };
    },
  };
  assert.throws(
    () => world.start({ engine: other }),
    (error) => {
      assert.ok(error instanceof JournalError);
      assert.equal(error.code, "JOURNAL_DIFFERS");
      assert.equal(error.exitCode, 7);
      assert.match(error.message, /recorded .*probe\.buy/);
      assert.match(error.message, /now .*another\.reason/);
      assert.match(error.message, /The last \d+ events/);
      return true;
    },
  );
  assert.equal(world.village.mutations.length, before);
});

test("DUR-48 an effect that was never recorded in the middle of the journal is a difference, not a crash's leftover", () => {
  const world = new World();
  world.running();
  world.run(100);
  world.kill();
  const other = {
    ...productionEngine,
    step(...[state, event]: Parameters<typeof productionEngine.step>) {
      const { effects, postings } = productionEngine.step(state, event);
      if (event.kind !== "account") return { effects, postings };
      return { effects: [...effects, { kind: "timer", name: "new", atMs: 1 } as const], postings };
    },
  };
  assert.throws(() => world.start({ engine: other }), /JOURNAL_DIFFERS/);
});

test("DUR-18 DUR-19 a snapshot is taken after so many events or so long; recovery from it equals that from the beginning", () => {
  const world = new World();
  const bot = world.running({ snapshots: { events: 10, ms: 300_000 } });
  for (let i = 0; i < 30; i += 1) {
    world.village.book(300_000 + i);
    world.run(200);
  }
  const count = bot.journal?.snapshots().length ?? 0;
  assert.equal(count, 3, "the last three are kept");
  const live = productionEngine.encode(bot.host.state);
  world.kill();
  const journal = openMemoryJournal(world.disk, { bot: "probe", tag: TAG });
  const identity = { bot: "probe", tag: TAG, lineage: journal.meta.lineage };
  const options = { engine: productionEngine, identity, warn: assert.fail };
  const fromSnapshot = replayTail(journal, options);
  world.disk.snapshots = [];
  const fromGenesis = replayTail(journal, options);
  assert.ok(fromSnapshot.records < fromGenesis.records);
  assert.equal(productionEngine.encode(fromSnapshot.state), live);
  assert.equal(productionEngine.encode(fromGenesis.state), live);
});

test("DUR-19 five minutes after the last one a snapshot is due, with the next event", () => {
  const world = new World();
  const bot = world.running();
  world.run(301_000);
  world.village.book(300_001);
  world.run(100);
  assert.equal(bot.journal?.snapshots().length, 1);
});

test("DUR-55 a writer whose epoch is over stops, is told so, and sends nothing more", () => {
  const world = new World();
  const first = world.running();
  world.disk.processDied(); // its lock is gone, it does not know yet
  world.start();
  const before = world.village.mutations.length;
  first.host.offer({ kind: "stop-requested", by: "test" });
  first.host.drain();
  assert.equal(first.end?.code, "FENCED");
  assert.equal(first.end.exitCode, 8);
  assert.equal(world.village.mutations.length, before);
});

test("DUR-54 DUR-57 a second copy is refused and told who holds the journal", () => {
  const world = new World();
  world.running();
  assert.throws(() => world.start(), /LOCK_HELD: the journal of bot probe is held by process/);
});
