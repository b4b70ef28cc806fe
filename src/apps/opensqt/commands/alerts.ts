// `opensqt alerts`: its options. What it does is in alerts-run.ts.

import type { Command } from "commander";
import type { AlertsFlags } from "../alerts-run.ts";

export function register(program: Command): void {
  program
    .command("alerts")
    .description("where alerts go beside log and console")
    .command("test")
    .description("send one alert through each channel, and print what each answered")
    .option("--config <file>", "configuration with a section alerts:")
    .option("--process <name>", "up, connector or market-maker; told by the file unless given")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExample:\n  opensqt alerts test --config opensqt.yaml\n" +
        "\nExit 4 when a channel did not take it. docs/alerts.md says how to set each up.",
    )
    .action(async (flags: AlertsFlags) => (await import("../alerts-run.ts")).testAlerts(flags));
}
