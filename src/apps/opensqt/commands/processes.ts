// `opensqt connector | market-maker | live-server`: one process, in the foreground. Options only.

import type { Command } from "commander";

export function register(program: Command): void {
  one(program, "connector", {
    text: "the process that holds the exchange's keys and serves it over gRPC",
    load: async () => (await import("../../connector/main.ts")).connector,
  });
  one(program, "market-maker", {
    text: "the process that hosts bots, over a connector or with the simulated exchange in itself",
    load: async () => (await import("../../market-maker/main.ts")).marketMaker,
  });
  one(program, "live-server", {
    text: "the process that shows it in a browser, read-only",
    load: async () => (await import("../../live-server/main.ts")).liveServer,
  }).option("--port <n>", "instead of the configuration's; 0 takes any free one");
}

interface ProcessFlags {
  readonly config?: string;
  readonly port?: string;
}

interface Process {
  readonly text: string;
  readonly load: () => Promise<(flags: ProcessFlags) => Promise<void>>;
}

function one(program: Command, name: string, { text, load }: Process): Command {
  return program
    .command(name)
    .description(text)
    .option("--config <file>", "its configuration; OPENSQT_CONFIG or ./opensqt.yaml unless given")
    .addHelpText(
      "after",
      `\nIts log is JSON on stderr. SIGTERM stops it in order, a second signal at once.\n\nExample:\n  opensqt ${name} --config ${name}.yaml`,
    )
    .action(async (flags: ProcessFlags) => (await load())(flags));
}
