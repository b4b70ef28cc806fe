// Seeded chaos between market-maker and connector, both real processes on real gRPC: connections cut, stalled and
// slowed, processes killed, while two grid bots trade. Afterwards journal and exchange must agree order for order,
// fill for fill. OPENSQT_CHAOS_SEED and OPENSQT_CHAOS_ROUNDS make a hunt of it.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Prng } from "../../src/base/prng.ts";
import { BotPhase } from "../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { opensqt } from "../cli/command-line.ts";
import { assertAgreement } from "./agreement.ts";
import { BOTS, Chaos, episode } from "./chaos.ts";
import { until } from "./system.ts";

const SEED = Number(process.env["OPENSQT_CHAOS_SEED"] ?? 1);
const ROUNDS = Number(process.env["OPENSQT_CHAOS_ROUNDS"] ?? 4);
/** Longest time a network fault lasts: longer than a stream may be silent only in a hunt. */
const LONG_MS = Number(process.env["OPENSQT_CHAOS_LONG_MS"] ?? 3_000);

/** Alerts that say a belief was wrong: an order that was said not to exist, fills nobody told, a position by surprise. */
const WRONG = [
  `"code":"divergence","severity":"critical"`,
  ...["late-order", "over-filled", "adjusted", "orphan", "bot-crashed", "reconcile-accepted"].map(
    (code) => `"code":"${code}"`,
  ),
];

async function assertPositions(chaos: Chaos): Promise<void> {
  const { positions: theirs } = await chaos.exchange.getPositions({});
  const { positions: ours, tie } = await chaos.positions.getPositions({});
  for (const { id, symbol } of BOTS) {
    const size = theirs.find((each) => each.symbol === symbol)?.size?.value ?? "0";
    const held = ours.find((each) => each.botId === id)?.quantity?.value ?? "0";
    assert.equal(plain(held), plain(size), `${id}: position of the journal and of the exchange`);
  }
  assert.equal(plain(tie?.difference?.value ?? "never compared"), "0", "the books tie to the exchange");
}

const plain = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

async function assertWell(chaos: Chaos): Promise<void> {
  for (const { id } of BOTS) await chaos.bots.stopBot({ botId: id, reason: "the test compares", cancelOnExit: "all" });
  await until("the bots have stopped", async () => {
    const { bots } = await chaos.bots.listBots({});
    return bots.every(({ phase }) => phase === BotPhase.STOPPED);
  });
  for (const bot of BOTS) {
    const { fills, orders } = await assertAgreement(chaos, bot);
    assert.ok(fills > 0 && orders > 0, `${bot.id}: ${fills} fills of ${orders} orders were compared`);
  }
  await assertPositions(chaos);
  await chaos.stop();
  const store = join(chaos.folder, "store");
  const journals = readdirSync(store, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("journal.db"),
  );
  assert.equal(journals.length, BOTS.length + 1, "each bot's, and the account's");
  for (const journal of journals) {
    for (const words of [["journal", "verify"], ["replay"]]) {
      const { code, out, err } = opensqt([...words, join(store, journal, "..")]);
      assert.equal(code, 0, `${words.join(" ")}: ${out}${err}`);
    }
  }
  const said = chaos.engineSaid();
  const wrong = WRONG.filter((alert) => said.includes(alert));
  assert.deepEqual(wrong, [], "nothing was believed wrongly on the way");
}

test(`API-22 API-19 DUR-45 OPS-14 chaos between market-maker and connector duplicates, forgets and invents no order (seed ${SEED})`, {
  timeout: 60_000 + ROUNDS * 60_000,
}, async (t) => {
  const again = `OPENSQT_CHAOS_SEED=${SEED} OPENSQT_CHAOS_ROUNDS=${ROUNDS} OPENSQT_CHAOS_LONG_MS=${LONG_MS} node --test test/system/chaos.test.ts`;
  const dice = new Prng(`chaos ${SEED}`);
  const chaos = await Chaos.start(SEED);
  let well = false;
  try {
    await chaos.trading();
    for (let round = 1; round <= ROUNDS; round += 1) {
      t.diagnostic(`${round}: ${await episode(chaos, dice, LONG_MS)}`);
      await chaos.trading();
      await wait(Math.floor(dice.float() * 300));
    }
    await assertWell(chaos);
    well = true;
  } finally {
    if (!well) t.diagnostic(`again: ${again}; kept in ${chaos.folder}`);
    await chaos.close(!well);
  }
});
