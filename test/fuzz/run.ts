// `make fuzz`: every decoder for SECONDS or HOURS in turn, or one of them (FUZZ=name), or one message of it (SEED=n).

import { parseArgs } from "node:util";
import { allTargets } from "./all-targets.ts";
import { corpusOf, type Finding, findingText, fuzz, messageOf } from "./fuzzer.ts";
import { judge } from "./oracle.ts";
import type { FuzzTarget } from "./target.ts";

const { values } = parseArgs({
  options: { target: { type: "string" }, seed: { type: "string" }, seconds: { type: "string", default: "60" } },
});

const PROGRESS_MS = 10_000;
/** One target is told for so long before the next one comes. */
const SLICE_MS_MAX = 5_000;

const whole = (text: string): number => Number.parseInt(text, 10);

async function replay(target: FuzzTarget, seed: number): Promise<Finding | null> {
  const decoder = await target.open();
  try {
    const bytes = messageOf(target, corpusOf(target), seed);
    process.stdout.write(`${target.name} seed ${seed}: ${JSON.stringify(Buffer.from(bytes).toString("utf8"))}\n`);
    const objection = await judge(target, decoder, bytes);
    return objection === null ? null : { ...objection, target: target.name, seed, bytes };
  } finally {
    await decoder.close?.();
  }
}

async function rounds(targets: readonly FuzzTarget[], seconds: number): Promise<readonly Finding[]> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  const sliceMs = Math.min(SLICE_MS_MAX, (seconds * 1000) / targets.length);
  const findings = new Map<string, Finding>();
  let told = 0;
  let saidMs = startMs;
  for (let firstSeed = Date.now() % 1_000_000_000; performance.now() < endMs; firstSeed += 10_000_000) {
    for (const target of targets) {
      const untilMs = Math.min(endMs, performance.now() + sliceMs);
      const run = await fuzz(target, { firstSeed, goesOn: () => performance.now() < untilMs });
      told += run.told;
      for (const finding of run.findings) {
        const key = `${finding.target} ${finding.law} ${finding.text.slice(0, 80)}`;
        if (!findings.has(key)) process.stdout.write(`${findingText(finding)}\n`);
        findings.set(key, finding);
      }
      if (performance.now() - saidMs < PROGRESS_MS) continue;
      saidMs = performance.now();
      const passedS = Math.round((saidMs - startMs) / 1000);
      process.stdout.write(
        `${passedS} of ${seconds} s, ${told} messages, ${findings.size} findings, now ${target.name}\n`,
      );
    }
  }
  process.stdout.write(`${told} messages to ${targets.length} decoders, ${findings.size} findings\n`);
  return [...findings.values()];
}

const every = await allTargets();
const targets = every.filter(({ name }) => values.target === undefined || name === values.target);
if (targets.length === 0) {
  process.stderr.write(`no decoder ${values.target}; there are ${every.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 2;
} else if (values.seed !== undefined) {
  const [target] = targets;
  const found = target === undefined ? null : await replay(target, whole(values.seed));
  process.stdout.write(found === null ? "as it must be\n" : `${findingText(found)}\n`);
  process.exitCode = found === null ? 0 : 1;
} else {
  process.exitCode = (await rounds(targets, whole(values.seconds))).length === 0 ? 0 : 1;
}
