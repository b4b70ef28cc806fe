// The command line: which commands there are. A command's file is loaded only when it is called.

import { Command, CommanderError } from "commander";
import { nearest } from "../../config/problem.ts";
import { release } from "../../config/release.ts";
import { COMMANDS } from "./command-list.ts";
import { takeEnvFiles } from "./env-files.ts";
import { EXIT_CODES, EXIT_MEANINGS, errorCodeOf, exitCodeOf } from "./exit-codes.ts";
import { faultText, writeFault } from "./fault.ts";
import { note, printJsonError } from "./output.ts";

/** Loads the called command's file; the others stand there by name, for the list and for suggestions. */
async function commandLine(called: string | undefined): Promise<Command> {
  const program = new Command("opensqt")
    .description("The market maker you can kill at any instant.")
    .version(release())
    .option("--env-file <path>", "variables from a file of NAME=value lines; repeatable, with every command")
    .showHelpAfterError("(add --help for options and examples)")
    .exitOverride()
    .addHelpText(
      "after",
      `\nExit codes:\n${EXIT_MEANINGS.map(([code, text]) => `  ${code.padStart(5)}  ${text}`).join("\n")}`,
    );
  for (const { names, load } of COMMANDS) {
    if (called !== undefined && Object.hasOwn(names, called)) (await load()).register(program);
    else for (const [name, text] of Object.entries(names)) program.command(name).description(text);
  }
  return program;
}

/** `opensqt help up` is `opensqt up --help`. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  return first === "help" && rest.length > 0 ? [...rest, "--help"] : argv;
}

/** Help of a command there is none of would be help of what stands above it, as if all were well. */
function refuseUnknown(program: Command, words: readonly string[]): void {
  let at: Command = program;
  let asked = words.some((word) => word === "--help" || word === "-h");
  for (const word of words) {
    if (word.startsWith("-") || at.commands.length === 0) return;
    if (word === "help") {
      asked = true;
      continue;
    }
    const next = at.commands.find((one) => one.name() === word);
    if (next === undefined) {
      if (!asked || at.registeredArguments.length > 0) return;
      const names = at.commands.map((one) => one.name());
      const near = nearest(word, names);
      const hint = near === null ? `There are ${names.join(", ")}.` : `(Did you mean ${near}?)`;
      at.error(`error: unknown command '${word}'\n${hint}`, { code: "commander.unknownCommand" });
    }
    at = next;
  }
}

/** What went wrong, in one message; returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_CODES.done;
    const message = error.message.replace(/^error: /, "");
    if (process.argv.includes("--json")) printJsonError({ code: "usage", message, hint: "see --help" });
    return EXIT_CODES.usage;
  }
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const text = code === EXIT_CODES.unexpected ? faultText(error, writeFault(error, release())) : message;
  const hint = error instanceof Error && "hint" in error ? String(error.hint) : "";
  if (process.argv.includes("--json")) printJsonError({ code: errorCodeOf(error), message: text, hint });
  note(`opensqt: ${hint === "" ? text : `${text}\n${hint}`}`);
  return code;
}

/** A fault outside every command: said, written down, and the end. */
function onFault(error: unknown): never {
  try {
    report(error);
  } finally {
    process.exit(EXIT_CODES.unexpected);
  }
}

/** A reader that has seen enough (`| head`) is no fault; a disk that takes no more is said. */
function onStdoutGone(error: NodeJS.ErrnoException): never {
  if (error.code === "EPIPE") process.exit(EXIT_CODES.done);
  process.stderr.write(`opensqt: the rest cannot be written: ${error.message}\n`);
  process.exit(EXIT_CODES.cannotWrite);
}

async function main(): Promise<void> {
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  process.stdout.on("error", onStdoutGone);
  const words = wordsOf(takeEnvFiles(process.argv.slice(2)));
  const program = await commandLine(words[0]);
  refuseUnknown(program, words);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync(words, { from: "user" });
}

// who listens may go away, as `| head` does: what trades goes on all the same
process.stderr.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  await main();
} catch (error) {
  process.exitCode = report(error);
}
