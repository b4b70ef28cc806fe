// `opensqt config check | show | schema | diff | apply`: their options. What they do is in config-run.ts,
// config-diff.ts and config-apply.ts.

import type { Command } from "commander";
import type { ChangeFlags } from "../bot-change.ts";
import type { DiffFlags } from "../config-diff.ts";
import type { CheckFlags, ConfigFlags } from "../config-run.ts";
import { engineOptions } from "../engine/connect.ts";

const PROCESS = "up, connector, market-maker or live-server; told by the file unless given";

export function register(program: Command): void {
  const config = program
    .command("config")
    .description("check a configuration, show it, compare it, or print its schema");
  config
    .command("check")
    .description("every problem of a configuration at once, each with its line; exit 3 when there is one")
    .argument("[file]", "configuration; OPENSQT_CONFIG or ./opensqt.yaml unless given")
    .option("--process <name>", PROCESS)
    .option(
      "--beside <files...>",
      "of the other processes on the same account: their shares of its limits are added up",
    )
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt config check grid.yaml\n  opensqt config check connector.yaml --json" +
        "\n  opensqt config check first.yaml --beside second.yaml third.yaml",
    )
    .action(async (file: string | undefined, flags: CheckFlags) =>
      (await import("../config-run.ts")).check(file, flags),
    );
  config
    .command("show")
    .description("the configuration as it counts: defaults filled in, secrets and values of the environment left out")
    .argument("[file]", "configuration; the built-in example where none lies here")
    .option("--process <name>", PROCESS)
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt config show grid.yaml")
    .action(async (file: string | undefined, flags: ConfigFlags) =>
      (await import("../config-run.ts")).show(file, flags),
    );
  config
    .command("schema")
    .description("JSON Schema for editors")
    .argument("[process]", "up, connector, market-maker or live-server", "up")
    .option("--json", "inside the document of --json")
    .addHelpText("after", "\nExample:\n  opensqt config schema connector > connector.schema.json")
    .action(async (process: string, flags: ConfigFlags) => (await import("../config-run.ts")).schema(process, flags));
  config
    .command("diff")
    .description("what differs between two files, or between a file and the bots as they are registered; exit 4")
    .argument("[first]", "configuration; OPENSQT_CONFIG or ./opensqt.yaml unless given")
    .argument("[second]", "a second one; the register of bots unless given")
    .option("--process <name>", PROCESS)
    .option("--data-dir <folder>", "folder of the register, instead of the configuration's store")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExamples:\n  opensqt config diff old.yaml new.yaml\n  opensqt config diff opensqt.yaml")
    .action(async (first: string | undefined, second: string | undefined, flags: DiffFlags) =>
      (await import("../config-diff.ts")).diff(first, second, flags),
    );
  engineOptions(config.command("apply"))
    .description("make the bots of a file those of the running system, after showing what changes")
    .argument("[file]", "configuration; OPENSQT_CONFIG or ./opensqt.yaml unless given")
    .requiredOption("--reason <text>", "why; it is journaled")
    .option("--dry-run", "only show what would change")
    .option("--yes", "do not ask")
    .addHelpText("after", '\nExample:\n  opensqt config apply opensqt.yaml --dry-run --reason "wider gap"')
    .action(async (file: string | undefined, flags: ChangeFlags) =>
      (await import("../config-apply.ts")).apply(file, flags),
    );
}
