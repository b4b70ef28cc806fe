// `make soak`: 24 simulated hours at ten times the recorded rate in one process (HOURS_VIRTUAL=, MINUTES=, RATE= change
// it), or HOURS=n by the wall clock over all processes. Prints samples and verdict; --write puts them into docs/.

import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { boundLines, HEAD, sampleLine, sectionOf, type Told } from "./page.ts";
import { plotOf } from "./plot.ts";
import { recordedRate, soakScenario } from "./scenarios.ts";
import { soak } from "./soak.ts";
import { soakWall } from "./wall.ts";

const { values } = parseArgs({
  options: {
    "hours-virtual": { type: "string", default: "24" },
    minutes: { type: "string", default: "45" },
    rate: { type: "string", default: "10" },
    wall: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

const DOCS = join(import.meta.dirname, "../../docs");
const MINUTE_MS = 60_000;
/** The journal of the soak keeps so much, so that compaction is part of it. */
const RETENTION = { keepMs: 4 * 3_600_000, bytesMax: 512 * 1024 * 1024 };

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const quantity = (text: string): number => {
  const given = JSON.parse(text) as unknown;
  if (typeof given === "number" && given > 0) return given;
  throw new Error(`${text} is no number above 0`);
};

async function compressed(): Promise<Told> {
  const recorded = await recordedRate();
  const rate = quantity(values.rate);
  const messagesPerSecond = recorded.perSecond * rate;
  print(`${messagesPerSecond} messages a second: ${rate} times ${recorded.perSecond} of ${recorded.from}`);
  print(HEAD);
  const result = await soak({
    scenario: soakScenario(),
    hours: quantity(values["hours-virtual"]),
    minutes: quantity(values.minutes),
    messagesPerSecond,
    retention: RETENTION,
    sampleMs: MINUTE_MS,
    killHours: 2,
    warmHours: 1,
    onSample: (sample) => print(sampleLine(sample)),
  });
  const { hours, minutes, events, messages, requests, fills, kills, alerts, slices, sliceP99Us } = result;
  const facts = [
    ["simulated", `${Math.round(hours * 100) / 100} h in ${Math.round(minutes * 10) / 10} min of the machine`],
    ["market", `${messages} messages, ${Math.round(messages / (hours * 3600))} a second`],
    ["journaled", `${events} events`],
    ["exchange", `${requests} requests, ${fills} fills`],
    ["kills and recoveries", `${kills}`],
    ["slices of compaction between turns", `${slices}, p99 ${Math.round(sliceP99Us)} µs`],
    ["alerts", [...alerts].map(([code, count]) => `${code} ${count}`).join(", ") || "none"],
    ["machine", `${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, Node ${process.version}`],
  ] as const;
  return {
    what: `One process, production host, engine, risk and SQLite journal, the simulated exchange on a virtual clock.`,
    command: `make soak HOURS_VIRTUAL=${values["hours-virtual"]} RATE=${values.rate}`,
    facts,
    bounds: result.bounds,
    samples: result.samples,
  };
}

const told = values.wall === undefined ? await compressed() : await soakWall(quantity(values.wall), print);
for (const [name, value] of told.facts) print(`${name}: ${value}`);
print(boundLines(told.bounds));
if (values.write) {
  const name = values.wall === undefined ? "soak" : "soak-wall";
  writeFileSync(join(DOCS, "pictures", `${name}.svg`), plotOf(told.samples, told.command));
  writeFileSync(join(DOCS, `${name}.md`), `# Soak\n\n![samples](pictures/${name}.svg)\n\n${sectionOf(told)}`);
}
process.exitCode = told.bounds.every(({ holds }) => holds) ? 0 : 1;
