// Sends and their outcomes, and what settles those that have none (durability.md sections 9 and 11).

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClientOrderId, foreignOrderId } from "../trading/client-order-id.ts";
import type { EngineEvent } from "../trading/event.ts";
import { type Process, World } from "./bench.fixture.ts";
import { SEND_DELAY_MS_MAX } from "./settle.ts";
import type { Fate } from "./village.fixture.ts";

const events = (process: Process): readonly EngineEvent[] => process.turns.flatMap((turn) => turn.events);

const outcomes = (process: Process, of: "place" | "cancel"): readonly string[] =>
  events(process).flatMap((event) => (event.kind === "outcome" && event.of === of ? [event.result] : []));

/** A world whose first place has this fate; everything else is fine. */
function firstPlace(fate: Fate): World {
  const world = new World();
  let places = 0;
  world.village.fate = (what) => {
    if (what !== "place") return "fine";
    places += 1;
    return places === 1 ? fate : "fine";
  };
  return world;
}

const firstId = (process: Process): ClientOrderId => {
  for (const { effects } of process.turns) {
    for (const { effect } of effects) if (effect.kind === "place") return effect.clientOrderId;
  }
  return assert.fail("nothing was placed");
};

test("EXCH-06 every send ends as exactly one outcome, and each kind of outcome as its own state", () => {
  const expected: readonly [Fate, string, string][] = [
    ["fine", "accepted", "acknowledged"],
    ["refused", "rejected", "rejected"],
    ["not-sent", "not-sent", "withdrawn"],
    ["lost", "unknown", "unknown"],
  ];
  for (const [fate, result, place] of expected) {
    const world = firstPlace(fate);
    const bot = world.running();
    world.run(1_000);
    const id = firstId(bot);
    const own = events(bot).filter((event) => event.kind === "outcome" && event.clientOrderId === id);
    assert.deepEqual(
      own.map((event) => (event.kind === "outcome" ? event.result : "")),
      [result],
    );
    const { orders, ended } = bot.host.state;
    assert.equal((orders.get(id) ?? ended.get(id))?.place, place);
  }
});

test("DUR-36 EXCH-07 a lost request stays unknown until evidence, and its slot takes no other order meanwhile", () => {
  const world = firstPlace("lost");
  const bot = world.running();
  world.run(1_000);
  const id = firstId(bot);
  assert.equal(bot.host.state.orders.get(id)?.place, "unknown");
  world.village.book(300_000);
  world.run(10);
  assert.equal(world.village.arrived.length, 1, "only the other side rests");
});

test("DUR-45 absent is concluded only from looks asked after the window, and not before", () => {
  const world = firstPlace("lost");
  const bot = world.running();
  const id = firstId(bot);
  const sentAtMs = bot.host.state.orders.get(id)?.placedAtMs ?? 0;
  world.run(6_000);
  const absent = events(bot).find((event) => event.kind === "absent");
  assert.ok(absent !== undefined && absent.kind === "absent");
  assert.equal(absent.clientOrderId, id);
  assert.equal(absent.note, "not-found");
  const windowMs = bot.port.requestExpiryMs + bot.port.lookupLagMs;
  assert.ok(absent.atMs >= sentAtMs + windowMs, `${absent.atMs - sentAtMs} ms after the send`);
});

test("DUR-45 after a stop longer than the exchange remembers, absence is noted as forgotten", () => {
  const world = firstPlace("lost");
  const first = world.running();
  const id = firstId(first);
  world.kill();
  world.run(60_000);
  const bot = world.start();
  Object.assign(bot.port, { lookupReachMs: 30_000 });
  world.run(2_000);
  const absent = events(bot).find((event) => event.kind === "absent");
  assert.ok(absent !== undefined && absent.kind === "absent");
  assert.deepEqual([absent.clientOrderId, absent.note], [id, "forgotten"]);
});

test("DUR-44 an order whose answer was lost is found by look-up, with the fills it had", () => {
  const world = firstPlace("deaf");
  world.village.latencyMs = 5;
  const bot = world.start();
  world.run(1_000);
  world.village.book(300_000);
  world.run(8);
  Object.defineProperty(world.village, "tell", { value: () => {} }); // the stream is silent too
  world.run(10);
  const order = [...world.village.orders.values()][0];
  assert.ok(order !== undefined);
  world.village.fill(order, 4, false);
  world.run(3_000);
  const known = bot.host.state.orders.get(order.clientOrderId);
  assert.deepEqual([known?.place, known?.cumulative, known?.filled], ["acknowledged", 4, 4]);
});

test("DUR-46 unknown orders are looked for at 0.5 s, then after 1, 2, 4 and every 5 s; an unclear answer ends nothing", () => {
  const world = firstPlace("lost");
  const lookups: number[] = [];
  const { fate } = world.village;
  world.village.fate = (what) => {
    if (what === "lookup") {
      lookups.push(world.clock.nowMs());
      return "lost";
    }
    return fate(what);
  };
  const bot = world.running();
  Object.assign(bot.port, { requestExpiryMs: 100_000 });
  world.run(40_000);
  const unknown = events(bot).find((event) => event.kind === "outcome" && event.result === "unknown");
  const since = lookups.map((atMs) => atMs - (unknown?.atMs ?? 0));
  const waits = since.map((atMs, i) => atMs - (since[i - 1] ?? 0) - (i === 0 ? 0 : 20));
  assert.deepEqual(waits.slice(0, 7), [500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  assert.equal(bot.host.state.orders.get(firstId(bot))?.place, "unknown");
  assert.ok(
    bot.alerts.some(({ code }) => code === "unknown-order"),
    "alert at 30 s",
  );
});

test("DUR-46 at most ten orders are asked about at a time", () => {
  const world = new World();
  let asking = 0;
  let most = 0;
  const bot = world.running();
  const original = bot.port.lookup.bind(bot.port);
  bot.port.lookup = (symbol, id, done) => {
    asking += 1;
    most = Math.max(most, asking);
    original(symbol, id, (result) => {
      asking -= 1;
      done(result);
    });
  };
  world.run(1_000);
  const settler = bot.host.settling;
  for (let i = 0; i < 30; i += 1) {
    const clientOrderId = foreignOrderId(`o${i}`);
    const known = [...bot.host.state.orders.values()][0];
    if (known !== undefined) bot.host.state.orders.set(clientOrderId, { ...known, clientOrderId, place: "unknown" });
    settler.unknown({ symbol: bot.host.symbol, clientOrderId, recordedAtMs: 0 }, 0);
  }
  world.run(501);
  assert.equal(most, 10);
});

test("DUR-38 a place that could not begin within a second of its decision is withdrawn, never sent late", () => {
  const world = new World();
  const bot = world.start();
  world.run(1_000);
  const { journal } = bot;
  assert.ok(journal !== null);
  const append = journal.appendEffects.bind(journal);
  journal.appendEffects = (turn) => {
    append(turn);
    if (turn.sends) world.clock.moveTo(world.clock.nowUs() + (SEND_DELAY_MS_MAX + 1) * 1000); // a slow disk, a frozen process
  };
  world.village.book(300_000);
  world.run(100);
  assert.deepEqual(outcomes(bot, "place").slice(0, 2), ["not-sent", "not-sent"]);
  assert.deepEqual(world.village.arrived, []);
});

test("DUR-38 an order that the turn of its decision took back never leaves, and is withdrawn", () => {
  const world = new World();
  const bot = world.start();
  world.run(1_000);
  // heard at once, so that the book and the kill are of one turn
  world.village.tell = (message) => bot.host.fromStream({ ...message });
  world.village.book(300_000);
  bot.host.command({ name: "kill", flatten: false }, { by: "mika", reason: "enough" }, () => undefined);
  world.run(5_000);
  const decided = bot.turns.flatMap(({ effects }, turn) => effects.map(({ effect }) => `${turn} ${effect.kind}`));
  const [place] = decided.filter((text) => text.endsWith("place"));
  assert.ok(place !== undefined && decided.includes(place.replace("place", "cancel")), "taken back in the same turn");
  assert.deepEqual(world.village.mutations, []);
  assert.deepEqual(outcomes(bot, "place"), ["not-sent", "not-sent"]);
  assert.deepEqual([...bot.host.state.orders.keys()], []);
  assert.equal(bot.host.state.kill.phase, "killed");
});

test("DUR-35 EXCH-18 a fill before the reply is booked, and the late reply changes nothing", () => {
  const world = new World();
  const bot = world.start();
  world.run(1_000);
  world.village.latencyMs = 50;
  world.village.book(300_000);
  world.run(105); // the book is seen, the orders arrived, no reply yet
  const order = [...world.village.orders.values()][0];
  assert.ok(order !== undefined);
  bot.host.fromStream({ ...fillOf(world, order.clientOrderId) });
  bot.host.drain();
  assert.equal(bot.host.state.orders.get(order.clientOrderId)?.place, "acknowledged");
  world.run(200);
  assert.equal(bot.host.state.orders.get(order.clientOrderId)?.filled, 4);
});

function fillOf(world: World, id: ClientOrderId) {
  const order = world.village.orders.get(id);
  assert.ok(order !== undefined);
  world.village.fill(order, 4, false);
  return world.village.fills[0] ?? assert.fail("no fill");
}

test("EXCH-15 a cancel is tried three times with growing waits, and ends as one outcome", () => {
  const world = new World();
  const bot = world.running();
  world.village.fate = (what) => (what === "cancel" ? "not-sent" : "fine");
  bot.host.command({ name: "pause", cancelEntries: true, leg: "both" }, { by: "a", reason: "b" }, () => {});
  bot.host.drain();
  const sent: (readonly [text: string, atMs: number])[] = [];
  const seen = 2; // the places
  while (outcomes(bot, "cancel").length === 0) {
    world.run(1);
    const news = world.village.mutations.slice(seen + sent.length);
    for (const text of news) sent.push([text, world.clock.nowMs()]);
  }
  const last = sent.at(-1)?.[0];
  const ended = events(bot).find((event) => event.kind === "outcome" && event.of === "cancel");
  const tries = sent.filter(([text, atMs]) => text === last && atMs < (ended?.atMs ?? 0));
  const times = tries.map(([, atMs]) => atMs);
  assert.equal(times.length, 3);
  const waits = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  assert.ok(
    waits.every((ms) => ms >= 75 && ms <= 250),
    waits.join(", "),
  );
  world.village.fate = () => "fine";
  world.run(5_000);
  assert.equal(world.village.open().length, 0, "and again until it is done");
});

test("EXCH-14 DUR-43 not open is followed by a look-up that tells filled from cancelled", () => {
  const world = new World();
  const bot = world.running();
  const [order] = world.village.open();
  assert.ok(order !== undefined);
  world.village.fill(order, 10, false); // filled, but the stream does not say so
  bot.host.command({ name: "pause", cancelEntries: true, leg: "both" }, { by: "a", reason: "b" }, () => {});
  world.run(500);
  assert.ok(outcomes(bot, "cancel").includes("not-open"));
  assert.equal(bot.host.state.ended.get(order.clientOrderId)?.status, "filled");
  assert.equal(Math.abs(bot.host.state.ledger.position), 10);
});

test("DUR-37 a place is handed to the port once, whatever its outcome", () => {
  for (const fate of ["fine", "refused", "not-sent", "lost", "deaf"] as const) {
    const world = firstPlace(fate);
    world.running();
    world.run(20_000);
    const places = world.village.mutations.filter((text) => text.startsWith("place"));
    assert.equal(new Set(places).size, places.length);
  }
});

test("RISK-31 RISK-32 a reconcile reads orders, fills and account, and the read carries the event it was asked at", () => {
  const world = new World();
  const bot = world.running();
  const [order] = world.village.open();
  assert.ok(order !== undefined);
  world.village.fill(order, 7, false);
  const askedAt = bot.host.state.seq;
  world.run(61_000);
  const read = events(bot).findLast((event) => event.kind === "exchange-state");
  assert.ok(read !== undefined && read.kind === "exchange-state");
  assert.ok(read.askedAtSeq >= askedAt);
  assert.equal(read.positionLots, world.village.position);
  assert.equal(bot.host.state.ledger.position, world.village.position, "the missed fill came in before the read");
  assert.equal(bot.host.state.blocks.has("divergence"), false);
});
