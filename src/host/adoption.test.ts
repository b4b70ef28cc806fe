// Lots an operator says a bot holds are looked up on the exchange before the command is journaled (GRID-46).

import assert from "node:assert/strict";
import { test } from "node:test";
import { INSTRUMENT } from "../engine/probe.fixture.ts";
import { lots } from "../market/amounts.ts";
import { type Process, World } from "./bench.fixture.ts";
import type { CommandResult } from "./command-desk.ts";

const ANN = { by: "ann", reason: "bought by hand" };
const MANY = 1_000;

interface Life {
  readonly world: World;
  readonly bot: Process;
  /** Lots the books of the bot count. */
  readonly held: number;
}

/** A bot that holds four lots, on an exchange that shows `more` lots than it knows of. */
function life(more = 0): Life {
  const world = new World();
  const bot = world.running();
  const [order = assert.fail("no order")] = world.village.open();
  world.village.fill(order, 4);
  world.run(1_000);
  world.village.lies.push(...Array.from({ length: more === 0 ? 0 : MANY }, () => more));
  return { world, bot, held: bot.host.state.ledger.position };
}

function adopt({ bot }: Life, count: number): { readonly results: CommandResult[] } {
  const results: CommandResult[] = [];
  bot.host.command({ name: "adopt", lots: lots(count), average: null }, ANN, (result) => results.push(result));
  return { results };
}

const text = ([result]: readonly CommandResult[]): string => (result?.ok === false ? result.text : "it was taken");

const commands = ({ turns }: Process): number =>
  turns.flatMap(({ events }) => events).filter(({ kind }) => kind === "command").length;

test("GRID-46 lots the exchange does not hold are refused, with both figures, and nothing is journaled", () => {
  const one = life();
  const { results } = adopt(one, 5);
  assert.deepEqual(results, [], "the exchange is asked first");
  one.world.run(3_000);
  const both = `${INSTRUMENT.exchange} holds 0.004 ETH, 0.004 ETH are in this bot's books`;
  assert.equal(results.length, 1);
  assert.equal(text(results), `quantity 0.005 ETH is not there: ${both}; there is nothing to adopt`);
  assert.equal(commands(one.bot), 0);
  assert.equal(one.bot.host.state.ledger.position, one.held);
});

test("GRID-46 what the exchange holds beyond the books can be adopted, to the lot, on its side alone", () => {
  for (const [count, taken] of [
    [7, true],
    [8, false],
    [-1, false],
  ] as const) {
    const one = life(7);
    const { results } = adopt(one, count);
    one.world.run(1_500);
    assert.equal(results[0]?.ok, taken, text(results));
    assert.equal(commands(one.bot), taken ? 1 : 0);
    if (count === 8) assert.match(text(results), /quantity 0\.008 ETH is not there.*expected at most 0\.007 ETH$/);
  }
});

test("GRID-46 a fill nobody told of is booked before the look: its lots are the bot's already", () => {
  const one = life();
  const [order = assert.fail("no order")] = one.world.village.open().filter(({ side }) => side === "buy");
  one.world.village.fill(order, 3, false);
  const { results } = adopt(one, 3);
  one.world.run(6_000);
  assert.match(text(results), /holds 0\.007 ETH, 0\.007 ETH are in this bot's books; there is nothing to adopt$/);
  assert.equal(one.bot.host.state.ledger.position, 7);
});

test("GRID-46 a position that moves with each look is not judged: the operator hears so", () => {
  const one = life(7);
  const [order = assert.fail("no order")] = one.world.village.open().filter(({ side }) => side === "buy");
  const { results } = adopt(one, 3);
  for (let n = 0; n < 6; n += 1) {
    one.world.village.fill(order, 1);
    one.world.run(400);
  }
  assert.equal(
    text(results),
    "nothing was adopted: the position moves while it is looked at; pause the bot, or try again",
  );
  assert.equal(commands(one.bot), 0);
});

test("GRID-46 an exchange that does not answer in time, or another account: nothing is adopted later either", () => {
  const one = life(7);
  one.world.village.fate = (what) => (what === "read" ? "lost" : "fine");
  const { results } = adopt(one, 3);
  one.world.run(9_000);
  assert.equal(
    text(results),
    "quantity 0.003 ETH was not adopted: the exchange did not say in time what it holds; try again",
  );
  one.world.village.fate = () => "fine";
  one.world.run(60_000);
  assert.deepEqual([results.length, commands(one.bot)], [1, 0]);
});

test("GRID-46 a bot that stops meanwhile says so once", () => {
  const one = life(7);
  const { results } = adopt(one, 3);
  one.bot.host.requestStop("test");
  one.bot.host.requestStop("test");
  one.world.run(9_000);
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [false],
  );
  assert.equal(text(results), "the bot stopped before the command was taken");
  assert.equal(commands(one.bot), 0);
});
