// `opensqt demo`: options only. What it does is in demo-run.ts.

import type { Command } from "commander";
import type { DemoFlags } from "../demo-run.ts";

export function register(program: Command): void {
  program
    .command("demo")
    .description("one minute offline: trades, kill -9 in the middle, recovery, report; leaves nothing behind")
    .option("--seed <n>", "seed of the market", "7")
    .option("--keep <folder>", "keep journal and logs in this new folder, to look at afterwards")
    .option("--json", "the report as one JSON document; what happens goes to stderr")
    .addHelpText("after", "\nExamples:\n  opensqt demo\n  opensqt demo --keep ./demo")
    .action(async (flags: DemoFlags) => (await import("../demo-run.ts")).demo(flags));
}
