// Every decoder of foreign bytes under damaged messages, for some seconds (TEST-26 to TEST-28); `make fuzz` is the long
// form. And the proof that the oracle bites: decoders that are wrong in each way are found out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { allTargets } from "./all-targets.ts";
import { findingText, fuzz } from "./fuzzer.ts";
import { BrokenLaw, type FuzzTarget, nothingThrown, textOf } from "./target.ts";

const SEED = Number.parseInt(process.env["OPENSQT_PROPERTY_SEED"] ?? "20261121", 10);
/** Messages to a decoder of the cheap kind; a dear one is told fewer. */
const MESSAGES = Number.parseInt(process.env["OPENSQT_PROPERTY_RUNS"] ?? "120", 10);

for (const target of await allTargets()) {
  // what these read encodes again to the same, and back
  const law = /^(?:rpc-(?!refusal|metadata)|journal|console|snapshot)/.test(target.name) ? "TEST-P1 " : "";
  test(`TEST-26 TEST-27 TEST-28 ${law}${target.name}: whatever comes is a value or a typed error`, async () => {
    const most = Math.ceil(MESSAGES / (target.share ?? 1));
    const { findings } = await fuzz(target, { firstSeed: SEED, goesOn: (told) => told < most, measuredMax: 1 });
    assert.equal(findings.map(findingText).join("\n"), "");
  });
}

const wrong = (name: string, read: (text: string) => unknown): FuzzTarget => ({
  name,
  corpus: ['{"price":"1.5","deep":{"a":[1,2,3]}}'],
  isTyped: (error) => error instanceof SyntaxError,
  open: () => ({ read: (bytes) => read(textOf(bytes)) }),
});

function merged(into: Record<string, unknown>, from: unknown): void {
  if (typeof from !== "object" || from === null) return;
  for (const [key, value] of Object.entries(from)) {
    const inner = into[key];
    if (typeof inner === "object" && inner !== null) merged(inner as Record<string, unknown>, value);
    else into[key] = value;
  }
}

const WRONG: readonly (readonly [law: string, FuzzTarget])[] = [
  [
    "throws",
    wrong("a field that is not looked for", (text) => (JSON.parse(text) as { deep: { a: [] } }).deep.a.length),
  ],
  ["number", wrong("a number that is believed", (text) => Object.values(JSON.parse(text) as object))],
  ["prototype", wrong("a merge that follows every key", (text) => merged({}, JSON.parse(text)))],
  [
    "broken",
    wrong("a message that is passed over", (text) => {
      if (!text.includes("price")) throw new BrokenLaw("silence");
    }),
  ],
];

for (const [law, target] of WRONG) {
  test(`TEST-28 the fuzzer finds ${target.name}, and tells it again by its seed`, async () => {
    const options = { firstSeed: SEED, goesOn: (told: number) => told < 800, measuredMax: 0, findingsMax: 50 };
    const found = (await fuzz(target, options)).findings.find((each) => each.law === law);
    assert.ok(found !== undefined, `no finding of ${law}`);
    const again = await fuzz(target, { firstSeed: found.seed, goesOn: (told) => told < 1, measuredMax: 0 });
    assert.ok(again.findings.some((each) => each.law === law));
    assert.ok(found.bytes.length <= 80, `it is not small: ${found.bytes.length} bytes`);
  });
}

test("TEST-28 a decoder that rubbish has spoilt is found by the next valid message, however few came", async () => {
  for (const most of [3, 63, 64, 200]) {
    let spoilt = false;
    const spoiling = wrong("spoilt", (text) => {
      if (!text.includes("price")) spoilt = true;
      if (spoilt) throw new SyntaxError("nothing is read any more");
      return text.length;
    });
    const { findings } = await fuzz(
      { ...spoiling, corpus: [...spoiling.corpus, "price"] },
      { firstSeed: SEED, goesOn: (told) => told < most || !spoilt, measuredMax: 0 },
    );
    assert.match(findings.map(findingText).join(), /answered differently afterwards/, `${most} messages`);
  }
});

test("TEST-28 the fuzzer finds a decoder that is slow by the median and one that keeps too much", async () => {
  const kept: unknown[] = [];
  const slow = wrong("slow", (text) => {
    const before = process.threadCpuUsage();
    let turns = 0;
    while (text.length > 20 && process.threadCpuUsage(before).user < 120_000) turns += 1;
    return turns > 0;
  });
  const greedy: FuzzTarget = {
    name: "greedy",
    corpus: ["x".repeat(20_000)],
    isTyped: nothingThrown,
    open: () => ({ read: () => void kept.push(new Uint8Array(8 << 20).fill(1)) }),
  };
  const one = { firstSeed: SEED, goesOn: (told: number) => told < 20, findingsMax: 1 };
  assert.equal((await fuzz(slow, one)).findings[0]?.law, "slow");
  assert.equal((await fuzz(greedy, one)).findings[0]?.law, "memory");
});
