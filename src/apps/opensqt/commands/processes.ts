// `opensqt connector | market-maker | live-server`: one process, in the foreground. Options only.

import type { Command } from "commander";
import type { VerifyFlags } from "../verify-run.ts";

export function register(program: Command): void {
  const connector = one(program, "connector", {
    text: "the process that holds the exchange's keys and serves it over gRPC",
    load: async () => (await import("../../connector/main.ts")).connector,
  });
  connector
    .command("verify")
    .description("play the exchange port's contract on a running connector, as far as no faults are needed")
    .argument("<address>", "host:port of its gRPC")
    .option("--key-file <file>", "file with its API key; others may not read it")
    .option("--ca <file>", "authority of its certificate, where it speaks TLS")
    .option("--symbol <name>", "instrument; the first one served unless given")
    .option("--active", "place and cancel the smallest orders too, far from the market")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt connector verify 127.0.0.1:50051 --key-file trader.key --active")
    .action(async (address: string, flags: VerifyFlags) => (await import("../verify-run.ts")).verify(address, flags));
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
