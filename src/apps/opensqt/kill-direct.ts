// `opensqt kill --direct`: the kill switch when no engine answers, through the connector alone, with the evidence
// printed (RISK-23). The bots are those of the register in the data folder.

import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { RemotePort } from "../../exchange/remote.ts";
import { openRemoteConnection, type RemoteConnection, RemoteError } from "../../exchange/remote-connection.ts";
import { type DirectReport, killDirectly } from "../../host/account/direct-kill.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { JOURNAL_FILE, openJournalReader } from "../../journal/reader.ts";
import type { BotRecord } from "../../journal/registry-rows.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { botFolders } from "./bot-folders.ts";
import { keyOf } from "./engine/key-file.ts";
import { asCommandError } from "./engine/refusals.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, note, print, printJson, usageError } from "./output.ts";
import { registeredBots } from "./registered.ts";
import { readRunFile } from "./run-file.ts";

export interface DirectFlags {
  readonly dataDir: string;
  readonly bot?: string;
  readonly flatten?: true;
  readonly connector?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly json?: true;
}

/** Exit code 12 where own orders could not be proved gone. Errors: CommandError 2, 3, 5, 9. */
export async function killDirect(flags: DirectFlags): Promise<void> {
  const bots = botsMeant(flags);
  const { address, key, ca } = connectorOf(flags);
  const connection = await openRemoteConnection({
    address,
    key,
    tls: ca === null ? null : { ca, cert: null, key: null, serverName: null },
    machine: MONOTONIC_CLOCK,
    attemptMs: 3_000,
    // a person waits: one attempt tells enough
    signal: AbortSignal.abort(),
  }).catch((error: unknown): never => {
    if (error instanceof RemoteError) throw new CommandError(EXIT_CODES.unreachable, error.message);
    throw asCommandError(error, address);
  });
  try {
    // at once: no bot's orders wait for another's position to be closed, nor stay because another's could not be asked
    const ends = await Promise.allSettled(bots.map((bot) => killOne(connection, bot, flags)));
    const reports = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    if (reports.length > 0) tell(reports, flags);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw asCommandError(failed.reason, address);
  } finally {
    await connection.close();
  }
}

/** Whoever may not cancel may do nothing else. */
const FINAL: ReadonlySet<string> = new Set(["PERMISSION_DENIED", "UNAUTHENTICATED", "INVALID_ARGUMENT"]);

async function killOne(connection: RemoteConnection, bot: BotRecord, flags: DirectFlags): Promise<DirectReport> {
  const [symbol = ""] = bot.instruments;
  const epoch = lastEpoch(flags.dataDir, bot.id);
  const port = new RemotePort(connection, { botId: bot.id, tag: bot.tag, epoch: () => epoch });
  try {
    return await killDirectly({
      bot: { id: bot.id, tag: bot.tag, symbol },
      port,
      cancelTag: async (tag) => {
        const { cancelled, left } = await connection.client.emergencyCancel({ exchange: connection.exchange, tag });
        return { cancelled, left: left.length };
      },
      isFinal: (error) => FINAL.has(refusalOf(error).status),
      flatten: flags.flatten === true,
      clock: connection.clock,
      pause: (ms) => wait(ms),
      say: flags.json === true ? () => undefined : print,
    });
  } finally {
    port.close();
  }
}

function tell(reports: readonly DirectReport[], flags: DirectFlags): void {
  const proven = reports.every((report) => report.proven);
  const flat = flags.flatten !== true || reports.every((report) => report.flat);
  if (flags.json === true) printJson({ bots: reports }, proven && flat);
  else {
    for (const { bot, ordersLeft, streamOpen, position, note: why, proven: sure, tookMs } of reports) {
      const left = ordersLeft.length === 0 ? "no own order left" : `left: ${ordersLeft.join(", ")}`;
      const stream = streamOpen === null ? "the stream said nothing of them" : `${streamOpen} open by the stream`;
      const held = position === null ? "" : `, position ${position}`;
      const more = why === "" ? "" : ` (${why})`;
      print(`${bot}: ${sure ? "proven" : "NOT PROVEN"}, ${left}, ${stream}${held}${more} (${tookMs} ms)`);
    }
    note("The engine knows nothing of this: when it starts again it trades. Once it answers: opensqt kill");
  }
  if (!proven || !flat) process.exitCode = EXIT_CODES.ordersRemain;
}

function botsMeant({ dataDir, bot }: DirectFlags): readonly BotRecord[] {
  const known = registeredBots(resolve(dataDir));
  if (known === null || known.length === 0) {
    const hint = "Name the data folder of the market-maker with --data-dir.";
    throw new CommandError(EXIT_CODES.refused, `there is no register of bots in ${dataDir}`, hint);
  }
  if (bot === undefined) return known;
  const named = known.filter(({ id }) => id === bot);
  if (named.length > 0) return named;
  throw usageError(`there is no bot ${bot}; there are ${known.map(({ id }) => id).join(", ")}`);
}

function connectorOf({ connector, keyFile, ca, dataDir }: DirectFlags): {
  readonly address: string;
  readonly key: string | null;
  readonly ca: string | null;
} {
  if (connector !== undefined) {
    return {
      address: connector,
      key: keyFile === undefined ? null : keyOf(keyFile),
      ca: ca === undefined ? null : resolve(ca),
    };
  }
  const run = readRunFile(resolve(dataDir));
  if (run !== null) return { address: run.connector.grpc, key: run.operatorKey, ca: null };
  const hint = "Name the connector with --connector HOST:PORT and its key with --key-file.";
  throw new CommandError(EXIT_CODES.unreachable, `no opensqt up has left its addresses in ${dataDir}`, hint);
}

/** Number of the bot's last run, which the connector's fence knows; 0 where its journal cannot be read. */
function lastEpoch(dataDir: string, id: string): number {
  const folder = botFolders(resolve(dataDir), JOURNAL_FILE).find((path) => path.endsWith(`/bots/${id}`));
  if (folder === undefined) return 0;
  try {
    const reader = openJournalReader(folder);
    try {
      return reader.meta.epoch;
    } finally {
      reader.close();
    }
  } catch {
    return 0;
  }
}
