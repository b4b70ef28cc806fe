// TEST-37: every command says what it does, with an example; a slip of the pen is met with the nearest name.

import assert from "node:assert/strict";
import test from "node:test";
import { Command } from "commander";
import { COMMANDS } from "../../src/apps/opensqt/command-list.ts";
import { assertRefused, opensqt } from "./command-line.ts";

/** Every command there is, as the process that is told its name would have it. */
async function everyCommand(): Promise<Command> {
  const program = new Command("opensqt").exitOverride();
  for (const { load } of COMMANDS) (await load()).register(program);
  return program;
}

interface Leaf {
  readonly words: string;
  readonly command: Command;
}

/** Those that do something; a command that is more than a heading over others is one too. */
function leaves(command: Command, before: readonly string[] = []): Leaf[] {
  return command.commands.flatMap((each) => {
    const words = [...before, each.name()];
    const own = each.commands.length === 0 ? [{ words: words.join(" "), command: each }] : [];
    return [...own, ...leaves(each, words)];
  });
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
  return text;
}

test("TEST-37 OPS-11 every command has a help with an example", async () => {
  const all = leaves(await everyCommand());
  assert.ok(all.length > 60, `${all.length}`);
  for (const { words, command } of all) {
    const help = helpOf(command);
    assert.match(help, new RegExp(`Usage: opensqt ${words}`), words);
    assert.match(help, /\nExamples?:\n {2}(opensqt|OPENSQT_\S+=\S+ opensqt) /, words);
  }
});

test("TEST-37 OPS-11 help is on stdout, exit 0", () => {
  for (const words of ["up", "kill reset", "bot write-off", "journal verify"]) {
    const said = opensqt([...words.split(" "), "--help"]);
    assert.deepEqual([said.code, said.err], [0, ""], words);
    assert.match(said.out, new RegExp(`Usage: opensqt ${words}.*\n[^]*\nExamples?:\n {2}opensqt `), words);
  }
});

test("TEST-37 the list of commands says of each what its own help says", async () => {
  const program = await everyCommand();
  const list = opensqt(["--help"]).out.replaceAll(/\s+/g, " ");
  const listed = COMMANDS.flatMap(({ names }) => Object.entries(names));
  assert.deepEqual(listed.map(([name]) => name).sort(), program.commands.map((each) => each.name()).sort());
  for (const [name, text] of listed) {
    const own = program.commands.find((each) => each.name() === name)?.description() ?? "";
    assert.ok(own.length > 10 && text.startsWith(own), `${name}: "${own}"`);
    assert.ok(list.includes(text), `${name}: "${text}"`);
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

test("TEST-37 help of a command there is none of is usage, too, and names the nearest", () => {
  for (const words of [
    ["help", "backtst"],
    ["backtst", "--help"],
    ["backtst", "-h"],
  ]) {
    assertRefused(opensqt(words), 2, "unknown command 'backtst'", "Did you mean backtest?");
  }
  for (const words of [
    ["help", "journal", "verfiy"],
    ["journal", "verfiy", "--help"],
    ["journal", "help", "verfiy"],
  ]) {
    assertRefused(opensqt(words), 2, "unknown command 'verfiy'", "Did you mean verify?");
  }
  assertRefused(opensqt(["help", "zzzzzzzzzz"]), 2, "unknown command 'zzzzzzzzzz'", "There are up, demo, init");
  for (const words of [["help"], ["help", "help"], ["help", "journal", "verify"], ["journal", "help", "verify"]]) {
    const { code, out } = opensqt(words);
    assert.deepEqual([code, out.startsWith("Usage: opensqt")], [0, true], words.join(" "));
  }
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
