// `opensqt init`: a first configuration to edit. Options only.

import { type Command, Option } from "commander";
import type { InitFlags } from "../init-run.ts";

export function register(program: Command): void {
  program
    .command("init")
    .description("write a commented configuration for a strategy and an exchange, to be edited")
    .addOption(
      new Option("--exchange <name>", "where orders go")
        .choices(["simulated", "emulator", "binance", "okx", "bybit", "gate", "bitget"])
        .default("simulated"),
    )
    .option("--symbol <symbol>", "BTC/USDT (spot) or BTC/USDT:USDT (perpetual)", "BTC/USDT:USDT")
    .option("--out <file>", "where to write; never over a file that is there", "opensqt.yaml")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt init\n  opensqt init --exchange binance --symbol ETH/USDT:USDT --out eth.yaml",
    )
    .action(async (flags: InitFlags) => (await import("../init-run.ts")).init(flags));
}
