// Words of the command line: parsed by the commands' own declarations, without anything being done; and the files of
// flags that are read before.

import { Command, CommanderError } from "commander";
import { COMMANDS } from "../../../src/apps/opensqt/command-list.ts";
import { CommandError } from "../../../src/apps/opensqt/output.ts";
import { type FuzzTarget, textOf } from "../target.ts";

const LINES = [
  "up --paper --config x.yaml --exchange emulator --port 0",
  "backtest --config x.yaml --data a.gz --from 2024-01-01 --out report --json",
  "bot add --config x.yaml --address 127.0.0.1:1 --yes",
  "bot pause grid --reason why --json",
  "kill --reason test --scope all",
  "breaker open --bot grid --reason x",
  "data check a.gz b.gz --strict --accept offTick --json",
  "data download --exchange binance --symbol BTC/USDT --interval 1m --from 2024-01-01 --out x",
  "emulator --protocol binance-usdm --port 0 --speed 5 --seed 3 --market calm --clock manual",
  "explain o1abc --journal j.db",
  "journal verify j.db --json",
  "preview --config x.yaml --price 60000",
  "config check --kind up x.yaml",
  "token new --role reader --name me",
  "health --address 127.0.0.1:1",
  "--env-file .env status --bot grid",
];

/** Every command declared, and none of them doing anything. */
async function program(): Promise<Command> {
  const whole = new Command("opensqt");
  for (const { load } of COMMANDS) (await load()).register(whole);
  quiet(whole);
  return whole;
}

function quiet(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .action(() => undefined);
  for (const each of command.commands) quiet(each);
}

export const COMMAND_LINE: readonly FuzzTarget[] = [
  {
    name: "command-line",
    corpus: LINES,
    share: 10,
    isTyped: (error) => error instanceof CommanderError || error instanceof CommandError,
    open: () => ({
      read: async (bytes) => {
        // a program keeps what it parsed: each line gets its own
        const parsed = await program();
        await parsed.parseAsync(textOf(bytes).split(" "), { from: "user" });
        return null;
      },
    }),
  },
];
