// `opensqt bot …`: the bots of a running market-maker, told and asked over gRPC. Every change is journaled with its
// reason and the name of the key before it is answered (API-11).

import type { Command } from "commander";
import { Leg } from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { botMeant, type Engine, type EngineFlags, engineOptions, withEngine } from "../engine/connect.ts";
import { phaseWord, plainBot, plainSlot } from "../engine/plain.ts";
import { BOT_COLUMNS, SLOT_COLUMNS, tableText } from "../engine/words.ts";
import { print, printJson, usageError } from "../output.ts";

interface BotFlags extends EngineFlags {
  readonly bot?: string;
  readonly reason: string;
  readonly cancelEntries?: true;
  readonly leg?: string;
  readonly orders?: string;
  readonly average?: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

/** A call that changes one bot; what came of it, as a document. */
type Change = (
  engine: Engine,
  bot: string,
  call: { readonly words: readonly string[]; readonly flags: BotFlags },
) => Promise<Told>;

const LEGS: Readonly<Record<string, Leg>> = { L: Leg.LONG, S: Leg.SHORT, both: Leg.UNSPECIFIED };

export function register(program: Command): void {
  const bot = program.command("bot").description("add, change and steer the bots of a running system");
  bot.addHelpText("after", "\nA change takes --reason, and is journaled with it before it is answered.");
  list(bot);
  ladder(bot);
  configCommands(bot);
  change(bot, "start [bot]", { text: "start a bot that was stopped", to: start });
  change(bot, "pause [bot]", { text: "no new entries; exits go on", to: pause })
    .option("--leg <leg>", "L, S or both", "both")
    .option("--cancel-entries", "cancel entries that rest");
  change(bot, "resume [bot]", { text: "entries again", to: resume });
  change(bot, "stop [bot]", { text: "stop for good; orders as cancelOnExit says", to: stop }).option(
    "--orders <which>",
    "cancel all, opening or none instead",
  );
  change(bot, "flatten [bot]", { text: "close the position at the market, in slices", to: flatten });
  change(bot, "adopt <quantity>", { text: "give lots that no slot owns to slots; signed base", to: adopt }).option(
    "--average <price>",
    "what they cost; the mark unless given",
  );
  change(bot, "write-off <quantity>", {
    text: "forget lots that are not there any more, worst entry first",
    to: writeOff,
  }).requiredOption("--leg <leg>", "L or S");
  change(bot, "reanchor <price>", { text: "move the lattice to a price", to: told("reanchor", "price") });
  change(bot, "clear-gate <gate>", { text: "open a gate that needs an operator", to: told("clearGate", "gate") });
  change(bot, "retire [bot]", {
    text: "stop it, and delete it once it is flat",
    to: (engine, id, { flags }) => send(engine, id, { name: "retire", args: {}, flags }),
  });
  change(bot, "set-leverage <times>", {
    text: "set leverage on the exchange; the bot must rest",
    to: told("setLeverage", "leverage"),
  });
  change(bot, "set-margin-mode <mode>", {
    text: "cross or isolated, on the exchange; the bot must rest",
    to: told("setMarginMode", "mode"),
  });
  change(bot, "command <name> [arguments...]", {
    text: "any command of the strategy, arguments as name=value",
    to: any,
  });
}

const start: Change = async ({ bots }, botId, { flags }) =>
  stateOf(await bots.startBot({ botId, reason: flags.reason }));
const resume: Change = async ({ bots }, botId, { flags }) =>
  stateOf(await bots.resumeBot({ botId, reason: flags.reason }));
const flatten: Change = async ({ bots }, botId, { flags }) =>
  stateOf(await bots.flattenBot({ botId, reason: flags.reason }));
const pause: Change = async ({ bots }, botId, { flags }) => {
  const leg = LEGS[legOf(flags.leg, ["L", "S", "both"])] ?? Leg.UNSPECIFIED;
  const cancelEntries = flags.cancelEntries === true;
  return stateOf(await bots.pauseBot({ botId, reason: flags.reason, cancelEntries, leg }));
};
const stop: Change = async ({ bots }, botId, { flags }) =>
  stateOf(await bots.stopBot({ botId, reason: flags.reason, cancelOnExit: flags.orders ?? "" }));
const adopt: Change = (engine, bot, { words: [quantity = ""], flags }) => {
  const average = flags.average === undefined ? {} : { average: flags.average };
  return send(engine, bot, { name: "adopt", args: { quantity, ...average }, flags });
};
const writeOff: Change = (engine, bot, { words: [quantity = ""], flags }) =>
  send(engine, bot, { name: "writeOff", args: { quantity, leg: legOf(flags.leg, ["L", "S"]) }, flags });
const any: Change = (engine, bot, { words: [name = "", ...given], flags }) =>
  send(engine, bot, { name, args: argumentsOf(given), flags });

/** A command with one argument. */
const told =
  (name: string, argument: string): Change =>
  (engine, bot, { words: [value = ""], flags }) =>
    send(engine, bot, { name, args: { [argument]: value }, flags });

async function send(
  { bots }: Engine,
  botId: string,
  command: { readonly name: string; readonly args: Record<string, string>; readonly flags: BotFlags },
): Promise<Told> {
  const { name, args, flags } = command;
  const { sequence } = await bots.sendCommand({ botId, name, args, reason: flags.reason });
  return { sequence };
}

/** What a change tells: the event it was journaled as, and where the bot stands. */
interface Told {
  readonly sequence: number;
  readonly phase?: string;
}

const stateOf = ({ bot }: { readonly bot?: Parameters<typeof plainBot>[0] | undefined }): Told =>
  bot === undefined ? { sequence: 0 } : { phase: phaseWord(bot.phase), sequence: bot.sequence };

function argumentsOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw usageError(`${text} is not allowed; give name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function legOf(leg: string | undefined, allowed: readonly string[]): string {
  if (leg !== undefined && allowed.includes(leg)) return leg;
  throw usageError(`--leg ${leg ?? "nothing"} is not allowed; give ${allowed.join(", ")}`);
}

/** `opensqt bot pause btc-grid` and `--bot btc-grid` are the same; two different names are a mistake. */
function namedBot(word: string | undefined, flag: string | undefined): string | undefined {
  if (word === undefined || flag === undefined || word === flag) return word ?? flag;
  throw usageError(`which bot is meant, ${word} or --bot ${flag}? Name one`);
}

function signed(command: Command): Command {
  return engineOptions(command)
    .option("--bot <name>", "which bot, where there are several")
    .requiredOption("--reason <text>", "why; it is journaled");
}

function list(bot: Command): void {
  engineOptions(bot.command("list"))
    .description("every bot and its phase")
    .addHelpText("after", "\nExample:\n  opensqt bot list")
    .action(async (flags: EngineFlags) => {
      const bots = await withEngine(flags, async (engine) => (await engine.bots.listBots({})).bots.map(plainBot));
      if (flags.json === true) printJson({ bots });
      else
        print(
          tableText(
            bots.map((row) => ({ ...row, gates: [] })),
            BOT_COLUMNS.slice(0, -1),
            "no bot",
          ),
        );
    });
}

function ladder(bot: Command): void {
  engineOptions(bot.command("ladder [bot]"))
    .description("the levels of a grid: what is held, what rests where")
    .option("--bot <name>", "which bot, where there are several")
    .addHelpText("after", "\nExample:\n  opensqt bot ladder")
    .action(async (word: string | undefined, flags: BotFlags) => {
      const slots = await withEngine(flags, async (engine) => {
        const botId = await botMeant(engine, namedBot(word, flags.bot));
        return (await engine.bots.getSlots({ botId })).slots.map(plainSlot);
      });
      if (flags.json === true) printJson({ slots });
      else print(tableText(slots, SLOT_COLUMNS, "no level yet"));
    });
}

function change(bot: Command, usage: string, { text, to }: { text: string; to: Change }): Command {
  const shown = usage
    .replace("[bot]", "btc-grid")
    .replace("<quantity>", "0.004")
    .replace("<price>", "61800")
    .replace("<gate>", "stray")
    .replace("<times>", "3")
    .replace("<mode>", "isolated")
    .replace("<name> [arguments...]", "reanchor price=61800");
  const leg = usage.startsWith("write-off") ? " --leg L" : "";
  return signed(bot.command(usage))
    .description(text)
    .addHelpText("after", `\nExample:\n  opensqt bot ${shown}${leg} --reason "maintenance"`)
    .action(async (...given: readonly unknown[]) => {
      const words = given
        .slice(0, -2)
        .flat()
        .filter((one) => typeof one === "string");
      const flags = given.at(-2) as BotFlags;
      const named = usage.endsWith(" [bot]") ? namedBot(words[0], flags.bot) : flags.bot;
      const { name, data } = await withEngine(flags, async (engine) => {
        const meant = await botMeant(engine, named);
        return { name: meant, data: await to(engine, meant, { words, flags }) };
      });
      sayDone(name, data, flags);
    });
}

function sayDone(bot: string, data: Told, flags: EngineFlags): void {
  if (flags.json === true) {
    printJson({ bot, ...data });
    return;
  }
  const { phase, sequence } = data;
  print(`${bot}: journaled as event ${sequence}${phase === undefined ? "" : `, ${phase}`}`);
}

function configCommands(bot: Command): void {
  const add = signed(bot.command("add <file>")).description("take in the bot of a configuration file");
  const update = signed(bot.command("update <file>")).description(
    "take a changed configuration: live keys at once, the lattice by draining its entries",
  );
  const remove = signed(bot.command("remove [bot]")).description(
    "remove a bot that is stopped and flat; its journal is kept",
  );
  for (const [name, command] of Object.entries({ add, update, remove })) {
    const file = name === "remove" ? " btc-grid" : " grid.yaml";
    command
      .option("--dry-run", "show what would change; change nothing")
      .option("--yes", "do not ask")
      .addHelpText("after", `\nExample:\n  opensqt bot ${name}${file} --dry-run --reason "wider gap"`);
  }
  const run = async () => import("../bot-change.ts");
  add.action(async (file: string, flags: BotFlags) => (await run()).addBot(file, flags));
  update.action(async (file: string, flags: BotFlags) => (await run()).updateBot(file, flags));
  remove.action(async (word: string | undefined, flags: BotFlags) => {
    const named = namedBot(word, flags.bot);
    return (await run()).removeBot({ ...flags, ...(named === undefined ? {} : { bot: named }) });
  });
}
