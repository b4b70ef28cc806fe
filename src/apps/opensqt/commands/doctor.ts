// `opensqt doctor`: its options. What it does is in doctor-run.ts.

import type { Command } from "commander";
import type { DoctorFlags } from "../doctor-run.ts";

export function register(program: Command): void {
  program
    .command("doctor")
    .description("look at machine, configuration, exchange, journals and what runs, without trading")
    .option("--config <file>", "configuration; the built-in example where none lies here")
    .option("--process <name>", "up, connector, market-maker or live-server; told by the file unless given")
    .option("--data-dir <folder>", "where journals are kept, instead of the configuration's folder")
    .option("--active", "place a far post-only order on the running exchange and cancel it")
    .option("--json", "one JSON document")
    .addHelpText("after", HELP)
    .action(async (flags: DoctorFlags) => (await import("../doctor-run.ts")).doctor(flags));
}

const HELP = `
Examples:
  opensqt doctor
  opensqt doctor --config connector.yaml --json

Of a real exchange it reads clock, rights of the key, position mode, leverage, margin, fees, orders and fills, and opens
each socket once: by itself, or through the connector that runs. It places nothing without --active.
Each check says ok, warn, stop or skipped, and what to do. Exit 4 when one says stop.`;
