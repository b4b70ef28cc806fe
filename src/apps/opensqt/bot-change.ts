// Configurations for a running market-maker, shown before they are sent: the server compares, previews and checks; here
// it is printed, asked about and sent (OPS-09). A configuration changed meanwhile is not overwritten.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { renderProblems } from "../../config/problem.ts";
import type { BotDraft } from "../../config/process/bot-draft.ts";
import { readBotText } from "../../config/process/draft.ts";
import type { ConfigChange, ConfigError, PreviewBotResponse } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { botMeant, type Engine, type EngineFlags, withEngine } from "./engine/connect.ts";
import { decimalOf, legWord, type Plain, plainBot, sideWord } from "./engine/plain.ts";
import { listText, tableText } from "./engine/words.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, usageError } from "./output.ts";

export interface ChangeFlags extends EngineFlags {
  readonly bot?: string;
  readonly reason: string;
  readonly dryRun?: true;
  readonly yes?: true;
}

const CLASSES: Readonly<Record<string, string>> = {
  live: "live: takes effect at once",
  drain: "drain: entries end first, lots are kept",
  restart: "restart: a key of the process",
  flat: "flat: needs a bot without position and orders",
};

/** What is asked and sent: with `dryRun` the server changes nothing. */
type Call = (dryRun: boolean) => Promise<{
  readonly diff: readonly ConfigChange[];
  readonly errors: readonly ConfigError[];
  readonly bot?: Parameters<typeof plainBot>[0] | undefined;
}>;

export async function addBot(file: string, flags: ChangeFlags): Promise<void> {
  const { id: botId, text: config } = read(file);
  const { reason } = flags;
  await withEngine(flags, async (engine) => {
    const call: Call = async (dryRun) => {
      if (dryRun) return await engine.bots.createBot({ botId, config, reason, dryRun });
      // created and started as one: it goes on though this process, or the market-maker, ends in between
      await engine.bots.sendCommand({ botId, name: "add", args: { config }, reason });
      const { bots } = await engine.bots.listBots({});
      return { diff: [], errors: [], bot: bots.find((one) => one.botId === botId) };
    };
    await shownAndSent(engine, { verb: "Add", what: botId, config, file, call }, flags);
  });
}

/** Live keys take effect at once; those of the lattice drain its entries first and keep its lots. */
export async function updateBot(file: string, flags: ChangeFlags): Promise<void> {
  const { id: botId, text: config } = read(file);
  const { reason } = flags;
  await withEngine(flags, async (engine) => {
    const { bot } = await engine.bots.getBot({ botId });
    const revision = bot?.revision ?? 0;
    const call: Call = (dryRun) => engine.bots.updateBot({ botId, config, revision, reason, dryRun });
    await shownAndSent(engine, { verb: "Change", what: botId, config, file, call }, flags);
  });
}

export async function removeBot(flags: ChangeFlags): Promise<void> {
  const { reason } = flags;
  await withEngine(flags, async (engine) => {
    const botId = await botMeant(engine, flags.bot);
    const call: Call = (dryRun) => engine.bots.deleteBot({ botId, reason, dryRun });
    await shownAndSent(engine, { verb: "Remove", what: botId, config: null, file: "", call }, flags);
  });
}

interface Shown {
  readonly verb: string;
  readonly what: string;
  readonly config: string | null;
  readonly file: string;
  readonly call: Call;
}

/** Errors: CommandError 3 bad file, 4 refused by the preview, 2 nobody said yes. */
async function shownAndSent(engine: Engine, shown: Shown, flags: ChangeFlags): Promise<boolean> {
  const { diff, errors } = await shown.call(true);
  if (errors.length > 0)
    throw new CommandError(EXIT_CODES.refused, errors.map((error) => errorLine(shown.file, error)).join("\n"));
  // a running bot is judged on its own book and position, a new one on the exchange's
  const botId = shown.verb === "Change" ? shown.what : "";
  const preview = shown.config === null ? null : await engine.bots.previewBot({ botId, config: shown.config });
  const failed = preview?.findings.filter(({ passed }) => !passed) ?? [];
  if (flags.json !== true) {
    note(diff.length === 0 ? "nothing of its configuration changes" : diff.map(changeLine).join("\n"));
    if (preview !== null) note(`\n${previewText(preview)}\n`);
  }
  if (failed.length > 0) {
    throw new CommandError(
      EXIT_CODES.checkFailed,
      `the bot would not start: ${failed.map(({ text }) => text).join("; ")}`,
    );
  }
  if (flags.dryRun === true) {
    if (flags.json === true) printJson({ changes: diff, preview: preview === null ? null : plainPreview(preview) });
    else print("dry run: nothing was changed");
    return false;
  }
  await assertYes(flags, `${shown.verb} ${shown.what}`);
  const { bot } = await shown.call(false);
  const data: Plain = bot === undefined ? { bot: shown.what } : plainBot(bot);
  if (flags.json === true) printJson(data);
  else print(`${String(data["bot"])}: journaled${bot === undefined ? "" : `, revision ${bot.revision}`}`);
  return true;
}

export const changeLine = ({ key, old, new: now, change }: ConfigChange): string =>
  `${key}: ${old === "" ? "none" : old} → ${now === "" ? "none" : now}  (${CLASSES[change] ?? change})`;

export const errorLine = (file: string, { line, key, message }: ConfigError): string =>
  [line > 0 ? `${file}:${line}` : file, key, message].filter((part) => part !== "").join(" ");

function plainPreview({ orders, skipped, totals, findings }: PreviewBotResponse): Plain {
  return {
    orders: orders.map((order) => ({
      leg: legWord(order.leg),
      slot: order.slot,
      side: sideWord(order.side),
      price: decimalOf(order.price),
      quantity: decimalOf(order.quantity),
      value: decimalOf(order.value),
      exit: decimalOf(order.exitPrice),
      net: decimalOf(order.netProfit),
    })),
    skipped,
    totals: {
      windowValue: decimalOf(totals?.windowValue),
      capital: decimalOf(totals?.capitalFull),
      breakEvenTicks: totals?.breakEvenTicks ?? null,
      gapTicks: totals?.gapTicks ?? null,
      worstLoss: decimalOf(totals?.worstLoss),
      stressPrice: decimalOf(totals?.stressPrice),
    },
    findings: findings.map(({ code, passed, text, fix }) => ({ code, passed, text, fix })),
  };
}

function previewText(preview: PreviewBotResponse): string {
  const plain = plainPreview(preview);
  const right = { right: true } as const;
  const columns = [
    { name: "leg" },
    { name: "slot", ...right },
    { name: "side" },
    { name: "price", ...right },
    { name: "quantity", ...right },
    { name: "value", ...right },
    { name: "exit", ...right },
    { name: "net", title: "net a cycle", ...right },
  ];
  const orders = tableText(plain["orders"] as readonly Plain[], columns, "no order now");
  return `${orders}\n\n${listText(plain["totals"] as Plain)}`;
}

/** The file's one bot, its variables expanded here: what is sent holds no name of this environment. */
function read(file: string): BotDraft {
  const given = loadText(file);
  const draft = readBotText(given, { file, environment: process.env });
  if (!draft.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(draft.error));
  for (const warning of draft.value.warnings) note(warning);
  return draft.value;
}

function loadText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(EXIT_CODES.refused, `${file} cannot be read: ${why}`);
  }
}

/** Errors: CommandError 2 where nobody says yes; `otherwise` is what can be done without. */
export async function assertYes(
  { yes, json }: Pick<ChangeFlags, "yes" | "json">,
  what: string,
  otherwise = "--dry-run to only look",
): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY || json === true) {
    throw usageError(`nobody is here to ask: give --yes, or ${otherwise}`);
  }
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const said = await asked.question(`${what}? [y/N] `);
  asked.close();
  if (!/^y(es)?$/i.test(said.trim())) throw usageError("nothing was changed");
}
