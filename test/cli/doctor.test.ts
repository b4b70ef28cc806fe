// `opensqt doctor` as a user meets it: without a running system, with a refused file, with a journal that was damaged.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { opensqt, root, withFolder } from "./command-line.ts";

interface Answer {
  readonly ok: boolean;
  readonly data: {
    readonly verdict: string;
    readonly checks: readonly { area: string; check: string; outcome: string; text: string; todo: string | null }[];
  };
}

/** The areas of the table in operations.md section 14. */
const AREAS =
  "machine, configuration, store, network, account, instruments, capabilities, strategy, streams, peers, recovery";

function asked(folder: string, ...words: readonly string[]): { readonly code: number | null; readonly answer: Answer } {
  const said = opensqt(["doctor", "--json", ...words], { cwd: folder });
  return { code: said.code, answer: JSON.parse(said.out) as Answer };
}

const linesOf = (answer: Answer, outcome: string): readonly string[] =>
  answer.data.checks.filter((one) => one.outcome === outcome).map((one) => `${one.area} ${one.check}: ${one.text}`);

test("OPS-53 doctor answers every area of the table, each check with an outcome and a reason", () => {
  withFolder((folder) => {
    const { code, answer } = asked(folder);
    assert.equal(code, 0);
    assert.ok(answer.ok);
    assert.equal(
      [...new Set(answer.data.checks.map(({ area }) => area))].sort().join(", "),
      AREAS.split(", ").sort().join(", "),
    );
    for (const { outcome, text, todo, check } of answer.data.checks) {
      assert.ok(["ok", "warn", "stop", "skipped"].includes(outcome) && text !== "", check);
      assert.equal(
        todo !== null,
        outcome === "warn" || outcome === "stop",
        `${check}: what needs doing says what to do`,
      );
    }
    assert.ok(!existsSync(join(folder, "data")), "nothing was made");
  });
});

test("OPS-53 a refused file is a stop with exit 4, and the rest says it was skipped for it", () => {
  withFolder((folder) => {
    const file = join(folder, "grid.yaml");
    writeFileSync(
      file,
      "bot: { id: btc, strategy: grid, instrument: BTC/USDT, grid: { interval: 100, orderQuote: '20' } }\n",
    );
    const { code, answer } = asked(folder, "--config", file);
    assert.equal(code, 4);
    assert.equal(answer.data.verdict, "stop");
    assert.match(
      linesOf(answer, "stop").join("\n"),
      /^configuration file: .*grid\.yaml:1 bot\.grid\.interval: 100 is not allowed/,
    );
    assert.match(linesOf(answer, "skipped").join("\n"), /strategy grid: the configuration is refused/);
    const text = opensqt(["doctor", "--config", file], { cwd: folder });
    assert.equal(text.code, 4);
    assert.match(text.out, /✗ file: .*\n {6}→ correct the line/);
  });
});

test("OPS-53 RISK-30 a bot its account cannot pay for is a stop before it starts", () => {
  withFolder((folder) => {
    const file = join(folder, "poor.yaml");
    const text = readFileSync(join(root, "examples/configs/up.yaml"), "utf8");
    writeFileSync(file, text.replace('balance: "10000"', 'balance: "100"'));
    const { code, answer } = asked(folder, "--config", file);
    assert.equal(code, 4);
    assert.match(
      linesOf(answer, "stop").join("\n"),
      /account safety check: btc-grid: capital pays for \d+ orders, at least 100 wanted/,
    );
    assert.match(linesOf(answer, "warn").join("\n"), /strategy grid: btc-grid: the full grid needs/);
  });
});

test("OPS-53 a damaged journal is a stop that names the command to look closer", () => {
  withFolder((folder) => {
    const bot = join(folder, "data", "bots", "btc-grid");
    mkdirSync(bot, { recursive: true });
    writeFileSync(join(bot, "journal.db"), "this is no journal");
    const { code, answer } = asked(folder);
    assert.equal(code, 4);
    const [journals] = answer.data.checks.filter(({ area, outcome }) => area === "store" && outcome === "stop");
    assert.equal(journals?.todo, `opensqt journal verify ${bot}`);
  });
});
