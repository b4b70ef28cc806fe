// `opensqt replay`, `explain` and `journal …`: their options. What they do is in journal-run.ts.

import { type Command, Option } from "commander";
import type { EngineFlags } from "../engine/connect.ts";
import type * as journalCare from "../journal-care.ts";
import type * as journalRun from "../journal-run.ts";

type Actions = typeof journalRun;
type Care = typeof journalCare;
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
    .argument("<journal>", ANY_JOURNAL)
    .option("--from <seq>", "first event to compare", "1")
    .option("--to <seq>", "last event to compare")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt replay data/synthetic-1/bots/btc-grid")
    .action(async (...given: Parameters<Actions["replay"]>) => (await work()).replay(...given));
  program
    .command("explain")
    .description("why an order was placed: what it saw, the rule, the risk checks, what became of it")
    .argument("[order]", "client order id, also of an order risk refused, or a fill's trade id")
    .option(
      "--journal <folder>",
      "folder of the bot, or env:NAME/BOT; without it every journal below --data-dir is asked",
    )
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
  const journal = program.command("journal").description("check a journal, keep it small, back it up, put it right");
  registerCare(journal);
  registerMigrate(journal);
  journal
    .command("verify")
    .description("check the hash chain of every record")
    .argument("<journal>", ANY_JOURNAL)
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      [
        "\nExample:",
        "  opensqt journal verify data/synthetic-1/bots/btc-grid",
        "  opensqt journal verify env:DATABASE_URL/btc-grid",
      ].join("\n"),
    )
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

/** What reads a journal reads one in a database too. */
const ANY_JOURNAL = "folder of the bot, its journal.db, or env:NAME/BOT of a database whose URL is in NAME";
const JOURNAL = "folder of the bot, or its journal.db";
const RESTORE_EXAMPLES = [
  "\nExample:",
  "  opensqt journal restore /backup/btc-grid-2026-11-21 data/bots/btc-grid",
  "  opensqt journal restore env:DATABASE_URL",
].join("\n");
const care = (): Promise<typeof journalCare> => import("../journal-care.ts");

function registerCare(journal: Command): void {
  journal
    .command("compact")
    .description("move old records of a stopped bot into its archive; a running bot does it by itself")
    .argument("<journal>", ANY_JOURNAL)
    .option("--keep-days <days>", "younger records stay", "7")
    .option("--keep-mib <MiB>", "above this size the oldest records go sooner", "4096")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal compact data/bots/btc-grid --keep-days 30")
    .action(async (...given: Parameters<Care["compact"]>) => (await care()).compact(...given));
  journal
    .command("backup")
    .description("copy a journal and its archives while the bot runs, and check the copy; never copy its files by hand")
    .argument("<journal>", JOURNAL)
    .argument("<folder>", "new folder")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal backup data/bots/btc-grid /backup/btc-grid-2026-11-21")
    .action(async (...given: Parameters<Care["backup"]>) => (await care()).backup(...given));
  journal
    .command("restore")
    .description("put a backup in the place of a stopped bot's journal; the old files are kept aside")
    .argument("<backup>", "folder of the backup; or env:NAME, a database that was put back with its own tools")
    .argument("[folder]", "folder of the bot; none for a database")
    .option("--lineage <n>", "at least this one, where the exchange knows orders of a later one")
    .option("--json", "one JSON document")
    .addHelpText("after", RESTORE_EXAMPLES)
    .action(async (...given: Parameters<Care["restore"]>) => (await care()).restore(...given));
  journal
    .command("adopt")
    .description("begin a stopped bot's journal anew from what the exchange shows; the old files are kept aside")
    .argument("<folder>", "folder of the bot, or env:NAME/BOT")
    .option("--bot <id>", "its name, where the old journal cannot be read")
    .option("--tag <tag>", "the six characters its orders carry, where the old journal cannot be read")
    .option("--lineage <n>", "at least this one, where the exchange knows orders of a later one")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal adopt data/bots/btc-grid")
    .action(async (...given: Parameters<Care["adopt"]>) => (await care()).adopt(...given));
  journal
    .command("dump")
    .description("every record as a line of JSON, archived ones too; prices, quantities and money as decimal text")
    .argument("<journal>", ANY_JOURNAL)
    .option("--from <seq>", "first event")
    .option("--to <seq>", "last event")
    .option("--raw", "numbers as they are stored: ticks, lots, 10^-18 of the quote")
    .addHelpText(
      "after",
      "\nExample:\n  opensqt journal dump data/bots/btc-grid --from 900 | jq -c 'select(.kind == \"fill\")'",
    )
    .action(async (...given: Parameters<Care["dump"]>) => (await care()).dump(...given));
}

function registerMigrate(journal: Command): void {
  journal
    .command("migrate")
    .description(
      "bring the tables of a database up to date; every process that uses them must be stopped, and a backup made",
    )
    .argument("<store>", "env:NAME, or env:NAME/SCHEMA: the variable that holds the URL")
    .option("--check", "say what would be done, and do nothing")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt journal migrate env:DATABASE_URL --check")
    .action(async (store: string, flags: { check?: true; json?: true }) =>
      (await import("../journal-migrate.ts")).migrate(store, flags),
    );
}
