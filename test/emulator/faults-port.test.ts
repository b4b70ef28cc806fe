// Each fault of the catalogue at each market of Binance, in manual time: the naive client fails under it
// (faults-naive.test.ts), our own port does not. `make faults SEEDS=20` plays both with 20 seeds (EMU-41).

import assert from "node:assert/strict";
import { test } from "node:test";
import { SPOT, USDM } from "./fault-clients.ts";
import { type FaultScript, faultSeeds, scenario } from "./fault-scenario.ts";
import { FAIR_WEATHER } from "./fault-scripts.ts";
import { trialsAt } from "./naive-scripts.ts";
import { ourPort } from "./port-client.ts";

/** What a seed changes: how time is cut into steps, ids, and in which order a fill and its account event are told. */
const SEEDS = faultSeeds(1);

/** Being banned is what this fault does; nothing else may come of it. */
const ITS_OWN: Readonly<Record<string, readonly string[]>> = { ban: ["banned"] };

const FAIR: FaultScript = async (stage) => {
  await FAIR_WEATHER(stage);
  for (const name of ["buy", "take", "maker", "close"]) {
    const lives = stage.client.idsOf(name).map((id) => stage.control.orders(id).length);
    assert.deepEqual(lives, [1], `${name} was sent once`);
  }
};

for (const at of [USDM, SPOT]) {
  const scripts = Object.entries(trialsAt(at)).map(([name, { script }]) => [name, script] as const);
  for (const [name, script] of [["fair weather", FAIR] as const, ...scripts]) {
    test(`EMU-29 EMU-41 ${at.protocol}: ${name}: our port passes`, async () => {
      for (const seed of SEEDS) {
        const failures = await scenario(script, ourPort(at), { at, seed });
        const wrong = failures.filter((each) => ITS_OWN[name]?.includes(each) !== true);
        assert.deepEqual(wrong, [], `seed ${seed}`);
      }
    });
  }
}
