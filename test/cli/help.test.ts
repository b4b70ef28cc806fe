// TEST-37: every command says what it does, with an example; a slip of the pen is met with the nearest name.

import assert from "node:assert/strict";
import test from "node:test";
import { assertRefused, opensqt } from "./command-line.ts";

const COMMANDS = [
  "up",
  "preview",
  "replay",
  "explain",
  "status",
  "orders",
  "positions",
  "fills",
  "pnl",
  "top",
  "stop",
  "health",
  "kill",
  "kill reset",
  "kill status",
  "breaker list",
  "breaker open",
  "breaker close",
  "reconcile",
  "reconcile accept",
  "token new",
  "token pair",
  "connector",
  "market-maker",
  "live-server",
  "emulator",
  ...["list", "add", "update", "remove", "start", "pause", "resume", "stop", "flatten"].map((name) => `bot ${name}`),
  ...["adopt", "write-off", "reanchor", "clear-gate", "ladder", "command"].map((name) => `bot ${name}`),
  "backtest run",
  "data check",
  "data prepare",
  "data export",
  "journal verify",
  "journal salvage",
  "config check",
  "config show",
  "config schema",
  "config diff",
  "config apply",
  "doctor",
];

test("TEST-37 OPS-11 every command has a help with an example, on stdout, exit 0", () => {
  for (const command of COMMANDS) {
    const said = opensqt([...command.split(" "), "--help"]);
    assert.equal(said.code, 0, command);
    assert.match(said.out, new RegExp(`Usage: opensqt ${command}`), command);
    assert.match(said.out, /\nExamples?:\n {2}opensqt /, command);
    assert.equal(said.err, "", command);
  }
});

test("TEST-37 the list of commands says of each what its own help says", () => {
  const list = opensqt(["--help"]).out.replaceAll(/\s+/g, " ");
  for (const name of [
    "up",
    "top",
    "status",
    "kill",
    "stop",
    "bot",
    "preview",
    "backtest",
    "data",
    "replay",
    "explain",
    "journal",
    "config",
    "doctor",
  ]) {
    const own = opensqt([name, "--help"]).out.replaceAll(/\s+/g, " ");
    const [, description = ""] =
      /^Usage: opensqt \S+ (?:\[[^\]]*\] |<[^>]*> )*(.*?) (?:Arguments|Options):/.exec(own) ?? [];
    assert.ok(description.length > 10 && list.includes(description), `${name}: "${description}"`);
  }
});

test("TEST-37 opensqt alone prints the help, and help COMMAND is COMMAND --help", () => {
  const alone = opensqt([]);
  assert.equal(alone.code, 0);
  assert.match(alone.out, /Exit codes:/);
  assert.equal(opensqt(["help", "data", "check"]).out, opensqt(["data", "check", "--help"]).out);
});

test("TEST-37 --version prints the version of the package", () => {
  assert.match(opensqt(["--version"]).out, /^\d+\.\d+\.\d+\n$/);
});

test("TEST-37 an unknown command or option is usage, and names the nearest", () => {
  assertRefused(opensqt(["backtst"]), 2, "unknown command 'backtst'", "Did you mean backtest?");
  assertRefused(opensqt(["backtest", "rn"]), 2, "unknown command 'rn'", "Did you mean run?");
  assertRefused(opensqt(["backtest", "run", "--lvel", "L2"]), 2, "unknown option '--lvel'", "Did you mean --level?");
  assertRefused(opensqt(["bot", "pause"]), 2, "--reason");
  assertRefused(opensqt(["replay"]), 2, "missing required argument 'journal'");
});

test("TEST-37 with --json an error is one document too", () => {
  const said = opensqt(["backtest", "run", "--json", "--lvel", "L2"]);
  assert.equal(said.code, 2);
  const document = JSON.parse(said.out) as { v: number; ok: boolean; error: { code: string; message: string } };
  assert.deepEqual([document.v, document.ok, document.error.code], [1, false, "usage"]);
  assert.match(document.error.message, /--lvel/);
});
