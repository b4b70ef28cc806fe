// `opensqt export`: options only. What it does is in export-run.ts.

import { type Command, Option } from "commander";
import type { ExportFlags } from "../export-run.ts";

const EXAMPLES = `
Examples:
  opensqt export fills --out fills.csv
  opensqt export ledger --bot btc-grid --format jsonl --out ledger.jsonl
  opensqt export lots --journal data/synthetic-1/bots/btc-grid > lots.csv

Fills are ours; lots are first in, first out, before fees (open_id and close_id are the fills' trade ids); the ledger's
amounts add up to nothing per asset and cause; audit is who did what, and every alert. Decimals are exact.
A journal is read beside its running bot, without disturbing it.`;

export function register(program: Command): void {
  program
    .command("export")
    .description("fills, lots, ledger or audit of journals as CSV or JSON lines")
    .argument("<what>", "fills, lots, ledger or audit")
    .addOption(new Option("--format <format>", "how").choices(["csv", "jsonl"]).default("csv"))
    .option("--out <file>", "where to; printed unless given, and never over a file that is there")
    .option("--bot <name>", "this bot alone")
    .option("--journal <folder>", "folder of one bot, in place of all below --data-dir")
    .option("--data-dir <folder>", "where bots keep their folders", "./data")
    .option("--quiet", "no progress")
    .option("--json", "how many rows, as one JSON document; with --out")
    .addHelpText("after", EXAMPLES)
    .action(async (what: string, flags: ExportFlags) => (await import("../export-run.ts")).exportSheet(what, flags));
}
