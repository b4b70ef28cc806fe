// Funding that could not be read was asked for again five seconds later by a whole read of the exchange; every read the
// engine wanted meanwhile asked for funding as well, failed as well, and began one more such row of reads. After an
// hour of refusals, which come where requests are short, the bot read the exchange more than once a second.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FundingResult } from "../../src/exchange/port.ts";
import { World } from "../../src/host/bench.fixture.ts";

interface Counted {
  readonly world: World;
  /** Whole reads and questions about funding. */
  readonly count: { reads: number; funding: number };
}

/** A running bot whose exchange answers about funding as `answer` does. */
function counted(answer: (done: (result: FundingResult) => void) => void): Counted {
  const world = new World();
  const bot = world.start();
  const count = { reads: 0, funding: 0 };
  Object.assign(bot.port, {
    funding: (_symbol: string, _sinceMs: number, done: (result: FundingResult) => void): void => {
      count.funding += 1;
      answer(done);
    },
  });
  bot.host.onRead(() => {
    count.reads += 1;
  });
  world.run(10_000);
  assert.equal(bot.host.recovered, true, "a bot recovers without funding");
  return { world, count };
}

/** How many of `what` in the next `ms`. */
function during({ world, count }: Counted, ms: number): Counted["count"] {
  const before = { ...count };
  world.run(ms);
  return { reads: count.reads - before.reads, funding: count.funding - before.funding };
}

const HOUR_MS = 3_600_000;
const MINUTES_MS = 300_000;

test("RISK-31 API-12 funding that is refused for an hour is asked for no oftener than in the first minutes", () => {
  const life = counted((done) => done({ result: "unavailable", text: "too many requests" }));
  const first = during(life, MINUTES_MS);
  life.world.run(HOUR_MS);
  const later = during(life, MINUTES_MS);
  assert.ok(later.reads <= first.reads + 2, `${later.reads} reads in five minutes, ${first.reads} at first`);
  assert.ok(later.funding <= first.funding + 2, `${later.funding} questions, ${first.funding} at first`);
  assert.ok(later.funding >= 2, "it is asked for again and again");
  const answering = counted((done) => done({ result: "ok", settlements: [] }));
  answering.world.run(HOUR_MS);
  const usual = during(answering, MINUTES_MS);
  assert.ok(later.reads <= usual.reads + 2, `${later.reads} reads, ${usual.reads} where funding is told`);
});

test("RISK-31 funding that never answers holds up nothing, is asked once, and costs no read", () => {
  const silent = counted(() => undefined);
  const answering = counted((done) => done({ result: "ok", settlements: [] }));
  assert.equal(during(silent, MINUTES_MS).funding, 0);
  assert.ok(Math.abs(during(silent, HOUR_MS).reads - during(answering, HOUR_MS).reads) <= 2);
});
