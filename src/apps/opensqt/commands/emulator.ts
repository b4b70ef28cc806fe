// `opensqt emulator`: a local exchange on real wire protocols. Options only.

import { type Command, Option } from "commander";
import type { EmulatorFlags } from "../../emulator/flags.ts";

export function register(program: Command): void {
  program
    .command("emulator")
    .description("a local exchange on real wire protocols, for clients that do not know it is none")
    .addOption(
      new Option("--protocol <name...>", "which exchanges; all unless named").choices(["binance-usdm", "binance-spot"]),
    )
    .option("--port <n>", "of the protocol, where one is named; 0 takes free ones for all")
    .option("--control-port <n>", "of the control API; 0 takes a free one", "19100")
    .option("--host <address>", "where it listens: loopback, unless --allow-remote", "127.0.0.1")
    .option("--allow-remote", "other machines may reach it, and do anything there")
    .addOption(
      new Option("--clock <mode>", "wall, paced, or manual: moved by the control API").choices(MODES).default("wall"),
    )
    .option("--speed <n>", "emulated seconds in one second, with --clock paced", "1")
    .option("--seed <text>", "equal seeds make equal markets", "1")
    .option("--market <name|file...>", "calm, trend, chop, crash, gap, thin, frozen, fundingFlip, hand, or recordings")
    .option("--loop", "a recording begins again at its end")
    .option("--recorder-skew", "everybody is told a time as far off as the recorder's clock was")
    .option("--accounts <file>", "JSON list of accounts, instead of the one named demo")
    .option("--script <file>", "JSON lines: calls of the control API and when they are made")
    .option("--strict-parameters", "parameters nobody knows are refused")
    .addOption(
      new Option("--legacy <how>", "what becomes of retired addresses")
        .choices(["serve", "silent", "close"])
        .default("serve"),
    )
    .option("--memory <folder>", "goes on where it was; written every second and at the end")
    .option("--json", "where everything listens, as one JSON document")
    .addHelpText("after", `\nExamples:\n${EXAMPLES.map((line) => `  opensqt emulator${line}\n`).join("")}\n${MORE}`)
    .action(async (flags: EmulatorFlags) => (await import("../../emulator/main.ts")).emulator(flags));
}

const MODES = ["wall", "paced", "manual"];

const EXAMPLES = [
  "",
  " --protocol binance-usdm --port 0 --market crash --clock paced --speed 10",
  " --clock manual --accounts accounts.json --script scenario.jsonl",
  " --market perpetual.gz spot-1.gz spot-2.gz --loop",
];
const MORE =
  "docs/emulator.md tells how to point ccxt, the SDKs, Freqtrade and Hummingbot at it, and what else it does.";
