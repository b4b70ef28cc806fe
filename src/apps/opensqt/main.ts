// The command line: which commands there are. A command's file is loaded only when it is called.

import { Command, CommanderError } from "commander";
import { release } from "../../config/release.ts";
import { takeEnvFiles } from "./env-files.ts";
import { EXIT_CODES, EXIT_MEANINGS, errorCodeOf, exitCodeOf } from "./exit-codes.ts";
import { faultText, writeFault } from "./fault.ts";
import { note, printJsonError } from "./output.ts";

interface CommandFile {
  /** Name → the line `opensqt --help` shows. */
  readonly names: { readonly [name: string]: string };
  readonly load: () => Promise<{ register(program: Command): void }>;
}

const COMMANDS: readonly CommandFile[] = [
  {
    names: { up: "start everything on this machine: simulated exchange, real time, paper money" },
    load: () => import("./commands/up.ts"),
  },
  { names: { top: "watch a running system in the terminal" }, load: () => import("./commands/top.ts") },
  {
    names: {
      status: "every bot: phase, position, result, what blocks it",
      orders: "open orders",
      positions: "positions by the ledger",
      fills: "our fills, newest first",
      pnl: "the result and its parts",
    },
    load: () => import("./commands/state.ts"),
  },
  { names: { bot: "add, change and steer the bots of a running system" }, load: () => import("./commands/bot.ts") },
  {
    names: {
      kill: "cancel every order, prove that none is left, place none until reset",
      breaker: "circuit breakers: see, open, close",
      reconcile: "compare journal and exchange now: positions and orders",
    },
    load: () => import("./commands/risk.ts"),
  },
  {
    names: {
      stop: "stop the running opensqt up in order, and wait until it has",
      health: "probe: exit 0 when every process is healthy, 4 when one is not, 5 when one does not answer",
      token: "keys for callers of the API",
    },
    load: () => import("./commands/system.ts"),
  },
  {
    names: {
      connector: "the process that holds the exchange's keys and serves it over gRPC",
      "market-maker": "the process that hosts bots, over a connector or with the simulated exchange in itself",
      "live-server": "the process that shows it in a browser, read-only",
    },
    load: () => import("./commands/processes.ts"),
  },
  {
    names: { emulator: "a local exchange on real wire protocols, for clients that do not know it is none" },
    load: () => import("./commands/emulator.ts"),
  },
  {
    names: { preview: "every order a grid would place now, what it needs and what it can lose" },
    load: () => import("./commands/preview.ts"),
  },
  { names: { backtest: "run a configuration over recorded data" }, load: () => import("./commands/backtest.ts") },
  { names: { data: "check, prepare and export market data" }, load: () => import("./commands/data.ts") },
  {
    names: {
      replay: "decide a whole journal again and compare every effect, posting and mark",
      explain: "why an order was placed: what it saw, the rule, the risk checks, what became of it",
      journal: "check a journal, or save what is good of a damaged one",
    },
    load: () => import("./commands/journal.ts"),
  },
  {
    names: { doctor: "look at machine, configuration, journals and what runs, without trading" },
    load: () => import("./commands/doctor.ts"),
  },
  {
    names: { config: "check a configuration, show it, compare it, or print its schema" },
    load: () => import("./commands/config.ts"),
  },
];

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

async function main(): Promise<void> {
  process.on("uncaughtException", onFault);
  process.on("unhandledRejection", onFault);
  // a reader that has seen enough (`| head`) is no fault
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const words = wordsOf(takeEnvFiles(process.argv.slice(2)));
  const program = await commandLine(words[0]);
  if (words.length === 0) program.outputHelp();
  else await program.parseAsync(words, { from: "user" });
}

try {
  await main();
} catch (error) {
  process.exitCode = report(error);
}
