// Replies and frames of the exchange as ccxt's authors wrote them down beside its parsers, in the comments of the
// package that is installed (EMU-40): a second source, by other people than the SDK's, of what was really seen.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Shown = Readonly<Record<string, unknown>>;

/** What an example of the same thing has: fields that must be there, and those that must not. */
export interface Likeness {
  readonly has: readonly string[];
  readonly lacks?: readonly string[];
  /** The element of an example that is meant, as `o` of an order's event. */
  readonly part?: string;
}

export class RecordedShapes {
  private readonly examples: readonly Shown[];

  constructor() {
    const main = dirname(fileURLToPath(import.meta.resolve("ccxt")));
    const sources = ["src/binance.js", "src/pro/binance.js"].map((file) => readFileSync(join(main, file), "utf8"));
    this.examples = sources.flatMap(examplesIn);
  }

  /** What examples of that kind have and the body has not, or has as another type, in a line each. */
  differences(name: string, body: Shown, { has, lacks = [], part }: Likeness): string[] {
    const parts = part === undefined ? this.examples : this.examples.map((each) => each[part]).filter(isShown);
    const alike = parts.filter((each) => has.every((field) => field in each) && !lacks.some((field) => field in each));
    if (alike.length === 0) return [`${name} has no example`];
    const found = alike.flatMap((example) =>
      Object.entries(example).flatMap(([field, value]) => {
        if (!(field in body)) return [`${name}.${field} is missing`];
        const [theirs, ours] = [kindOf(value), kindOf(body[field])];
        // ccxt puts numbers into quotes before it shows them
        const isQuoted = ours === "number" && typeof value === "string" && /^-?\d+$/.test(value);
        return theirs === ours || isQuoted ? [] : [`${name}.${field} is ${ours}, not ${theirs}`];
      }),
    );
    return [...new Set(found)];
  }
}

const isShown = (value: unknown): value is Shown =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : value === null ? "null" : typeof value);

/** Every JSON object of the comments, and those within lists at their top. */
function examplesIn(source: string): readonly Shown[] {
  const found: Shown[] = [];
  let text = "";
  for (const line of source.split("\n")) {
    const said = /^\s*\/\/(.*)$/
      .exec(line)?.[1]
      ?.replace(/(?<!:)\/\/.*$/, "")
      .trim();
    if (said === undefined || (text === "" && !/^[[{]/.test(said))) {
      text = "";
      continue;
    }
    text += `${said}\n`;
    if (depthOf(text) > 0) continue;
    const value = jsonOf(text);
    found.push(...(Array.isArray(value) ? value : [value]).filter(isShown));
    text = "";
  }
  return found;
}

function depthOf(text: string): number {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, "");
  return bare.split(/[[{]/).length - bare.split(/[\]}]/).length;
}

/** Undefined for what is no JSON: prose, or an example that was cut short. */
function jsonOf(text: string): unknown {
  const plain = text
    .trim()
    .replace(/,$/, "")
    .replace(/,(\s*[\]}])/g, "$1")
    // where somebody forgot one
    .replace(/(["\w])\n"/g, '$1,\n"');
  try {
    return JSON.parse(plain);
  } catch {
    return undefined;
  }
}
