// Killed between any two steps of a change: after the restart registry and behaviour agree, and every bot trades on or
// stands still as it was wanted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asGridConfig } from "../../strategy/grid/config-change.ts";
import type { BotPhase } from "./bot-phase.ts";
import { phaseOf } from "./bot-view.ts";
import { pauseOf } from "./catch-up.ts";
import { ANN, botOf, botText, type FleetProcess, FleetWorld } from "./fleet.fixture.ts";
import type { Fleet } from "./fleet.ts";

/** How far a change gets before the process is killed: rounds of promises, wakes of the clock, then milliseconds. */
const KILLS: readonly (readonly [rounds: number, wakes: number, ms: number])[] = [
  [0, 0, 0],
  [1, 0, 0],
  [2, 0, 0],
  [4, 0, 0],
  [16, 0, 0],
  ...Array.from({ length: 8 }, (_, n) => [4, n + 1, 0] as const),
  [16, 8, 30],
  [16, 8, 300],
  [16, 8, 3_000],
];

/** Lets promises go on. */
async function turnOver(rounds: number): Promise<void> {
  for (let n = 0; n < rounds; n += 1) await Promise.resolve();
}

const text = (grid: Readonly<Record<string, string>> = {}): string => botText("a", 0, grid);

/** `before` brings the bot where the change begins; it runs unless told. */
interface Change {
  readonly name: string;
  readonly before?: (fleet: Fleet) => Promise<unknown>;
  readonly make: (fleet: Fleet) => Promise<unknown>;
}

const CHANGES: readonly Change[] = [
  { name: "pause", make: (fleet) => fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN) },
  {
    name: "stricter pause",
    before: (fleet) => fleet.pause({ id: "a", cancelEntries: false, leg: "L" }, ANN),
    make: (fleet) => fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN),
  },
  {
    name: "resume",
    before: (fleet) => fleet.pause({ id: "a", cancelEntries: true, leg: "both" }, ANN),
    make: (fleet) => fleet.resume("a", ANN),
  },
  { name: "stop", make: (fleet) => fleet.stop({ id: "a", cancelOnExit: "all" }, ANN) },
  { name: "flatten", make: (fleet) => fleet.flatten("a", ANN) },
  {
    name: "live update",
    make: (fleet) => fleet.update({ id: "a", text: text({ skewLevels: "2" }), revision: 1, dryRun: false }, ANN),
  },
  {
    name: "drain update",
    make: (fleet) => fleet.update({ id: "a", text: text({ interval: '"80"' }), revision: 1, dryRun: false }, ANN),
  },
  { name: "create", make: (fleet) => fleet.create({ id: "b", text: botText("b", 1), dryRun: false }, ANN) },
];

const EXPECTED: Readonly<Record<string, BotPhase>> = {
  created: "CREATED",
  running: "RUNNING",
  paused: "PAUSED",
  stopped: "STOPPED",
};

/** A pause holds what the registry says that it holds. */
function heldAsWanted(p: FleetProcess): boolean {
  const { record, state } = botOf(p, "a");
  if (record.pause === null || state === null) return true;
  const held = pauseOf(state);
  return held?.leg === record.pause.leg && held.cancelEntries === record.pause.cancelEntries;
}

/** The configuration in force is that of the registry's text. */
function runsAsWritten(p: FleetProcess): boolean {
  const { record, state } = botOf(p, "a");
  const inForce = asGridConfig(state?.config?.strategyConfig);
  const wide = record.config.includes('interval: "80"') ? 800 : 600;
  return inForce?.interval === wide && inForce.skewLevels === (record.config.includes("skewLevels: 2") ? 2 : 0);
}

for (const { name, before, make } of CHANGES) {
  test(`OPS-18 killed at any point of a ${name}, the bots are after the restart what the registry says`, async (t) => {
    for (const [rounds, wakes, ms] of KILLS) {
      const w = new FleetWorld(2);
      t.after(() => w.remove());
      const first = w.start({ seeds: [botText("a", 0)] });
      await w.untilTrue(() => w.open(0) >= 3);
      if (before !== undefined) await w.until(before(first.fleet));
      make(first.fleet).catch(() => undefined);
      await turnOver(rounds);
      for (let n = 0; n < wakes; n += 1) {
        w.clock.runNext();
        await turnOver(rounds);
      }
      if (ms > 0) await w.run(ms);
      w.kill(first);

      const second = w.start();
      const at = `killed after ${rounds} rounds, ${wakes} wakes and ${ms} ms`;
      const settled = (): boolean =>
        second.fleet.bots().every((bot) => phaseOf(bot) === EXPECTED[bot.record.wanted]) &&
        (botOf(second, "a").record.wanted === "stopped" || (runsAsWritten(second) && heldAsWanted(second)));
      await w.untilTrue(settled).catch(() => {
        const stands = second.fleet.bots().map((bot) => `${bot.id} ${bot.record.wanted} ${phaseOf(bot)}`);
        assert.fail(`${at}: ${stands.join(", ")}; ${second.alerts.map(({ text: said }) => said).join("; ")}`);
      });
      await w.run(5_000);
      assert.ok(settled(), at);
      if (botOf(second, "a").record.wanted === "running") assert.ok(w.open(0) >= 3, `${at}: it trades`);
      await w.until(second.fleet.close("test"));
      assert.deepEqual(
        second.ends.map(({ end }) => end.code).filter((code) => code !== "CLEAN"),
        [],
        at,
      );
    }
  });
}
