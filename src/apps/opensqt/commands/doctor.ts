// `opensqt doctor`: its options. What it does is in doctor-run.ts.

import type { Command } from "commander";
import type { DoctorFlags } from "../doctor-run.ts";

export function register(program: Command): void {
  program
    .command("doctor")
    .description("look at machine, configuration, journals and what runs, without trading")
    .option("--config <file>", "configuration; the built-in example where none lies here")
    .option("--process <name>", "up, connector, market-maker or live-server; told by the file unless given")
    .option("--data-dir <folder>", "where journals are kept, instead of the configuration's folder")
    .option("--active", "place a far post-only order on the running exchange and cancel it")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt doctor\n  opensqt doctor --config connector.yaml --json\n\nEach check says ok, warn, stop or skipped, and what to do. Exit 4 when one says stop.",
    )
    .action(async (flags: DoctorFlags) => (await import("../doctor-run.ts")).doctor(flags));
}
