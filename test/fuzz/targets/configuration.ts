// Configuration of every process and files of variables: text → a value or every problem of it, never a throw.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { Result } from "../../../src/base/result.ts";
import { parseEnvLines } from "../../../src/config/env-file.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { loadConnector, loadLiveServer, loadMarketMaker } from "../../../src/config/process/load-process.ts";
import { loadUp } from "../../../src/config/process/load-up.ts";
import { BrokenLaw, type FuzzTarget, nothingThrown, textOf } from "../target.ts";

const EXAMPLES = join(import.meta.dirname, "../../../examples");
const ENVIRONMENT = { NAME: "value", NUMBER: "12", EMPTY: "" };
const FILE = "fuzzed.yaml";

const filesOf = (folder: string, begins: string): readonly string[] =>
  readdirSync(join(EXAMPLES, folder))
    .filter((name) => name.startsWith(begins) && name.endsWith(".yaml"))
    .map((name) => readFileSync(join(EXAMPLES, folder, name), "utf8"));

/** Lines of the examples, put together anew: nearly right, and in the wrong place. */
const shuffled = (texts: readonly string[]): fc.Arbitrary<string> => {
  const lines = [...new Set(texts.flatMap((text) => text.split("\n")))].filter((line) => line.trim() !== "");
  const odd = fc.constantFrom(
    "",
    "  - ",
    "a: &x 1",
    "b: *x",
    "<<: {a: 1}",
    "__proto__: {polluted: 1}",
    "c: !!js 1",
    "? :",
  );
  return fc
    .array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...lines) }, odd), { maxLength: 60 })
    .map((all) => all.join("\n"));
};

type Load = (text: string) => Result<object, readonly { readonly text: string }[]>;

function target(name: string, texts: readonly string[], load: Load): FuzzTarget {
  return {
    name,
    corpus: texts,
    near: shuffled(texts),
    isTyped: nothingThrown,
    share: 4,
    open: () => ({
      read: (bytes) => {
        const loaded = load(textOf(bytes));
        if (loaded.ok) return loaded.value;
        const [first] = loaded.error;
        if (first === undefined || first.text === "") throw new BrokenLaw("refused without saying why");
        return null;
      },
    }),
  };
}

const ENV_FILE = `# keys\nexport BINANCE_KEY=abc\nBINANCE_SECRET="a b c" # the secret\nEMPTY=\nQUOTED='x'\n`;

export const CONFIGURATION: readonly FuzzTarget[] = [
  target("config-bot", [...filesOf("1-first-grid", ""), ...filesOf("2-neutral-grid", "")], (text) =>
    loadConfig({ text, file: FILE }, { environment: ENVIRONMENT }),
  ),
  target("config-up", filesOf("configs", "up"), (text) => loadUp({ text, file: FILE }, { environment: ENVIRONMENT })),
  target("config-connector", filesOf("configs", "connector"), (text) =>
    loadConnector({ text, file: FILE }, { environment: ENVIRONMENT }),
  ),
  target("config-market-maker", filesOf("configs", "market-maker"), (text) =>
    loadMarketMaker({ text, file: FILE }, { environment: ENVIRONMENT }),
  ),
  target("config-live-server", filesOf("configs", "live-server"), (text) =>
    loadLiveServer({ text, file: FILE }, { environment: ENVIRONMENT }),
  ),
  {
    name: "env-file",
    corpus: [ENV_FILE],
    isTyped: nothingThrown,
    open: () => ({ read: (bytes) => parseEnvLines(textOf(bytes), ".env") }),
  },
];
