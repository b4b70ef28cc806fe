// `opensqt what-if`: its options. What it does is in what-if-run.ts.

import type { Command } from "commander";
import type { WhatIfFlags } from "../what-if-run.ts";

const EXAMPLES = `
Examples:
  opensqt what-if data/synthetic-1/bots/btc-grid --config wider.yaml
  opensqt what-if data/synthetic-1/bots/btc-grid --config wider.yaml --from 1200 --json

--config takes one bot's text, as opensqt bot update does. The configuration that ran is played too: simulated is
compared with simulated, and the parity figure says how far simulated is from what happened.`;

export function register(program: Command): void {
  program
    .command("what-if")
    .description("play a journal's market to another configuration, and compare the two")
    .argument("<journal>", "folder of the bot, or its journal.db; the bot may be running")
    .requiredOption("--config <file>", "configuration of the bot to try")
    .option("--from <seq>", "first event of the market played", "1")
    .option("--to <seq>", "last event of the market played")
    .option("--json", "one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(async (journal: string, flags: WhatIfFlags) =>
      (await import("../what-if-run.ts")).runWhatIf(journal, flags),
    );
}
