import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_WORDS, isFault } from "../../src/exchange/emulator/faults/catalogue.ts";
import { SPOT, USDM } from "./fault-clients.ts";
import { type FaultScript, faultSeeds, scenario } from "./fault-scenario.ts";
import { FAIR_WEATHER } from "./fault-scripts.ts";
import { naive } from "./naive-client.ts";
import { NOT_ON_BINANCE, trialsAt } from "./naive-scripts.ts";

/** What a seed changes: ids, and in which order a fill and its account event are told. */
const SEEDS = faultSeeds(2);

test("EMU-29 every fault has a trial, but those that Binance cannot have", () => {
  const without = FAULT_WORDS.filter((name) => isFault(name) && trialsAt(USDM)[name] === undefined);
  assert.deepEqual([...without].sort(), [...NOT_ON_BINANCE].sort());
});

for (const [market, at] of [
  ["usdm", USDM],
  ["spot", SPOT],
] as const) {
  test(`EMU-29 ${at.protocol}: in fair weather the naive client does everything right`, async () => {
    for (const habits of [{}, { temper: "trusting" as const }, { sameId: true }]) {
      assert.deepEqual(await scenario(FAIR_WEATHER, naive(habits, market), { at }), []);
    }
  });

  for (const [name, trial] of Object.entries(trialsAt(at))) {
    const fails = trial.fails.join(", ");
    test(`EMU-29 EMU-41 ${at.protocol}: ${name}: the naive client fails visibly: ${fails}`, async () => {
      for (const seed of SEEDS) {
        const failures = await scenario(trial.script, naive(trial.habits, market), { seed, at });
        const text = `seed ${seed}, only: ${failures.join("; ")}`;
        for (const expected of trial.fails) assert.ok(failures.includes(expected), text);
      }
    });
  }
}

test("EMU-05 EMU-28 the same seed and the same faults give the same record, byte for byte", async () => {
  const hashOf = async (seed: string): Promise<string> => {
    let hash = "";
    const script: FaultScript = async (stage) => {
      await stage.act(stage.client.start(), "start");
      stage.inject({ name: "serverErrorNotAccepted", probability: 0.5 });
      stage.inject({ name: "duplicateEvent", probability: 0.5 });
      for (const name of ["a", "b", "c", "d", "e", "f"]) {
        await stage.want({ name, side: "buy", price: "59000.0", quantity: "0.010" });
        await stage.quiet();
      }
      hash = stage.control.log().hash;
    };
    await scenario(script, naive(), { seed });
    return hash;
  };
  const first = await hashOf("3");
  assert.equal(await hashOf("3"), first);
  assert.notEqual(await hashOf("4"), first);
});
