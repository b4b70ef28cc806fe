// `opensqt top`: a running system in the terminal. Options only.

import type { Command } from "commander";
import { engineOptions } from "../engine/connect.ts";
import type { TopFlags } from "../top-run.ts";

export function register(program: Command): void {
  engineOptions(program.command("top"))
    .description("watch a running system in the terminal")
    .option("--ascii", "no characters beyond ASCII")
    .addHelpText(
      "after",
      [
        "",
        "Keys: Tab pane, arrows row, Enter why this order, / search, b next bot, p pause, r resume, K kill, q quit.",
        "Without a terminal it prints one status; with --json one document a line.",
        "",
        "Examples:",
        "  opensqt top",
        "  opensqt top --address 10.0.0.7:50052 --key-file reader.key --ca ca.pem",
      ].join("\n"),
    )
    .action(async (flags: TopFlags) => (await import("../top-run.ts")).top(flags));
}
