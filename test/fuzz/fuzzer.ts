// Tells one decoder message after message until its time or its count is over, and makes every finding small. The same
// target, seed and number give the same message on any machine.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { diceOf, mutated } from "./mutate.ts";
import { judge, judgeMemory, MEMORY_FROM_BYTES, type Objection } from "./oracle.ts";
import { bytesOf, type Decoder, type FuzzTarget } from "./target.ts";

export interface Finding extends Objection {
  readonly target: string;
  /** `make fuzz FUZZ=target SEED=seed` tells it again. */
  readonly seed: number;
  readonly bytes: Uint8Array;
}

export interface FuzzRun {
  readonly findings: readonly Finding[];
  readonly told: number;
}

export interface FuzzOptions {
  readonly firstSeed: number;
  /** Whether another message is told. */
  readonly goesOn: (told: number) => boolean;
  /** Findings of one law kept; more of them say nothing new. */
  readonly findingsMax?: number;
  /** Messages whose memory is measured: that takes collections. */
  readonly measuredMax?: number;
}

const CORPUS = join(import.meta.dirname, "corpus");
/** A message of the generator among those that are damaged. */
const NEAR_SHARE = 0.3;
/** The untouched corpus is told again after so many messages: the decoder answers the next valid one. */
const AGAIN_EVERY = 64;
const SHRINK_TRIES = 400;

/** Messages of the target and what was found with it before. */
export function corpusOf({ name, corpus }: FuzzTarget): readonly Uint8Array[] {
  const folder = join(CORPUS, name);
  const found = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [...corpus.map(bytesOf), ...found.flatMap((file) => messagesIn(join(folder, file)))];
}

/** A message a line, or the whole file is one. */
function messagesIn(path: string): readonly Uint8Array[] {
  const whole = readFileSync(path);
  if (!path.endsWith(".lines")) return [whole];
  return whole
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map(bytesOf);
}

/** The message of this number. */
export function messageOf(target: FuzzTarget, corpus: readonly Uint8Array[], seed: number): Uint8Array {
  const dice = diceOf(target.name, seed);
  if (target.near === undefined || !dice.chance(NEAR_SHARE)) return mutated(corpus, dice);
  const [near] = fc.sample(target.near, { numRuns: 1, seed: dice.integer(0, 2 ** 31 - 1) });
  const bytes = bytesOf(near ?? "");
  return dice.chance(0.5) ? bytes : mutated([bytes], dice);
}

export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzRun> {
  const decoder = await target.open();
  const corpus = corpusOf(target);
  const findings: Finding[] = [];
  let told = 0;
  const measured = { left: options.measuredMax ?? Number.POSITIVE_INFINITY };
  try {
    const valid = await Promise.all(corpus.map((bytes) => answerOf(decoder, bytes)));
    const answers = async (seed: number, nth: number): Promise<boolean> => {
      const at = nth % Math.max(1, valid.length);
      const bytes = corpus[at];
      if (target.remembers === true || bytes === undefined) return true;
      const now = await answerOf(decoder, bytes);
      if (now === valid[at]) return true;
      const [then, later] = [valid[at]?.slice(0, 200), now.slice(0, 200)];
      const text = `a valid message is answered differently afterwards: ${then} → ${later}`;
      findings.push({ target: target.name, seed, bytes, law: "broken", text });
      return false;
    };
    for (const bytes of corpus) await add(findings, { target, decoder, seed: -1, bytes, measured });
    for (
      let seed = options.firstSeed;
      options.goesOn(told) && findings.length < (options.findingsMax ?? 5);
      seed += 1
    ) {
      told += 1;
      await add(findings, { target, decoder, seed, bytes: messageOf(target, corpus, seed), measured });
      if (told % AGAIN_EVERY === 0 && !(await answers(seed, told / AGAIN_EVERY))) break;
    }
    // a run of few messages has its next valid one too, whatever it was told last
    if (told % AGAIN_EVERY !== 0) await answers(options.firstSeed + told - 1, told);
  } finally {
    await decoder.close?.();
  }
  return { findings, told };
}

interface Told {
  readonly target: FuzzTarget;
  readonly decoder: Decoder;
  readonly seed: number;
  readonly bytes: Uint8Array;
  readonly measured: { left: number };
}

async function add(findings: Finding[], { target, decoder, seed, bytes, measured }: Told): Promise<void> {
  let objection = await judge(target, decoder, bytes);
  if (objection === null && bytes.length >= MEMORY_FROM_BYTES && measured.left > 0) {
    measured.left -= 1;
    objection = await judgeMemory(decoder, bytes);
  }
  if (objection === null) return;
  const known = findings.some(({ law, text }) => law === objection.law && placeOf(text) === placeOf(objection.text));
  if (known) return;
  findings.push({ ...objection, target: target.name, seed, bytes: await shrunk(target, decoder, bytes, objection) });
}

/** Where it was thrown, without the message's own words. */
const placeOf = (text: string): string => /at src\S+/.exec(text)?.[0] ?? text;

/** What a decoder says of a message, to be compared. */
async function answerOf(decoder: Decoder, bytes: Uint8Array): Promise<string> {
  try {
    return inspect(await decoder.read(bytes), { depth: 6, maxArrayLength: 50 });
  } catch (error) {
    return String(error);
  }
}

/** A shorter message with the same objection: pieces are left out for as long as it stays. */
async function shrunk(
  target: FuzzTarget,
  decoder: Decoder,
  bytes: Uint8Array,
  { law }: Objection,
): Promise<Uint8Array> {
  if (law === "slow" || law === "memory") return bytes;
  let best = bytes;
  let tries = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.length && tries < SHRINK_TRIES; ) {
      tries += 1;
      const shorter = Buffer.concat([best.subarray(0, from), best.subarray(from + size)]);
      const still = await judge(target, decoder, shorter);
      if (still?.law === law) best = shorter;
      else from += size;
    }
  }
  return best;
}

/** Lines that show a finding and how it comes again. */
export function findingText({ target, seed, law, text, bytes }: Finding): string {
  const shown = Buffer.from(bytes).toString("utf8");
  const message = shown.includes("\ufffd") ? Buffer.from(bytes).toString("base64") : JSON.stringify(shown);
  return [
    `${target}: ${law}: ${text}`,
    `    message (${bytes.length} bytes): ${message.slice(0, 600)}`,
    seed < 0 ? "    it is one of the corpus" : `    replay: make fuzz FUZZ=${target} SEED=${seed}`,
  ].join("\n");
}
