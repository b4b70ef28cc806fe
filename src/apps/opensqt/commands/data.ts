// `opensqt data check | prepare | export | download`: options and words; the work is src/data/commands.ts.

import { Argument, type Command } from "commander";
import type { DataCommandOptions } from "../../../data/commands.ts";
import type { DownloadKind } from "../../../data/download/row.ts";
import type { LoadProgress } from "../../../data/loaded.ts";
import type { DownloadFlags } from "../download-run.ts";
import { printJson, printJsonError } from "../output.ts";
import { progressBar } from "../progress-bar.ts";

interface DataFlags {
  readonly accept?: readonly string[];
  readonly symbol?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly columns?: string;
  readonly timeZone?: string;
  readonly sort?: true;
  readonly quiet?: true;
  readonly json?: true;
}

interface CheckFlags extends DataFlags {
  readonly strict?: true;
}

interface WriteFlags extends DataFlags {
  readonly out: string;
  readonly format: string;
}

export function register(program: Command): void {
  const data = program.command("data").description("check, prepare, export and download market data");
  withDataOptions(data.command("check"))
    .description("look at files before anything is simulated on them: a table of findings")
    .argument("<file...>", "frames, candle, trade or funding CSV, or a prepared .osq; plain, gzip or zip")
    .option("--strict", "no warning either")
    .addHelpText(
      "after",
      "\nExample:\n  opensqt data check ../shared/data/ticks/binance-usdm-btcusdt_20240808.gz\n\nExit 0 when nothing is refused, else 4; 3 for a file that cannot be read.",
    )
    .action(check);
  withDataOptions(data.command("prepare"))
    .description("write one columnar file, with the hashes of its sources and its findings; loads many times faster")
    .argument("<file...>", "files that continue one another")
    .requiredOption("--out <file>", "where to write, such as data/usdm.osq")
    .addHelpText("after", "\nExample:\n  opensqt data prepare capture.gz --out data/usdm.osq")
    .action(prepare);
  withDataOptions(data.command("export"))
    .description("write the trades as data.binance.vision publishes them")
    .argument("<file...>", "recorded data")
    .requiredOption("--out <file>", "where to write")
    .option("--format <name>", "aggtrades", "aggtrades")
    .addHelpText("after", "\nExample:\n  opensqt data export capture.gz --format aggtrades --out trades.csv")
    .action(exportTrades);
  registerDownload(data);
}

function registerDownload(data: Command): void {
  data
    .command("download")
    .description("fetch history from an exchange through ccxt; what is there already is not fetched again")
    .addArgument(new Argument("<kind>", "what to fetch").choices(["candles", "trades", "funding"]))
    .requiredOption("--exchange <name>", "binance, okx, bybit, gate, bitget, or another name of ccxt's list")
    .requiredOption("--symbol <symbol>", "BTC/USDT (spot) or BTC/USDT:USDT (perpetual)")
    .requiredOption("--from <date>", "first day or instant, UTC: 2024-08-01 or 2024-08-01T12:00:00Z")
    .option("--to <date>", "end, not included (default: now)")
    .option("--out <file>", "where to write; .gz packs it (default: ./data/EXCHANGE-SYMBOL-KIND.csv.gz)")
    .option("--endpoint <url>", "an emulator instead of the exchange, such as http://127.0.0.1:19101")
    .option("--quiet", "no progress")
    .option("--json", "one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt data download candles --exchange binance --symbol BTC/USDT:USDT --from 2024-08-01 --to 2024-09-01" +
        "\n  opensqt data download funding --exchange bybit --symbol ETH/USDT:USDT --from 2024-01-01 --out eth.csv" +
        "\n\nCtrl-C stops it; the same command goes on where it was. Exit 5 where the exchange cannot be reached.",
    )
    .action(async (kind: DownloadKind, flags: DownloadFlags) =>
      (await import("../download-run.ts")).runDownload(kind, flags),
    );
}

function withDataOptions(command: Command): Command {
  return command
    .option("--accept <finding...>", "go on although this finding refuses")
    .option("--symbol <symbol>", "what the files are of, such as BTC/USDT:USDT")
    .option("--tick <step>", "price step, where the rules are not known")
    .option("--lot <step>", "quantity step")
    .option("--columns <names>", "candle columns in the file's order, for a file without our header")
    .option("--time-zone <zone>", "zone of a funding file's dates: UTC, +03:00")
    .option("--sort", "sort a trade file by id")
    .option("--quiet", "no progress")
    .option("--json", "one JSON document");
}

async function check(files: readonly string[], flags: CheckFlags): Promise<void> {
  const { dataCheck } = await import("../../../data/commands.ts");
  const strict = flags.strict === true ? { strict: true } : {};
  await speak(flags, (given, port) => dataCheck({ ...given, files, ...strict }, port));
}

async function prepare(files: readonly string[], flags: WriteFlags): Promise<void> {
  const { dataPrepare } = await import("../../../data/commands.ts");
  await speak(flags, (given, port) => dataPrepare({ ...given, files, out: flags.out }, port));
}

async function exportTrades(files: readonly string[], flags: WriteFlags): Promise<void> {
  const { dataExport } = await import("../../../data/commands.ts");
  const { out, format } = flags;
  await speak(flags, (given, port) => dataExport({ ...given, files, out, format }, port));
}

type Given = Omit<DataCommandOptions, "files">;
type Port = { out(text: string): void; err(text: string): void };

/** Runs a command of data/ with a progress bar, and gives what it says the form every command has. */
async function speak(flags: DataFlags, work: (given: Given, port: Port) => Promise<number>): Promise<void> {
  const bar = progressBar("reading", "bytes", flags);
  const said: string[] = [];
  const errors: string[] = [];
  const onProgress = ({ bytesDone, bytesTotal }: LoadProgress): void =>
    bar.update({ done: bytesDone, total: bytesTotal, simulatedUs: null, equity: null });
  const port = { out: (text: string) => void said.push(text), err: (text: string) => void errors.push(text) };
  const code = await work({ ...given(flags), onProgress }, port);
  bar.stop();
  process.exitCode = code;
  if (flags.json === true) sayJson(said.join(""), errors.join(""));
  else process.stdout.write(said.join(""));
  if (errors.length > 0) process.stderr.write(code === 0 ? errors.join("") : `opensqt: ${errors.join("")}`);
}

function given({ accept, symbol, tick, lot, columns, timeZone, sort, json }: DataFlags): Given {
  const all = {
    accept,
    symbol,
    tickSize: tick,
    lotSize: lot,
    columns: columns?.split(",").map((name) => name.trim()),
    timeZone,
    sort,
    json,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** The document of data/ inside the envelope of all commands (OPS-11). */
function sayJson(text: string, errors: string): void {
  const document: { ok?: boolean; error?: { code: string; message: string } } = text === "" ? {} : JSON.parse(text);
  const { ok, error, ...data } = document;
  if (error !== undefined) printJsonError({ ...error, hint: "" });
  else if (text === "") printJsonError({ code: "failed", message: errors.trim(), hint: "" });
  else printJson(data, ok ?? true);
}
