// What is kept on the disk: journals of bots and the register of bots. Looked at beside a running bot, never changed.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { diffBotConfig } from "../../../config/process/bot-diff.ts";
import type { BotDraft } from "../../../config/process/bot-draft.ts";
import { readBotText } from "../../../config/process/draft.ts";
import { replayAny } from "../../../host/account/replay-any.ts";
import { JOURNAL_FILE, openJournalReader, type SqliteReader } from "../../../journal/reader.ts";
import type { BotRecord } from "../../../journal/registry-rows.ts";
import { botFolders } from "../bot-folders.ts";
import { registeredBots } from "../registered.ts";
import { type Check, type Finding, fine, hundredths, type Patient, skipped, stop, warn } from "./check.ts";

/** Records at the end of a journal whose chain is checked; `opensqt journal verify` checks them all. */
const TAIL = 20_000;
const COMMITS = 40;
/** Alert JournalSlow of operations.md section 6. */
const COMMIT_MS_MAX = 50;

export const STORE_CHECKS: readonly Check[] = [
  { area: "store", name: "journals", timeoutMs: 30_000, run: chains },
  { area: "store", name: "commits", timeoutMs: 10_000, run: (patient) => [commits(patient)] },
  {
    area: "store",
    name: "backup",
    timeoutMs: 1000,
    run: () => [skipped("none is made by itself: opensqt journal backup")],
  },
];

export const RECOVERY_CHECKS: readonly Check[] = [
  { area: "recovery", name: "replay", timeoutMs: 60_000, run: replays },
];

export const REGISTRY_CHECK: Check = { area: "configuration", name: "register", timeoutMs: 5000, run: registered };

const NOTHING = "nothing has run here yet";

function journals({ dataDir }: Patient): readonly string[] {
  return dataDir === null ? [] : botFolders(dataDir, JOURNAL_FILE);
}

function chains(patient: Patient): readonly Finding[] {
  const folders = journals(patient);
  if (folders.length === 0) return [skipped(NOTHING)];
  return folders.map((folder) =>
    looked(folder, (reader) => {
      const after = Math.max(0, reader.position - TAIL);
      const records = reader.verify(after);
      const { bot, epoch, lineage } = reader.meta;
      const part = after === 0 ? "the whole chain" : `the chain of the last ${records.toLocaleString("en-US")} records`;
      return fine(`${bot}: ${part} is good; epoch ${epoch}, lineage ${lineage}`);
    }),
  );
}

/** Newest snapshot and tail decided again, byte for byte. */
function replays(patient: Patient): readonly Finding[] {
  const folders = journals(patient);
  if (folders.length === 0) return [skipped(NOTHING)];
  return folders.map((folder) =>
    looked(folder, (reader) => {
      const range = { fromSeq: Math.max(1, reader.seq), toSeq: reader.seq };
      const report = replayAny(reader, range);
      const tail = report.events.toLocaleString("en-US");
      return fine(`${reader.meta.bot}: ${tail} events after the newest snapshot decide the same again`);
    }),
  );
}

function looked(folder: string, look: (reader: SqliteReader) => Finding): Finding {
  try {
    const reader = openJournalReader(folder);
    try {
      return look(reader);
    } finally {
      reader.close();
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return stop(`${folder}: ${text}`, `opensqt journal verify ${folder}`);
  }
}

/** Forty durable commits beside the journals, in a file that is removed again. */
function commits({ dataDir }: Patient): Finding {
  if (dataDir === null || !existsSync(dataDir)) return skipped(NOTHING);
  const folder = mkdtempSync(join(dataDir, ".doctor-"));
  try {
    const db = new DatabaseSync(join(folder, "probe.db"));
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE probe (at INTEGER)");
    const insert = db.prepare("INSERT INTO probe (at) VALUES (?)");
    const took: number[] = [];
    for (let index = 0; index < COMMITS; index += 1) {
      const startMs = performance.now();
      insert.run(index);
      took.push(performance.now() - startMs);
    }
    db.close();
    took.sort((a, b) => a - b);
    return commitFinding(took[Math.floor(COMMITS * 0.99)] ?? 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function commitFinding(p99Ms: number): Finding {
  const text = `a durable commit takes ${hundredths(p99Ms)} ms (p99 of ${COMMITS})`;
  return p99Ms > COMMIT_MS_MAX ? warn(text, "use a faster local disk; every order waits for a commit") : fine(text);
}

/** OPS-18: the register is the truth, and the file may say something else. */
function registered(patient: Patient): readonly Finding[] {
  const { dataDir, marketMaker } = patient;
  if (dataDir === null || marketMaker === null) return [skipped("this process hosts no bots")];
  const registered = registeredBots(dataDir);
  return registered === null ? [skipped(NOTHING)] : againstFile(registered, marketMaker.bots);
}

export function againstFile(records: readonly BotRecord[], drafts: readonly BotDraft[]): readonly Finding[] {
  const found = records.map((record): Finding => {
    const draft = drafts.find(({ id }) => id === record.id);
    if (draft === undefined) return warn(`${record.id} is registered and not in the file`, "opensqt config diff");
    const kept = readBotText(record.config);
    if (!kept.ok) return warn(`${record.id}: its registered text is refused by this release`, "opensqt config diff");
    const keys = diffBotConfig(kept.value.values, draft.values).map(({ key }) => key);
    if (keys.length === 0) return fine(`${record.id} is registered as the file says, revision ${record.revision}`);
    return warn(`${record.id}: file and register differ in ${keys.join(", ")}`, "opensqt config diff, then bot update");
  });
  const waiting = drafts.filter(({ id }) => !records.some((record) => record.id === id));
  return [...found, ...waiting.map(({ id }) => fine(`${id} is new: its first start registers it`))];
}
