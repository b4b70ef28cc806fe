// What `opensqt config apply` does: the bots of a file made those of a running market-maker. Everything is checked and
// shown first; a bot that is refused stops all before anything is changed (OPS-09, OPS-10). Bots the file does not
// name stay.

import { renderProblems } from "../../config/load.ts";
import type { BotDraft } from "../../config/process/bot-draft.ts";
import type { ConfigChange } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { assertYes, type ChangeFlags, changeLine, errorLine } from "./bot-change.ts";
import { botsOf } from "./config-diff.ts";
import { kindFor, sourceOrExample } from "./config-run.ts";
import { type Engine, withEngine } from "./engine/connect.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson } from "./output.ts";

interface Planned {
  readonly draft: BotDraft;
  /** Null: a new bot. */
  readonly revision: number | null;
  readonly diff: readonly ConfigChange[];
}

/** Errors: CommandError 3 for a refused file or bot, 4 where a bot would not start, 2 where nobody says yes, 5. */
export async function apply(file: string | undefined, flags: ChangeFlags): Promise<void> {
  const drafts = draftsOf(file);
  await withEngine(flags, async (engine) => {
    const { bots } = await engine.bots.listBots({});
    const planned: Planned[] = [];
    for (const draft of drafts) {
      const running = bots.find(({ botId }) => botId === draft.id);
      const plan = await planOf(engine, draft, { revision: running?.revision ?? null, reason: flags.reason });
      if (plan.revision === null || plan.diff.length > 0) planned.push(plan);
    }
    const others = bots.map(({ botId }) => botId).filter((id) => !drafts.some((draft) => draft.id === id));
    for (const id of others) note(`${id} is not in the file and stays as it is; opensqt bot remove ends it`);
    for (const plan of planned) note(linesOf(plan).join("\n"));
    if (planned.length > 0 && flags.dryRun !== true) {
      await assertYes(flags, `Change ${planned.map(({ draft }) => draft.id).join(", ")}`);
      for (const plan of planned) await send(engine, plan, flags.reason);
    }
    said(planned, flags);
  });
}

function draftsOf(file: string | undefined): readonly BotDraft[] {
  const source = sourceOrExample(file);
  const loaded = kindFor(source, {}).load(source, { environment: process.env });
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const drafts = botsOf(loaded.value);
  if (drafts.length === 0) throw new CommandError(EXIT_CODES.refused, `${loaded.value.file} names no bots`);
  return drafts;
}

/** Checked by the engine, nothing changed. */
async function planOf(
  engine: Engine,
  draft: BotDraft,
  { revision, reason }: { readonly revision: number | null; readonly reason: string },
): Promise<Planned> {
  const request = { botId: draft.id, config: draft.text, reason, dryRun: true };
  const { diff, errors } =
    revision === null ? await engine.bots.createBot(request) : await engine.bots.updateBot({ ...request, revision });
  if (errors.length > 0) {
    const text = errors.map((error) => errorLine(draft.id, { ...error, line: 0 })).join("\n");
    throw new CommandError(EXIT_CODES.refused, text, "Nothing was changed.");
  }
  if (revision !== null && diff.length === 0) return { draft, revision, diff };
  // a running bot is judged on its own book and position
  const botId = revision === null ? "" : draft.id;
  const { findings } = await engine.bots.previewBot({ botId, config: draft.text });
  const failed = findings.filter(({ passed }) => !passed);
  if (failed.length === 0) return { draft, revision, diff };
  const why = failed.map(({ text }) => text).join("; ");
  throw new CommandError(EXIT_CODES.checkFailed, `${draft.id} would not start: ${why}`, "Nothing was changed.");
}

async function send(engine: Engine, { draft, revision }: Planned, reason: string): Promise<void> {
  const request = { botId: draft.id, config: draft.text, reason };
  if (revision !== null) await engine.bots.updateBot({ ...request, revision });
  // created and started as one: it goes on though this process, or the market-maker, ends in between
  else await engine.bots.sendCommand({ botId: draft.id, name: "add", args: { config: draft.text }, reason });
}

function linesOf({ draft, revision, diff }: Planned): readonly string[] {
  if (revision === null) return [`${draft.id}: a new bot on ${draft.symbol}`];
  return diff.map((change) => `${draft.id} ${changeLine(change)}`);
}

function said(planned: readonly Planned[], { json, dryRun }: ChangeFlags): void {
  const changed = planned.map(({ draft, revision, diff }) => ({ bot: draft.id, added: revision === null, diff }));
  if (json === true) printJson({ applied: dryRun !== true, bots: changed });
  else if (planned.length === 0) print("nothing differs");
  else
    print(
      dryRun === true
        ? "dry run: nothing was changed"
        : `${planned.map(({ draft }) => draft.id).join(", ")}: journaled`,
    );
}
