// `make crash KILLS=n`, first half: one bot on its port, killed at n random moments (DUR-73), in lives of a few dozen
// kills, several beside each other. `--log FILE` keeps each row as it comes, and the next run with it goes on from
// there. Exit 1 when a cell is not zero, late or missing (TEST-22).

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { commitNumber } from "../commit-number.ts";
import { Ordeals, type Row } from "./ordeal.ts";
import { Stage } from "./stage.ts";
import { quantilesOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string" },
    lanes: { type: "string", default: String(2 * availableParallelism()) },
    minutes: { type: "string", default: "600" },
    log: { type: "string" },
  },
});

/** Kills of one life; the last of them is followed by a power cut. */
const LIFE = 40;
/** DUR-71: the test profile. */
const RECOVERY_MS_MAX = 5_000;

const began = Date.now();
const untilMs = began + Number.parseInt(values.minutes, 10) * 60_000;
const seed = values.seed ?? String(commitNumber());
const rows: Row[] = [];
if (values.log !== undefined && existsSync(values.log)) {
  for (const line of readFileSync(values.log, "utf8").split("\n")) if (line !== "") rows.push(JSON.parse(line) as Row);
}
const before = rows.length;
const isKill = ({ what }: Row): boolean => what.startsWith("SIGKILL");
const failures: string[] = [];
let left = Number.parseInt(values.kills, 10) - rows.filter(isKill).length;
let lives = 0;

async function life(kills: number): Promise<void> {
  lives += 1;
  const mode = lives % 2 === 0 ? "long" : "neutral";
  const sync = lives % 4 < 2 ? "kill" : "send";
  const stage = new Stage({ seed: `${seed}/kills/${before}/${lives}`, mode, sync });
  const own: Row[] = [];
  const told = (): void => {
    for (const row of own.splice(0)) {
      rows.push(row);
      if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(row)}\n`);
      for (const text of row.texts) process.stdout.write(`${row.what} (${mode}, life ${lives}): ${text}\n`);
    }
  };
  try {
    await stage.open();
    const ordeals = new Ordeals(stage, own);
    await ordeals.recovers("first start");
    for (let i = 0; i < kills && Date.now() < untilMs; i += 1) {
      await ordeals.randomKill();
      told();
    }
    if (sync === "send") await ordeals.powerCut();
    await ordeals.judged("whole replay", 0, true);
  } catch (error) {
    failures.push(`${mode}, life ${lives}: ${error instanceof Error ? error.message : String(error)}`);
    process.stdout.write(`FAILED ${failures.at(-1)}\n`);
  } finally {
    told();
    await stage.close();
  }
}

async function lane(): Promise<void> {
  while (left > 0 && Date.now() < untilMs && failures.length < LIFE) {
    const kills = Math.min(LIFE, left);
    left -= kills;
    await life(kills);
    process.stdout.write(`${rows.filter(isKill).length} kills\n`);
  }
}

await Promise.all(Array.from({ length: Math.max(1, Number.parseInt(values.lanes, 10)) }, lane));

const wrong = rows.filter(({ texts }) => texts.length > 0);
const times = rows.filter(isKill).map(({ recoveryMs }) => recoveryMs);
const late = times.filter((ms) => ms > RECOVERY_MS_MAX);
const missing = Math.max(0, Number.parseInt(values.kills, 10) - times.length);
const minutes = Math.round((Date.now() - began) / 60_000);
const summary = [
  `${times.length} random kills of one bot on its port, ${rows.length - before} rows in ${minutes} minutes, seed ${seed}`,
  `${wrong.length} with a difference, ${failures.length} lives not played to their end`,
  `recovery: ${quantilesOf(times)} ms; ${late.length} later than ${RECOVERY_MS_MAX} ms; ${missing} kills not made`,
];
process.stdout.write(`${summary.join("\n")}\n`);
process.exitCode = wrong.length + failures.length + late.length + missing > 0 ? 1 : 0;
