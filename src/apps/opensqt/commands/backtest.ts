// `opensqt backtest run`: its options. What they do is in backtest-run.ts.

import { type Command, Option } from "commander";
import type { BacktestOptions } from "../backtest-inputs.ts";

const EXAMPLES = `
Examples:
  opensqt backtest run --data ../shared/data/ticks/binance-usdm-btcusdt_20240808.gz
  opensqt backtest run --config grid.yaml --data data/usdm.osq --level L2 --queue power:3 --latency constant:5,10,10 --seed 1 --out runs/a
  opensqt backtest run --config grid.yaml --data candles.csv.gz --level L0 --path both
  opensqt backtest run --synthetic 1h

Without --config a plain grid is made for the data's instrument. Every option overrides the configuration's section
"backtest". Ctrl-C ends the run with a report marked partial (exit 130). Data that the check refuses stop the run
(exit 3) unless --accept names the finding.`;

export function register(program: Command): void {
  const backtest = program.command("backtest").description("run a configuration over recorded data");
  backtest
    .command("run")
    .description("run one bot over recorded data and write a report")
    .option("--config <file>", "configuration; without one a plain grid is made for the data")
    .option("--data <file...>", "recorded frames, candles, or a prepared .osq; several that continue one another")
    .addOption(
      new Option("--synthetic <time>", "the seeded synthetic market for so long, such as 90s, 30m, 2h, 7d").conflicts(
        "data",
      ),
    )
    .option("--level <level>", "L0 candles, L1 quotes, L2 depth, auto")
    .option("--path <path>", "L0: nearest, olhc, ohlc, or both for the band")
    .option("--rule <rule>", "L0: through, touch")
    .option("--volume-share-max <share>", "L0: our largest share of a candle's volume; 0 is no limit")
    .option("--queue <model>", "L1, L2: front, back, log, power:N")
    .option("--latency <model>", "zero, constant:FEED,ENTRY,RESPONSE in ms, recorded:FLOOR,ENTRY,RESPONSE")
    .option("--maker-ppm <n>", "maker fee, millionths of the notional")
    .option("--taker-ppm <n>", "taker fee, millionths of the notional")
    .option("--funding <file>", "funding rates, CSV")
    .option("--funding-time-zone <zone>", "zone of its dates: UTC, +03:00")
    .option("--seed <n>", "equal seeds give equal runs")
    .option("--symbol <symbol>", "without --config: what the data are of, such as BTC/USDT")
    .option("--tick <step>", "without --config: price step of data whose rules are not known")
    .option("--lot <step>", "without --config: quantity step")
    .option("--columns <names>", "candle columns in the file's order, for a file without our header")
    .option("--accept <finding...>", "run although the data check refuses this finding")
    .option("--out <folder>", "folder of the report (default ./runs/NAME-TIME)")
    .option("--overwrite", "replace a report that stands there")
    .option("--journal <folder>", "write an ordinary journal too, for opensqt replay and explain")
    .option("--quiet", "no progress")
    .option("--json", "one JSON document")
    .addHelpText("after", EXAMPLES)
    .action(async (options: BacktestOptions) => {
      const { runBacktestCommand } = await import("../backtest-run.ts");
      await runBacktestCommand(options);
    });
}
