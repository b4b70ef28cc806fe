// `opensqt bot …`: what an operator may tell a running bot (GRID-46, RISK-21, RISK-22) and ask it, over its socket. The bot
// journals who said it and why before it answers.

import type { Command } from "commander";
import { ask, findBot, type OpenDoor } from "../bot-door.ts";
import { ladderText, ordersText, statusText } from "../bot-words.ts";
import { note, print, printJson, usageError } from "../output.ts";

interface BotFlags {
  readonly dataDir: string;
  readonly bot?: string;
  readonly by: string;
  readonly reason: string;
  readonly json?: true;
  readonly cancelEntries?: true;
  readonly leg?: string;
  readonly orders?: string;
  readonly average?: string;
  readonly flatten?: true;
  readonly dryRun?: true;
  readonly yes?: true;
}

type Request = Readonly<Record<string, unknown>>;
/** Words after the command → what the bot is told. */
type ToRequest = (words: readonly string[], flags: BotFlags) => Request;

export function register(program: Command): void {
  const bot = program.command("bot").description("tell a running bot something, or ask it");
  bot.addHelpText("after", "\nA change takes --reason, and is journaled with it and --by before the bot answers.");
  query(bot, "status", { text: "phase, position, orders, blocks", words: statusText });
  query(bot, "orders", { text: "its open orders", words: ordersText });
  query(bot, "ladder", { text: "its levels: what is held, what rests where", words: ladderText });
  change(bot, "start", { text: "start a bot that was stopped", to: named("start") });
  change(bot, "pause", { text: "no new entries; exits go on", to: pause })
    .option("--leg <leg>", "L, S or both", "both")
    .option("--cancel-entries", "cancel entries that rest");
  change(bot, "resume", { text: "entries again", to: named("resume") });
  change(bot, "stop", { text: "stop for good; orders as cancelOnExit says", to: stop }).option(
    "--orders <which>",
    "cancel all, opening or none instead",
  );
  change(bot, "flatten", { text: "close the position at the market, in slices", to: named("flatten") });
  change(bot, "adopt <quantity>", { text: "give lots that no slot owns to slots; signed base", to: adopt }).option(
    "--average <price>",
    "what they cost; the mark unless given",
  );
  change(bot, "write-off <quantity>", {
    text: "forget lots that are not there any more, worst entry first",
    to: writeOff,
  }).requiredOption("--leg <leg>", "L or S");
  change(bot, "reanchor <price>", { text: "move the lattice to a price", to: reanchor });
  change(bot, "clear-gate <gate>", { text: "open a gate that needs an operator", to: clearGate });
  change(bot, "kill", { text: "cancel every order, place none, until reset", to: kill }).option(
    "--flatten",
    "close the position too",
  );
  change(bot, "reset", { text: "lift a kill", to: named("killReset") });
  bot.command("reconcile").description("a position the journal cannot explain").addCommand(acceptCommand(bot));
  configChange(bot, "update", "take a configuration whose live keys changed");
  configChange(bot, "relattice", "take a configuration whose lattice changed: drains entries, keeps lots");
}

const named =
  (command: string): ToRequest =>
  () => ({ command });
const pause: ToRequest = (_words, { leg, cancelEntries }) => ({
  command: "pause",
  leg: legOf(leg, ["L", "S", "both"]),
  cancelEntries: cancelEntries === true,
});
const stop: ToRequest = (_words, { orders }) => ({ command: "stop", cancelOnExit: orders ?? null });
const adopt: ToRequest = ([quantity], { average }) => ({ command: "adopt", quantity, average: average ?? null });
const writeOff: ToRequest = ([quantity], { leg }) => ({ command: "writeOff", quantity, leg: legOf(leg, ["L", "S"]) });
const reanchor: ToRequest = ([price]) => ({ command: "reanchor", price });
const clearGate: ToRequest = ([gate]) => ({ command: "clearGate", gate });
const kill: ToRequest = (_words, { flatten }) => ({ command: "kill", flatten: flatten === true });

function legOf(leg: string | undefined, allowed: readonly string[]): string {
  if (leg !== undefined && allowed.includes(leg)) return leg;
  throw usageError(`--leg ${leg ?? "nothing"} is not allowed; give ${allowed.join(", ")}`);
}

/** Options every command at the door has. */
function atDoor(command: Command): Command {
  return command
    .option("--data-dir <folder>", "folder of up's journals, or of the bot itself", "./data")
    .option("--bot <name>", "which bot, where several run")
    .option("--json", "one JSON document");
}

function signed(command: Command): Command {
  return atDoor(command)
    .requiredOption("--reason <text>", "why; it is journaled")
    .option("--by <name>", "who says it", process.env["USER"] ?? "operator");
}

function query(
  bot: Command,
  name: string,
  { text, words }: { text: string; words: (answer: unknown) => string },
): void {
  atDoor(bot.command(name))
    .description(text)
    .addHelpText("after", `\nExample:\n  opensqt bot ${name}`)
    .action(async (flags: BotFlags) => {
      const { answer } = await ask(await findBot(flags), { query: name });
      if (flags.json === true) printJson(answer);
      else print(words(answer));
    });
}

function change(bot: Command, usage: string, { text, to }: { text: string; to: ToRequest }): Command {
  return action(signed(bot.command(usage)), usage, { text, to });
}

function action(command: Command, usage: string, { text, to }: { text: string; to: ToRequest }): Command {
  const shown = usage.replace("<quantity>", "0.004").replace("<price>", "61800").replace("<gate>", "stray");
  const leg = usage.startsWith("write-off") ? " --leg L" : "";
  return command
    .description(text)
    .addHelpText("after", `\nExample:\n  opensqt bot ${shown}${leg} --reason "maintenance"`)
    .action(async (...given: readonly unknown[]) => {
      const words = given.filter((one): one is string => typeof one === "string");
      const flags = given[words.length] as BotFlags;
      const request = to(words, flags);
      await tell(await findBot(flags), { ...request, by: flags.by, reason: flags.reason }, flags);
    });
}

function acceptCommand(bot: Command): Command {
  const accept = signed(bot.createCommand("accept")).copyInheritedSettings(bot);
  const what = { text: "take the exchange's position as true", to: named("reconcileAccept") };
  return action(accept, "reconcile accept", what);
}

function configChange(bot: Command, name: "update" | "relattice", text: string): void {
  signed(bot.command(name))
    .description(text)
    .argument("<file>", "the new configuration")
    .option("--dry-run", "show what would change, and the preview; change nothing")
    .option("--yes", "do not ask")
    .addHelpText("after", `\nExample:\n  opensqt bot ${name} grid.yaml --dry-run --reason "wider gap"`)
    .action(async (file: string, flags: BotFlags) => {
      const door = await findBot(flags);
      const { changeConfig } = await import("../bot-change.ts");
      const config = await changeConfig(door, name, { file, ...flags });
      if (config !== null) await tell(door, { command: name, config, by: flags.by, reason: flags.reason }, flags);
    });
}

async function tell(door: OpenDoor, request: Request, flags: BotFlags): Promise<void> {
  const { seq, notes = [] } = await ask(door, request);
  if (flags.json === true) {
    printJson({ bot: door.bot, seq: seq ?? null, notes });
    return;
  }
  print(`${door.bot}: journaled as event ${seq ?? "?"}`);
  for (const text of notes) note(text);
}
