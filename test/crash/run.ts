// `make crash`, second half: every point on the real processes, for each store, protocol and mode, and random kills.
// Prints the table of TEST-22; `--out FILE` writes it for the documents. Exit 1 when a cell is not zero or late.

import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startPostgres } from "../postgres.ts";
import { commitNumber } from "./commit-number.ts";
import { COMBINATIONS, type Deed, deedsOf, type Played, play, pointsOf } from "./system/runner.ts";
import type { SystemRow } from "./system/system-ordeal.ts";
import { SYSTEM_UNREACHABLE } from "./system/system-points.ts";
import { systemTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    kills: { type: "string", default: "0" },
    store: { type: "string" },
    protocol: { type: "string" },
    mode: { type: "string" },
    seed: { type: "string" },
    minutes: { type: "string", default: "600" },
    out: { type: "string" },
  },
});

/**
 * DUR-50: 5 s, 10 s where something is absent; absence is proven after the window of Binance's requests (5 s) and the
 * lag of its look-ups (2 s), which comes on top.
 */
const RECOVERY_MS_MAX = 17_000;

/** A stage lives for so many deaths. */
const CHUNK = 12;

const commit = commitNumber();
const seed = values.seed ?? String(commit);
const turn = Number.parseInt(seed, 10) || 0;
const untilMs = Date.now() + Number.parseInt(values.minutes, 10) * 60_000;
const kills = Number.parseInt(values.kills, 10);
const wanted = COMBINATIONS.filter(
  ({ store, protocol, mode }) =>
    (values.store ?? store) === store && (values.protocol ?? protocol) === protocol && (values.mode ?? mode) === mode,
);
const played: Played = { rows: [], failures: [] };
const server = wanted.some(({ store }) => store === "postgres") ? await startPostgres() : null;
const began = Date.now();

/** A row of the table, as soon as there is one. */
function say(row: SystemRow): void {
  const [, line = ""] = systemTable([row], "plain").split("\n");
  process.stdout.write(`${line}\n${row.texts.map((text) => `  ${text}\n`).join("")}`);
}

const onFailure = (failure: string): void => void process.stdout.write(`FAILED ${failure}\n`);

const random = (n: number): readonly Deed[] =>
  Array.from({ length: n }, (_, i) => ({
    point: "random",
    victim: (["market-maker", "connector", "both"] as const)[i % 3] ?? "both",
    worse: "plain",
  }));

for (const [i, combination] of wanted.entries()) {
  const deeds = [...deedsOf(combination.store, turn + i, values.all), ...random(Math.ceil(kills / wanted.length))];
  const options = { ...combination, seed: `${seed}/${i}`, server: combination.store === "postgres" ? server : null };
  for (let from = 0; from < deeds.length && Date.now() < untilMs; from += CHUNK) {
    await play(options, deeds.slice(from, from + CHUNK), played, { onRow: say, onFailure, untilMs });
  }
}
await server?.close();

const missed = wanted.flatMap((combination) => {
  const passed = new Set(played.rows.filter((row) => isOf(row, combination)).map(({ point }) => point));
  return pointsOf(combination.store)
    .filter((point) => !passed.has(point))
    .map((point) => `${point} (${combination.mode}, ${combination.store}, ${combination.protocol})`);
});

function isOf(row: SystemRow, { mode, store, protocol }: (typeof wanted)[number]): boolean {
  return row.mode === mode && row.store === store && row.protocol === protocol;
}

const wrong = played.rows.filter(({ texts }) => texts.length > 0);
const late = played.rows.filter(({ timed, recoveryMs }) => timed && recoveryMs > RECOVERY_MS_MAX);
const minutes = Math.round((Date.now() - began) / 60_000);
const summary = [
  `${played.rows.length} rows in ${minutes} minutes, seed ${seed}, commit ${commit}`,
  `${wrong.length} with a difference, ${late.length} later than ${RECOVERY_MS_MAX} ms, ${played.failures.length} not played`,
  `${missed.length} points not passed${missed.length === 0 ? "" : `: ${missed.join(", ")}`}`,
];
process.stdout.write(`${summary.join("\n")}\n`);
if (values.out !== undefined) {
  const reasons = Object.entries(SYSTEM_UNREACHABLE).map(([point, reason]) => `- \`${point}\`: ${reason}`);
  if (!existsSync(values.out)) writeFileSync(values.out, "");
  appendFileSync(values.out, `${[...summary, "", systemTable(played.rows, "markdown"), "", ...reasons].join("\n")}\n`);
}
process.exitCode = wrong.length + late.length + played.failures.length + missed.length > 0 ? 1 : 0;
