// `opensqt replay`, `explain` and `journal …`: their options. What they do is in journal-run.ts.

import type { Command } from "commander";
import type * as journalRun from "../journal-run.ts";

type Actions = typeof journalRun;

const work = (): Promise<Actions> => import("../journal-run.ts");

export function register(program: Command): void {
  program
    .command("replay")
    .description("decide a whole journal again and compare every effect, posting and mark")
    .argument("<journal>", "folder of the bot, or its journal.db")
    .option("--from <seq>", "first event to compare", "1")
    .option("--to <seq>", "last event to compare")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt replay data/bots/btc-grid")
    .action(async (...given: Parameters<Actions["replay"]>) => (await work()).replay(...given));
  program
    .command("explain")
    .description("why an order was placed: what it saw, the rule, the risk checks, what became of it")
    .argument("<order>", "client order id, or a fill's trade id")
    .option("--journal <folder>", "folder of the bot", "data/bots/btc-grid")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt explain obtcgrd000000000002s00q5 --journal data/bots/btc-grid")
    .action(async (...given: Parameters<Actions["explain"]>) => (await work()).explain(...given));
  const journal = program.command("journal").description("check a journal, or save what is good of a damaged one");
  journal
    .command("verify")
    .description("check the hash chain of every record")
    .argument("<journal>", "folder of the bot, or its journal.db")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal verify data/bots/btc-grid")
    .action(async (...given: Parameters<Actions["verify"]>) => (await work()).verify(...given));
  journal
    .command("salvage")
    .description("copy every good record of a damaged journal into a new folder; the damaged one is not touched")
    .argument("<journal>", "folder of the bot")
    .argument("<folder>", "new folder")
    .addHelpText("after", "\nExample:\n  opensqt journal salvage data/bots/btc-grid data/bots/btc-grid-saved")
    .action(async (...given: Parameters<Actions["salvage"]>) => (await work()).salvage(...given));
}
