// What `opensqt data download` does: opens an exchange's history, fetches what the file lacks, and shows how far it is.

import { dirname } from "node:path";
import { PacedClock } from "../../base/paced-clock.ts";
import { SYMBOL } from "../../config/instruments.ts";
import { makeFolder } from "../../config/make-folder.ts";
import { download } from "../../data/download/download.ts";
import type { DownloadResult } from "../../data/download/part-file.ts";
import type { DownloadKind } from "../../data/download/row.ts";
import { openHistory } from "../../exchange/ccxt/history.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { openLog } from "../../observe/log.ts";
import { signalCode } from "./exit-codes.ts";
import { note, print, printJson, usageError } from "./output.ts";
import { progressBar } from "./progress-bar.ts";

export interface DownloadFlags {
  readonly exchange: string;
  readonly symbol: string;
  readonly from: string;
  readonly to?: string;
  readonly out?: string;
  readonly endpoint?: string;
  readonly quiet?: true;
  readonly json?: true;
}

/** Exit 130 when Ctrl-C stopped it; what is there is kept. Errors: usage, those of the exchange and of the disk. */
export async function runDownload(kind: DownloadKind, flags: DownloadFlags): Promise<void> {
  const { exchange, symbol } = flags;
  if (!SYMBOL.test(symbol)) throw usageError(`--symbol ${symbol} is not allowed; give BTC/USDT or BTC/USDT:USDT`);
  const market = symbol.includes(":") ? "perpetual" : "spot";
  if (kind === "funding" && market === "spot") throw usageError("funding is of perpetuals; give BTC/USDT:USDT");
  const fromMs = timeOf("--from", flags.from);
  const toMs = flags.to === undefined ? Date.now() : timeOf("--to", flags.to);
  if (toMs <= fromMs) throw usageError(`--to ${flags.to} is not after --from ${flags.from}`);
  const out = flags.out ?? `./data/${exchange}-${symbol.replaceAll(/[/:]/g, "-")}-${kind}.csv.gz`;
  makeFolder(dirname(out));
  const log = openLog({ process: "download", level: "error" });
  const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
  const history = await openHistory({
    exchange,
    market,
    symbol,
    kind,
    clock,
    log,
    endpoints: endpointsOf(flags.endpoint),
  });
  const interrupt = { asked: false };
  const ask = (): void => {
    interrupt.asked = true;
  };
  process.once("SIGINT", ask);
  const bar = progressBar(`${kind} of ${symbol}`, "ms of history", flags);
  try {
    const result = await download({
      kind,
      out,
      fromMs,
      toMs,
      page: history.page,
      stopped: () => interrupt.asked,
      onProgress: ({ atMs }) =>
        bar.update({ done: atMs - fromMs, total: toMs - fromMs, simulatedUs: atMs * 1000, equity: null }),
    });
    bar.stop();
    say(result, out, flags);
  } finally {
    bar.stop();
    process.removeListener("SIGINT", ask);
    await history.close();
    log.close();
  }
}

function say(result: DownloadResult, out: string, { json }: DownloadFlags): void {
  const { rows, fetched, complete } = result;
  if (!complete) process.exitCode = signalCode("SIGINT");
  if (json === true) {
    printJson({ out, ...result }, complete);
    return;
  }
  if (complete) print(`${out}: ${rows} rows, ${fetched} of them fetched now`);
  else note(`stopped: ${rows} rows are kept in ${out}.part; the same command goes on from there`);
}

const endpointsOf = (endpoint: string | undefined): { readonly rest: string; readonly websocket: string } | null =>
  endpoint === undefined ? null : { rest: endpoint, websocket: endpoint.replace(/^http/, "ws") };

/** Unix ms of a day or an instant in UTC. Errors: usage. */
function timeOf(flag: string, text: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(text);
  const atMs = day || instant ? Date.parse(day ? `${text}T00:00:00Z` : text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw usageError(`${flag} ${text} is no date; give 2024-08-01, or 2024-08-01T12:00:00Z in UTC`);
}
