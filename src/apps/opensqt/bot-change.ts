// A new configuration for a running bot, shown before it is sent: which keys differ, of which class (OPS-09), and what the
// grid would do with it now.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { encodeCanonical } from "../../base/canonical.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { type BotSettings, readSettings } from "../../host/settings.ts";
import { asGridConfig, changedKeys } from "../../strategy/grid/config-change.ts";
import type { ChangeClass } from "../../strategy/grid/keys.ts";
import { preview } from "../../strategy/grid/preview.ts";
import { renderPreview } from "../../terminal/preview.ts";
import { read } from "./backtest-inputs.ts";
import { ask, type OpenDoor } from "./bot-door.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, terminalWidth, usageError } from "./output.ts";

export interface ChangeFlags {
  readonly file: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

interface ShownChange {
  readonly key: string;
  readonly change: ChangeClass;
  readonly from: string;
  readonly to: string;
}

const CLASSES: { readonly [change in ChangeClass]: string } = {
  live: "live: takes effect at once",
  drain: "drain: needs relattice; entries end first, lots are kept",
  flat: "flat: needs a bot without position and orders",
};

/** The text to send, or null for a dry run. Errors: CommandError 3 bad file, 4 refused by the preview, 2 nobody said yes. */
export async function changeConfig(
  door: OpenDoor,
  name: "update" | "relattice",
  flags: ChangeFlags,
): Promise<string | null> {
  const config = read({ path: flags.file });
  const { answer } = await ask(door, { query: "settings" });
  const settings = readSettings(answer);
  if (settings === null) throw new CommandError(EXIT_CODES.unreachable, `${door.bot} did not tell its settings`);
  const changes = changesOf(settings, config);
  const report = previewOf(settings, config);
  if (flags.json !== true) {
    note(changes.length === 0 ? "nothing changes" : changes.map(line).join("\n"));
    if (report !== null) note(`\n${renderPreview(report, { width: terminalWidth() })}\n`);
  }
  if (report !== null && report.refusals.length > 0) {
    throw new CommandError(EXIT_CODES.checkFailed, `the grid would not start: ${report.refusals.join("; ")}`);
  }
  const wrong = name === "update" ? changes.filter(({ change }) => change !== "live") : [];
  if (wrong.length > 0) {
    const keys = wrong.map(({ key, change }) => `${key} (${change})`).join(", ");
    throw new CommandError(EXIT_CODES.refused, `update takes live keys only, and these differ: ${keys}; see relattice`);
  }
  if (flags.dryRun === true) {
    if (flags.json === true) printJson({ bot: door.bot, changes, preview: report });
    else print("dry run: nothing was sent");
    return null;
  }
  await assertYes(flags, door);
  return readFileSync(flags.file, "utf8");
}

const line = ({ key, from, to, change }: ShownChange): string => `${key}: ${from} → ${to}  (${CLASSES[change]})`;

/** Keys of grid and risk that differ, with their values in the integers of the core. */
function changesOf(settings: BotSettings, { bot }: LoadedConfig): readonly ShownChange[] {
  const before = asGridConfig(settings.config?.strategyConfig);
  const shown: ShownChange[] = [];
  if (before !== null) {
    for (const { key, change } of changedKeys(before, bot.grid)) {
      const field = key as keyof typeof before;
      shown.push({ key: `grid.${key}`, change, from: valueText(before[field]), to: valueText(bot.grid[field]) });
    }
  }
  const old = fieldsOf(settings.config?.risk);
  for (const [key, value] of Object.entries(bot.risk)) {
    if (encodeCanonical(old[key] ?? null) === encodeCanonical(value)) continue;
    shown.push({ key: `risk.${key}`, change: "live", from: valueText(old[key]), to: valueText(value) });
  }
  return shown;
}

const fieldsOf = (value: unknown): { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null ? { ...value } : {};

function valueText(value: unknown): string {
  if (value === undefined || value === null) return "none";
  return typeof value === "string" ? value : encodeCanonical(value);
}

/** What the grid would do with it on the bot's own book; null while it has none. */
function previewOf(settings: BotSettings, { bot }: LoadedConfig): ReturnType<typeof preview> | null {
  const { instrument, bid, ask: offer, quoteAvailable } = settings;
  if (instrument === null || bid === null || offer === null || quoteAvailable === null) return null;
  const { priceBandBps, priceBandFarBps, openOrdersMax } = bot.risk;
  return preview({ ...bot.grid, adoptPosition: "ignore" }, instrument, {
    book: { bid, ask: offer },
    account: {
      quoteAvailable,
      leverage: instrument.leverage,
      position: settings.position,
      positionEntry: null,
      priceBandBps,
      priceBandFarBps,
      openOrdersLimit: openOrdersMax,
    },
  });
}

async function assertYes({ yes, json }: ChangeFlags, door: OpenDoor): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY || json === true) {
    throw usageError("nobody is here to ask: give --yes, or --dry-run to only look");
  }
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const said = await asked.question(`Change ${door.bot}? [y/N] `);
  asked.close();
  if (!/^y(es)?$/i.test(said.trim())) throw usageError("nothing was changed");
}
