// Damage to real messages (TEST-27): by bytes, by the structure of JSON, by splicing two of them. Everything is drawn
// from one generator, so that a number says which message it was.

import { Prng } from "../../src/base/prng.ts";
import { mutateJson } from "./mutate-json.ts";

/** Longest message made, bytes: beyond it lies what limits of length refuse anyway. */
const LENGTH_MAX = 64 * 1024;

const ODD_BYTES = [
  0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x39, 0x5b, 0x5c, 0x7b, 0x7f, 0x80, 0xc3, 0xff,
];
const ODD_TEXTS = [
  "\u0000",
  "\ufeff",
  "\u2028",
  "\ud800",
  "NaN",
  "-0",
  "1e309",
  "9007199254740993",
  "0x10",
  "__proto__",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: how configurations name a variable
  "${HOME}",
  "%00",
  "../../",
  "&a=1&a=2",
  "\r\n\r\n",
  "'\"`",
  "٣",
  "1_000",
];

type Mutation = (bytes: Uint8Array, dice: Prng, others: readonly Uint8Array[]) => Uint8Array;

const at = (bytes: Uint8Array, dice: Prng): number => dice.integer(0, Math.max(0, bytes.length - 1));

const flipBit: Mutation = (bytes, dice) => {
  const copy = Buffer.from(bytes);
  const place = at(copy, dice);
  copy[place] = (copy[place] ?? 0) ^ (1 << dice.integer(0, 7));
  return copy;
};

const oddByte: Mutation = (bytes, dice) => {
  const copy = Buffer.from(bytes);
  copy[at(copy, dice)] = ODD_BYTES[dice.integer(0, ODD_BYTES.length - 1)] ?? 0;
  return copy;
};

const insert: Mutation = (bytes, dice) => {
  const place = at(bytes, dice);
  const odd = Buffer.from(ODD_TEXTS[dice.integer(0, ODD_TEXTS.length - 1)] ?? "", "utf8");
  return Buffer.concat([bytes.subarray(0, place), odd, bytes.subarray(place)]);
};

const remove: Mutation = (bytes, dice) => {
  const place = at(bytes, dice);
  return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + dice.integer(1, 16))]);
};

const cut: Mutation = (bytes, dice) => bytes.subarray(0, at(bytes, dice));

const repeat: Mutation = (bytes, dice) => {
  const from = at(bytes, dice);
  const piece = bytes.subarray(from, from + dice.integer(1, 64));
  const times = dice.chance(0.1) ? 256 : dice.integer(2, 8);
  return Buffer.concat([bytes.subarray(0, from), ...Array<Uint8Array>(times).fill(piece), bytes.subarray(from)]);
};

const splice: Mutation = (bytes, dice, others) => {
  const other = others[dice.integer(0, others.length - 1)] ?? bytes;
  return Buffer.concat([bytes.subarray(0, at(bytes, dice)), other.subarray(at(other, dice))]);
};

const swapDigits: Mutation = (bytes, dice) => {
  const copy = Buffer.from(bytes);
  const digits = [...copy.keys()].filter((place) => isDigit(copy[place] ?? 0));
  const place = digits[dice.integer(0, Math.max(0, digits.length - 1))];
  if (place !== undefined) copy[place] = 0x30 + dice.integer(0, 9);
  return copy;
};

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

const structure: Mutation = (bytes, dice, others) => {
  const other = others[dice.integer(0, others.length - 1)] ?? bytes;
  return mutateJson(bytes, dice, other) ?? swapDigits(bytes, dice, others);
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  oddByte,
  insert,
  remove,
  cut,
  repeat,
  splice,
  swapDigits,
  structure,
  structure,
  structure,
  structure,
];

/** The message of this number: one of the corpus, damaged once to four times. */
export function mutated(corpus: readonly Uint8Array[], dice: Prng): Uint8Array {
  let bytes = corpus[dice.integer(0, corpus.length - 1)] ?? new Uint8Array();
  const times = dice.chance(0.5) ? 1 : dice.integer(2, 4);
  for (let i = 0; i < times; i += 1) {
    const mutation = MUTATIONS[dice.integer(0, MUTATIONS.length - 1)] ?? flipBit;
    bytes = mutation(bytes, dice, corpus);
    if (bytes.length > LENGTH_MAX) bytes = bytes.subarray(0, LENGTH_MAX);
  }
  return bytes;
}

export const diceOf = (target: string, seed: number): Prng => new Prng(`fuzz/${target}/${seed}`);
