// `opensqt config check | show | schema`: their options. What they do is in config-run.ts.

import type { Command } from "commander";
import type { ConfigFlags } from "../config-run.ts";

export function register(program: Command): void {
  const config = program.command("config").description("check a configuration, show it, or print its schema");
  config
    .command("check")
    .description("every problem of a configuration at once, each with its line; exit 3 when there is one")
    .argument("[file]", "configuration; OPENSQT_CONFIG or ./opensqt.yaml unless given")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt config check grid.yaml")
    .action(async (file: string | undefined, flags: ConfigFlags) =>
      (await import("../config-run.ts")).check(file, flags),
    );
  config
    .command("show")
    .description("the configuration as it counts: defaults filled in, values of the environment left out")
    .argument("[file]", "configuration; the built-in example where none lies here")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt config show grid.yaml")
    .action(async (file: string | undefined, flags: ConfigFlags) =>
      (await import("../config-run.ts")).show(file, flags),
    );
  config
    .command("schema")
    .description("JSON Schema for editors")
    .option("--json", "inside the document of --json")
    .addHelpText("after", "\nExample:\n  opensqt config schema > opensqt.schema.json")
    .action(async (flags: ConfigFlags) => (await import("../config-run.ts")).schema(flags));
}
