// `make crash`, second half: every point on the real processes, for each store, protocol and mode, and random kills.
// Prints the table of TEST-22. `--log FILE` keeps each row as it comes, and the next run with it goes on from there;
// `--out FILE` writes the table for the documents. Exit 1 when a cell is not zero, late or missing.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { commitNumber } from "../commit-number.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";
import {
  COMBINATIONS,
  type Combination,
  type Deed,
  deedsOf,
  play,
  pointsOf,
  randomVictims,
  roundsOf,
} from "./system/runner.ts";
import type { SystemRow } from "./system/system-ordeal.ts";
import { SYSTEM_UNREACHABLE } from "./system/system-points.ts";
import { quantilesOf, summaryTable, systemTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    kills: { type: "string", default: "0" },
    "kills-only": { type: "boolean", default: false },
    store: { type: "string" },
    protocol: { type: "string" },
    mode: { type: "string" },
    seed: { type: "string" },
    lanes: { type: "string", default: String(availableParallelism()) },
    minutes: { type: "string", default: "600" },
    log: { type: "string" },
    out: { type: "string" },
  },
});

/**
 * DUR-50: 5 s, 10 s where something is absent; absence is proven after the window of Binance's requests (5 s) and the
 * lag of its look-ups (2 s), which comes on top.
 */
const RECOVERY_MS_MAX = 17_000;

/** A stage lives for so many deaths. */
const CHUNK = 24;

const commit = commitNumber();
const seed = values.seed ?? String(commit);
const turn = Number.parseInt(seed, 10) || 0;
const began = Date.now();
const untilMs = began + Number.parseInt(values.minutes, 10) * 60_000;
const wanted = COMBINATIONS.filter(
  ({ store, protocol, mode }) =>
    (values.store ?? store) === store && (values.protocol ?? protocol) === protocol && (values.mode ?? mode) === mode,
);

const nameOf = (
  deed: Pick<SystemRow, "point" | "victim" | "worse">,
  { mode, store, protocol }: Pick<SystemRow, "mode" | "store" | "protocol">,
): string => [deed.point, deed.victim, deed.worse, mode, store, protocol].join(" ");

const rows: SystemRow[] = [];
/** Rows of the runs before, by what was done. */
const before: SystemRow[] = [];
if (values.log !== undefined && existsSync(values.log)) {
  for (const line of readFileSync(values.log, "utf8").split("\n"))
    if (line !== "") before.push(JSON.parse(line) as SystemRow);
}
const done = new Map<string, number>();
for (const row of before) done.set(nameOf(row, row), (done.get(nameOf(row, row)) ?? 0) + 1);

/** A row of the table, as soon as there is one. */
function say(row: SystemRow): void {
  rows.push(row);
  const [, line = ""] = systemTable([row], "plain").split("\n");
  process.stdout.write(`${line}\n${row.texts.map((text) => `  ${text}\n`).join("")}`);
  if (values.log !== undefined) appendFileSync(values.log, `${JSON.stringify(row)}\n`);
}

interface Job {
  readonly combination: Combination;
  readonly deeds: readonly Deed[];
}

/** Whatever is left to do: all points first, so that a run that ends early has been everywhere. */
function jobs(): Job[] {
  const kills = Math.ceil(Number.parseInt(values.kills, 10) / wanted.length);
  const rounds = wanted.map((combination, i) => {
    const points = values.all ? roundsOf(combination, turn + i) : [deedsOf(combination, turn + i)];
    const victims = randomVictims(combination.protocol);
    const random = Array.from({ length: kills }, (_, n): Deed => {
      return { point: "random", victim: victims[n % victims.length] ?? "market-maker", worse: "plain" };
    });
    return [...(values["kills-only"] ? [] : points), random];
  });
  const most = Math.max(0, ...rounds.map((each) => each.length));
  return Array.from({ length: most }, (_, round) =>
    wanted.flatMap((combination, i) => chunksOf(combination, rounds[i]?.[round] ?? [])),
  ).flat();
}

function chunksOf(combination: Combination, deeds: readonly Deed[]): Job[] {
  const left = deeds.filter((deed) => {
    const name = nameOf(deed, combination);
    const times = done.get(name) ?? 0;
    if (times > 0) done.set(name, times - 1);
    return times === 0;
  });
  const count = Math.ceil(left.length / CHUNK);
  return Array.from({ length: count }, (_, i) => ({ combination, deeds: left.slice(i * CHUNK, (i + 1) * CHUNK) }));
}

const failures: string[] = [];
const queue = jobs();
let taken = 0;

/** Jobs one after another, on a database of its own: others' kills of theirs are not felt. */
async function lane(): Promise<void> {
  let server: PostgresServer | null = null;
  const onFailure = (failure: string): void => void process.stdout.write(`FAILED ${failure}\n`);
  for (let job = queue.shift(); job !== undefined && Date.now() < untilMs; job = queue.shift()) {
    const { combination, deeds } = job;
    taken += 1;
    if (combination.store === "postgres") server ??= await startPostgres();
    const options = {
      ...combination,
      seed: `${seed}/${taken}`,
      server: combination.store === "postgres" ? server : null,
    };
    await play(options, deeds, { rows: [], failures }, { onRow: say, onFailure, untilMs });
  }
  await server?.close();
}

await Promise.all(Array.from({ length: Math.max(1, Number.parseInt(values.lanes, 10)) }, lane));

const all = [...before, ...rows];
/** Points that no death of a combination passed, by the combination. */
const missed = values["kills-only"]
  ? []
  : wanted.flatMap((combination) => {
      const { mode, store, protocol } = combination;
      const own = all.filter((row) => row.mode === mode && row.store === store && row.protocol === protocol);
      const passed = new Set(own.map(({ point }) => point));
      const left = pointsOf(combination).filter((point) => !passed.has(point));
      return left.length === 0 ? [] : [`${mode}, ${store}, ${protocol}: ${left.join(" ")}`];
    });

const wrong = all.filter(({ texts }) => texts.length > 0);
const timed = all.filter((row) => row.timed);
const late = timed.filter(({ recoveryMs }) => recoveryMs > RECOVERY_MS_MAX);
const minutes = Math.round((Date.now() - began) / 60_000);
const deaths = all.filter(({ point }) => point !== "first start");
const summary = [
  `${deaths.length} deaths (${rows.length} rows of them in ${minutes} minutes), seed ${seed}, commit ${commit}`,
  `${wrong.length} with a difference, ${late.length} later than ${RECOVERY_MS_MAX} ms, ${failures.length} not played`,
  `recovery of a market-maker: ${quantilesOf(timed.map(({ recoveryMs }) => recoveryMs))}`,
  missed.length === 0 ? "every point was passed" : `not passed:\n${missed.join("\n")}`,
];
process.stdout.write(`${summary.join("\n")}\n`);
if (values.out !== undefined) {
  const reasons = Object.entries(SYSTEM_UNREACHABLE).map(([point, reason]) => `- \`${point}\`: ${reason}`);
  appendFileSync(values.out, `${[...summary, "", summaryTable(all), "", ...reasons].join("\n")}\n`);
}
process.exitCode = wrong.length + late.length + failures.length + missed.length > 0 ? 1 : 0;
