// `opensqt config check, show, schema and diff` for every kind of file.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertRefused, opensqt, root, withFolder } from "./command-line.ts";

const example = (name: string): string => join(root, "examples/configs", `${name}.yaml`);
const environment = {
  OPENSQT_ENGINE_KEY: "marked-engine-key-0000000000000000000000000",
  OPENSQT_VIEW_KEY: "marked-view-key-000000000000000000000000000",
  OPENSQT_OPERATOR_KEY: "marked-operator-key-00000000000000000000000",
};

test("OPS-07 config schema prints each process's JSON Schema as it is published", () => {
  for (const name of ["up", "connector", "market-maker", "live-server"]) {
    const published = readFileSync(join(root, `docs/schema/opensqt-${name}.schema.json`), "utf8");
    assert.equal(opensqt(["config", "schema", name]).out, published, name);
  }
  assertRefused(opensqt(["config", "schema", "emulator"]), 2, "up, connector, market-maker, live-server");
});

test("OPS-06 config check and show tell what a file means and none of its secrets", () => {
  for (const name of ["connector", "market-maker", "live-server"]) {
    const check = opensqt(["config", "check", example(name)], { environment });
    assert.match(check.out, new RegExp(`${name}\\.yaml: good; ${name}`));
    const show = opensqt(["config", "show", example(name)], { environment });
    assert.equal(show.code, 0, show.err);
    assert.ok(!`${check.out}${show.out}${show.err}`.includes("marked-"), name);
  }
  const literal = opensqt(["config", "show", example("market-maker-in-process")]);
  assert.match(literal.out, /key: "?\[secret\]"?/);
  assert.ok(!literal.out.includes("a-key-for-paper-money"));
  const show = opensqt(["config", "show", example("connector"), "--json"], { environment });
  assert.match(show.out, /"env": "OPENSQT_ENGINE_KEY"/);
  assert.match(show.out, /"requestsBurst": 200/, "defaults are filled in");
});

test("OPS-01 a file read as another process's is refused key by key", () => {
  const said = opensqt(["config", "check", example("connector"), "--process", "live-server"], { environment });
  assertRefused(said, 3, /connector\.yaml:\d+ exchange: is not a key; give one of sources, instruments/);
});

test("RISK-11 config check adds up the shares of processes on one account, and refuses more than all of it", () => {
  withFolder((folder) => {
    const share = (name: string, bps: number): string => {
      const path = join(folder, `${name}.yaml`);
      writeFileSync(path, `${readFileSync(example("market-maker"), "utf8")}\nrisk: { accountShareBps: ${bps} }\n`);
      return path;
    };
    const [half, rest, much] = [share("half", 5_000), share("rest", 5_000), share("much", 5_001)];
    assert.match(opensqt(["config", "check", half, "--beside", rest], { environment }).out, /half\.yaml: good/);
    const refused = opensqt(["config", "check", half, "--beside", much], { environment });
    const said = /accountShareBps add up to 10,001 of 10,000: \S*half\.yaml 5,000, \S*much\.yaml 5,001/;
    assertRefused(refused, 3, said);
  });
});

test("OPS-09 config diff tells every changed key of two files with its class, exit 4", () => {
  withFolder((folder) => {
    const text = readFileSync(example("up-several-bots"), "utf8");
    const other = join(folder, "new.yaml");
    const changed = text
      .replace('interval: "3"', 'interval: "4", entryLevels: 7')
      .replace("id: coin-spot", "id: coin-new")
      .replace("seed: 7", "seed: 8");
    writeFileSync(other, changed);
    const said = opensqt(["config", "diff", example("up-several-bots"), other]);
    assert.equal(said.code, 4);
    assert.equal(
      said.out,
      `eth-long grid.interval: 3 → 4  (drain: entries end first, lots are kept)
eth-long grid.entryLevels: 10 → 7  (live: takes effect at once)
coin-spot: COIN/USDT → none  (a bot of the first that the second does not have)
coin-new: none → COIN/USDT  (a new bot: opensqt bot add)
simulated.seed: 7 → 8  (restart: a key of the process)
`,
    );
    assert.equal(opensqt(["config", "diff", other, other]).code, 0);
    assertRefused(
      opensqt(["config", "diff", other, example("connector")], { environment }),
      2,
      /is for up, .*connector\.yaml for connector; give two of one kind/,
    );
  });
});

test("OPS-18 config diff without a register says what it needs", () => {
  withFolder((folder) => {
    assertRefused(opensqt(["config", "diff", example("up")], { cwd: folder }), 3, "no bots are registered in ./data");
  });
});
