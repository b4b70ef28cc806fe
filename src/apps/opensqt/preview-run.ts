// What `opensqt preview` does: every order each bot of a file would place now, offline (GRID-47…49).

import { renderProblems } from "../../config/load.ts";
import { loadUp } from "../../config/process/load-up.ts";
import { renderPreview } from "../../terminal/preview.ts";
import { sourceOrExample } from "./config-run.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, terminalWidth, usageError } from "./output.ts";
import { type Rehearsal, rehearse } from "./rehearsal.ts";

export interface PreviewFlags {
  readonly config?: string;
  readonly price?: string;
  readonly bot?: string;
  readonly json?: true;
}

/** Exit 4 when a bot would be refused. Errors: CommandError 2 and 3. */
export function showPreview(flags: PreviewFlags): void {
  const loaded = loadUp(sourceOrExample(flags.config), { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  for (const warning of loaded.value.warnings) note(warning);
  const { bots, simulated, exchange } = loaded.value;
  if (simulated === null || simulated.follow !== null) {
    const why = `${simulated?.follow?.exchange ?? exchange} tells its instruments only when it is asked`;
    const instead = "start the system, then look at its console's Setup, or at opensqt bot update FILE --dry-run";
    throw new CommandError(EXIT_CODES.refused, `no preview offline: ${why}: ${instead}`);
  }
  const meant = bots.filter(({ id }) => flags.bot === undefined || id === flags.bot);
  const names = bots.map(({ id }) => id).join(", ");
  if (meant.length === 0) throw usageError(`there is no bot ${flags.bot}; give one of ${names}`);
  if (flags.price !== undefined && meant.length > 1) throw usageError(`--price is for one bot; add --bot: ${names}`);
  const rehearsals = meant.map((bot) => rehearse(bot, simulated, flags.price ?? null));
  const refused = rehearsals.some(({ report }) => report.refusals.length > 0);
  if (flags.json === true) printJson(documentOf(rehearsals), !refused);
  else print(rehearsals.map((one) => textOf(one, rehearsals.length > 1)).join("\n\n"));
  if (refused) process.exitCode = EXIT_CODES.checkFailed;
}

/** One bot's report by itself, as ever; several by their ids. */
function documentOf(rehearsals: readonly Rehearsal[]): unknown {
  const [only, ...others] = rehearsals;
  if (only !== undefined && others.length === 0) return only.report;
  return { bots: rehearsals.map(({ bot, report }) => ({ bot: bot.id, ...report })) };
}

function textOf({ bot, report }: Rehearsal, named: boolean): string {
  const text = renderPreview(report, { width: terminalWidth() });
  return named ? `${bot.id}\n${text}` : text;
}
