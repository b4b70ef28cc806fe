// `opensqt up`: the whole system on this machine, on paper. What `make run` calls. Options only.

import { type Command, Option } from "commander";
import type { UpOptions } from "../up-run.ts";

export function register(program: Command): void {
  program
    .command("up")
    .description("start everything on this machine; on paper unless --live says otherwise")
    .option("--config <file>", "configuration; without one the built-in example starts")
    .addOption(new Option("--data <file>", "trade on a recording instead of the synthetic market"))
    .option("--speed <n>", "seconds of the market in one second; delays, timers and limits of time go as fast")
    .option("--seed <n>", "seed of the synthetic market")
    .addOption(
      new Option("--exchange <name>", "where orders go; emulator: through ccxt and a local exchange's wire").choices([
        "simulated",
        "emulator",
      ]),
    )
    .option("--paper", "paper money; that is how it starts anyway")
    .option(
      "--market <exchange>",
      "follow the live public market of binance, okx, bybit, gate, bitget or ccxt's others",
    )
    .option(
      "--live",
      "real money, where the configuration says environment: live; shows account, bots and limits, and asks",
    )
    .option("--yes", "with --live: do not ask")
    .option("--data-dir <folder>", "where journal and exchange are kept (default ./data)")
    .option("--json", "where everything listens, as one JSON document, once it is ready")
    .option("--quiet", "alerts and the end only")
    .addHelpText(
      "after",
      "\nExamples:\n  opensqt up\n  opensqt up --data capture.gz --speed 10\n  opensqt up --paper --market binance\n  opensqt up --exchange emulator\n  opensqt up --config grid.yaml --data-dir /var/lib/opensqt",
    )
    .action(async (options: UpOptions) => (await import("../up-run.ts")).up(options));
}
