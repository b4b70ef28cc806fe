// `opensqt preview`: its options. What it does is in preview-run.ts.

import type { Command } from "commander";
import type { PreviewFlags } from "../preview-run.ts";

export function register(program: Command): void {
  program
    .command("preview")
    .description("every order a grid would place now, what it needs and what it can lose")
    .option("--config <file>", "configuration; the built-in example where none lies here")
    .option("--price <price>", "market price to preview at; simulated.startPrice unless given")
    .option("--bot <id>", "one bot of a file that lists several")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt preview --config grid.yaml\n  opensqt preview --config grid.yaml --price 61800\n\nNeeds no network. Exit 4 when the grid would be refused, with the reason.",
    )
    .action(async (flags: PreviewFlags) => (await import("../preview-run.ts")).showPreview(flags));
}
