// `opensqt stop | health | token`: the running system as a whole, its probes for containers, and keys for callers.

import { type Command, Option } from "commander";
import type { HealthFlags, PairFlags, StopFlags, TokenFlags } from "../system-run.ts";

const run = async () => import("../system-run.ts");

export function register(program: Command): void {
  program
    .command("stop")
    .description("stop the running opensqt up in order, and wait until it has")
    .option("--data-dir <folder>", "folder of the running opensqt up", "./data")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt stop")
    .action(async (flags: StopFlags) => (await run()).stopUp(flags));
  program
    .command("health")
    .description("probe: exit 0 when every process is healthy, 4 when one is not, 5 when one does not answer")
    .option("--ready", "ready for its work, not only alive")
    .option("--url <url>", "this process alone, by its http address")
    .option("--data-dir <folder>", "folder of the running opensqt up", "./data")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExamples:\n  opensqt health\n  opensqt health --ready --url http://127.0.0.1:8080")
    .action(async (flags: HealthFlags) => (await run()).health(flags));
  const token = program.command("token").description("keys for callers of the API");
  token
    .command("new")
    .description("a fresh API key, shown once, and what a configuration keeps of it")
    .requiredOption("--name <name>", "who calls with it, as logs and the journal say")
    .addOption(
      new Option("--role <role>", "what it may do").choices(["reader", "trader", "operator"]).makeOptionMandatory(),
    )
    .option("--bots <names>", "only for these bots, separated by commas")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt token new --name grafana --role reader")
    .action(async (flags: TokenFlags) => (await run()).newToken(flags));
  token
    .command("pair")
    .description("a code that makes a browser an operator: good once, for a minute")
    .option("--data-dir <folder>", "folder of the running opensqt up", "./data")
    .option("--url <url>", "operator door of a market-maker elsewhere, with --key-file")
    .option("--key-file <file>", "file with the operator key for --url; others may not read it")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt token pair")
    .action(async (flags: PairFlags) => (await run()).pair(flags));
}
