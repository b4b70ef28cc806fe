// The soak in a few seconds: nothing but the proof that its machinery works and bites. `make soak` is the soak.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { money } from "../../src/market/amounts.ts";
import { Interventions } from "../../src/sim/interventions.ts";
import { ACCOUNT, type SoakLife } from "./life.ts";
import { boundLines, sectionOf } from "./page.ts";
import { plotOf } from "./plot.ts";
import { lineThrough, type Sample, Times } from "./samples.ts";
import { soakScenario } from "./scenarios.ts";
import { type SoakOptions, soak } from "./soak.ts";
import { TapeFile } from "./tape-file.ts";
import { judge, type Whole } from "./verdict.ts";

const SHORT: SoakOptions = {
  scenario: soakScenario(),
  hours: 0.05,
  minutes: 1,
  messagesPerSecond: 100,
  retention: { keepMs: 3_600_000, bytesMax: 1 << 30 },
  sampleMs: 0,
  killHours: 0.02,
  warmHours: 0.005,
};

const AT: Sample = {
  hour: 0,
  heapMb: 50,
  rssMb: 200,
  handles: 3,
  journalMb: 100,
  walMb: 4,
  archivesMb: 0,
  stateKb: 2_000,
  snapshotMs: 20,
  recoveryMs: 300,
  turnP99Us: 900,
};

const WHOLE: Whole = {
  hours: 24,
  warmHours: 1,
  requests: 100_000,
  strange: 0,
  violations: [],
  p99s: Array.from({ length: 23 }, (_, n) => ({ us: n % 5 === 0 ? 1_300 : 900, referenceUs: 30 })),
  journalMbMax: 500,
};

const day = (of: (hour: number) => Partial<Sample>): readonly Sample[] =>
  Array.from({ length: 25 }, (_, hour) => ({ ...AT, hour, ...of(hour) }));

const failing = (samples: readonly Sample[], whole: Partial<Whole> = {}): readonly string[] =>
  judge(samples, { ...WHOLE, ...whole }).flatMap(({ holds, measure }) => (holds ? [] : measure));

test("TEST-24 three simulated minutes: killed twice, recovered, every checker holds at the end", async () => {
  const { samples, bounds, kills, fills, events, requests } = await soak(SHORT);
  assert.equal(kills, 2);
  assert.ok(events > 500 && fills > 0 && requests > 0, `${events} events, ${fills} fills, ${requests} requests`);
  assert.ok(samples.at(-1)?.recoveryMs !== null);
  assert.ok(samples.every(({ journalMb, stateKb, heapMb }) => journalMb > 0 && stateKb > 0 && heapMb > 0));
  const checkers = bounds.find(({ measure }) => measure === "checkers of the simulation");
  assert.equal(checkers?.seen, "all hold");
});

test("TEST-24 a leak that is put in shows in the slope of the heap, and money of nowhere to the checkers", async () => {
  const kept: unknown[] = [];
  const sabotage = ({ exchange }: SoakLife): void => {
    if (kept.length === 0) new Interventions(exchange).deposit(ACCOUNT, "USDT", money(1n));
    kept.push(Array.from({ length: 20_000 }, (_, n) => ({ n })));
  };
  const { samples, bounds } = await soak({ ...SHORT, hours: 0.1, killHours: 1, sabotage });
  const checkers = bounds.find(({ measure }) => measure === "checkers of the simulation");
  assert.match(checkers?.seen ?? "", /^ledger: \d+ postings/);
  assert.equal(checkers?.holds, false);
  const grown = lineThrough(samples.map(({ hour, heapMb }) => [hour, heapMb])).slope * 24;
  assert.ok(grown > 10, `${grown} MB a day`);
  kept.length = 0;
});

test("TEST-24 each bound is missed by what it is there for, and by nothing else", () => {
  assert.deepEqual(failing(day(() => ({}))), []);
  const rows: readonly (readonly [RegExp, readonly string[]])[] = [
    [/heap/, failing(day((hour) => ({ heapMb: 50 + hour })))],
    [/resident/, failing(day((hour) => ({ rssMb: 200 + hour * 3 })))],
    [/handles/, failing(day((hour) => ({ handles: 3 + hour })))],
    [/journal/, failing(day((hour) => ({ journalMb: hour * 30 })))],
    [/write-ahead/, failing(day(() => ({ walMb: 65 })))],
    [/state/, failing(day((hour) => ({ stateKb: 100 * hour })))],
    [/snapshot/, failing(day((hour) => ({ snapshotMs: 2 * hour })))],
    [/recovery/, failing(day((hour) => ({ recoveryMs: 30 * hour })))],
    [
      /turn p99/,
      failing(
        day(() => ({})),
        { p99s: WHOLE.p99s.map(({ us }, n) => ({ us: us + n * 12, referenceUs: 30 })) },
      ),
    ],
    [
      /turn p99/,
      failing(
        day(() => ({})),
        { p99s: WHOLE.p99s.slice(0, 1) },
      ),
    ],
    [
      /went wrong/,
      failing(
        day(() => ({})),
        { strange: 11 },
      ),
    ],
    [
      /checkers/,
      failing(
        day(() => ({})),
        { violations: ["lost-fills: one"] },
      ),
    ],
    [/samples/, failing(day(() => ({})).slice(0, 4))],
  ];
  for (const [measure, missed] of rows) {
    assert.equal(missed.length, 1, `${measure}: ${missed.join()}`);
    assert.match(missed[0] ?? "", measure);
  }
  assert.deepEqual(
    failing(
      day(() => ({})),
      { p99s: WHOLE.p99s.map(({ us }, n) => (n < 12 ? { us, referenceUs: 30 } : { us: us * 2, referenceUs: 60 })) },
    ),
    [],
    "a busy machine is no leak",
  );
});

test("TEST-24 the plot shows every measure, and the page its numbers as printed", () => {
  const samples = day((hour) => ({ heapMb: 50 + hour, recoveryMs: hour < 2 ? null : 300 }));
  const svg = plotOf(samples, "a day");
  assert.equal(svg.match(/<polyline/g)?.length, 6);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  const bounds = judge(samples, WHOLE);
  const page = sectionOf({ what: "A day.", command: "make soak", facts: [["fills", "7"]], bounds, samples });
  for (const { measure, seen } of bounds) assert.ok(page.includes(`| ${measure} | ${seen} |`), measure);
  assert.match(boundLines(bounds), /^FAIL heap after collection, growth/m);
});

test("TEST-24 an order too late for its price did not go wrong, one refused for anything else did", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-tape-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const tape = new TapeFile(join(folder, "tape.jsonl"));
  const refused = { n: 1, atUs: 0, account: ACCOUNT, symbol: "BTC/USDT:USDT", clientOrderId: "", text: "" };
  for (const reason of ["POST_ONLY_WOULD_TAKE", "INSUFFICIENT_FUNDS", "DUPLICATE_CLIENT_ORDER_ID"])
    tape.add({ ...refused, kind: "refused", reason });
  tape.close();
  assert.equal(tape.refused, 2);
});

test("TEST-24 what went to archives is checked too: compaction leaves nothing out", async () => {
  const retention = { keepMs: 60_000, bytesMax: 1 << 30 };
  const { bounds, samples } = await soak({ ...SHORT, hours: 0.3, killHours: 1, retention });
  assert.ok((samples.at(-1)?.archivesMb ?? 0) > 0, "nothing was archived");
  assert.equal(bounds.find(({ measure }) => measure === "checkers of the simulation")?.seen, "all hold");
});

test("TEST-24 a p99 of buckets is within 1 % of the true one", () => {
  const times = new Times();
  for (let us = 1; us <= 10_000; us += 1) times.add(us);
  assert.ok(Math.abs(times.quantile(0.99) / 9_900 - 1) < 0.01, `${times.quantile(0.99)}`);
  assert.equal(new Times().quantile(0.99), 0);
});
