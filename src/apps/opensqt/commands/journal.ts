// `opensqt replay`, `explain` and `journal …`: their options. What they do is in journal-run.ts.

import { type Command, Option } from "commander";
import type { EngineFlags } from "../engine/connect.ts";
import type * as journalRun from "../journal-run.ts";

type Actions = typeof journalRun;
type ExplainFlags = Parameters<Actions["explain"]>[1] & EngineFlags;

const EXPLAIN_EXAMPLES = `
Example:
  opensqt explain o98aoyw01000000000900050
  opensqt explain --refusals
  opensqt explain o98aoyw01000000000900050 --address 10.0.0.5:50052 --key-file reader.key --ca ca.pem`;

const work = (): Promise<Actions> => import("../journal-run.ts");

export function register(program: Command): void {
  program
    .command("replay")
    .description("decide a whole journal again and compare every effect, posting and mark")
    .argument("<journal>", "folder of the bot, or its journal.db")
    .option("--from <seq>", "first event to compare", "1")
    .option("--to <seq>", "last event to compare")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt replay data/synthetic-1/bots/btc-grid")
    .action(async (...given: Parameters<Actions["replay"]>) => (await work()).replay(...given));
  program
    .command("explain")
    .description("why an order was placed: what it saw, the rule, the risk checks, what became of it")
    .argument("[order]", "client order id, also of an order risk refused, or a fill's trade id")
    .option("--journal <folder>", "folder of the bot; without it every journal below --data-dir is asked")
    .option("--data-dir <folder>", "where bots keep their folders", "./data")
    .addOption(new Option("--address <host:port>", "ask a running market-maker in place of a journal"))
    .option("--key-file <file>", "file with the API key for --address; others may not read it")
    .option("--ca <file>", "authority of its certificate, where it speaks TLS")
    .option("--refusals", "list the orders risk refused, with their ids and reasons")
    .option("--json", "one JSON document")
    .addHelpText("after", EXPLAIN_EXAMPLES)
    .action(async (order: string | undefined, flags: ExplainFlags) => {
      if (flags.address === undefined) (await work()).explain(order, flags);
      else await (await import("../explain-remote.ts")).explainRemote(order, { ...flags, address: flags.address });
    });
  const journal = program.command("journal").description("check a journal, or save what is good of a damaged one");
  journal
    .command("verify")
    .description("check the hash chain of every record")
    .argument("<journal>", "folder of the bot, or its journal.db")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal verify data/synthetic-1/bots/btc-grid")
    .action(async (...given: Parameters<Actions["verify"]>) => (await work()).verify(...given));
  journal
    .command("salvage")
    .description("copy every good record of a damaged journal into a new folder; the damaged one is not touched")
    .argument("<journal>", "folder of the bot")
    .argument("<folder>", "new folder")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExample:\n  opensqt journal salvage data/synthetic-1/bots/btc-grid data/synthetic-1/bots/btc-grid-saved",
    )
    .action(async (...given: Parameters<Actions["salvage"]>) => (await work()).salvage(...given));
}
