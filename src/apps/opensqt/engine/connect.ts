// The command line as a client of a running market-maker: finds it by run.json or by --address, shows the operator key,
// and turns refusals into exit codes. One connection a command, closed at its end.

import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { openRpcClient, type RpcClientOf } from "../../../rpc/client.ts";
import { BotServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { PositionServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import type { ClientTlsFiles } from "../../../rpc/tls.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError, usageError } from "../output.ts";
import { isAlive, readRunFile } from "../run-file.ts";
import { keyOf } from "./key-file.ts";
import { asCommandError } from "./refusals.ts";

/** Options of every command that speaks to a running system. */
export interface EngineFlags {
  readonly dataDir: string;
  readonly address?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly json?: true;
}

/** Where a system is and who may speak to it. */
export interface EngineAddress {
  readonly address: string;
  readonly key: string | null;
  readonly tls: ClientTlsFiles | null;
}

export interface Engine {
  readonly bots: RpcClientOf<typeof BotServiceDefinition>;
  readonly risk: RpcClientOf<typeof RiskServiceDefinition>;
  readonly positions: RpcClientOf<typeof PositionServiceDefinition>;
}

export function engineOptions(command: Command): Command {
  return command
    .option("--data-dir <folder>", "folder of the running opensqt up", "./data")
    .addOption(new Option("--address <host:port>", "a market-maker elsewhere, in place of the one of --data-dir"))
    .option("--key-file <file>", "file with the API key for --address; others may not read it")
    .option("--ca <file>", "authority of its certificate, where it speaks TLS")
    .option("--json", "one JSON document");
}

/** Errors: CommandError 5 where nothing runs there, 2 and 3 for what the flags name. */
export function engineAddress(flags: EngineFlags): EngineAddress {
  const { address, keyFile, ca } = flags;
  if (address !== undefined) {
    const key = keyFile === undefined ? null : keyOf(keyFile);
    return {
      address,
      key,
      tls: ca === undefined ? null : { ca: resolve(ca), cert: null, key: null, serverName: null },
    };
  }
  if (keyFile !== undefined || ca !== undefined) throw usageError("--key-file and --ca go with --address");
  const dataDir = resolve(flags.dataDir);
  const run = readRunFile(dataDir);
  if (run === null || !isAlive(run.pid)) {
    const hint = "Start it with opensqt up, name its folder with --data-dir, or a market-maker with --address.";
    throw new CommandError(EXIT_CODES.unreachable, `no opensqt up is running in ${flags.dataDir}`, hint);
  }
  return { address: run.marketMaker.grpc, key: run.operatorKey, tls: null };
}

/** Calls `use` with a connection. Errors: CommandError, with the server's sentence and the exit code of its status. */
export async function withEngine<T>(flags: EngineFlags, use: (engine: Engine) => Promise<T>): Promise<T> {
  const { address, key, tls } = engineAddress(flags);
  const rpc = openRpcClient({ address, key, tls });
  try {
    return await use({
      bots: rpc.client(BotServiceDefinition),
      risk: rpc.client(RiskServiceDefinition),
      positions: rpc.client(PositionServiceDefinition),
    });
  } catch (error) {
    throw asCommandError(error, address);
  } finally {
    rpc.close();
  }
}

/** The bot meant: the named one, or the only one there is. Errors: CommandError 2 naming the choices, 3 for none. */
export async function botMeant(engine: Engine, named: string | undefined): Promise<string> {
  if (named !== undefined) return named;
  const { bots } = await engine.bots.listBots({});
  const [only, ...others] = bots;
  if (only === undefined)
    throw new CommandError(EXIT_CODES.refused, "there is no bot", "Add one with opensqt bot add FILE.");
  if (others.length === 0) return only.botId;
  throw usageError(`several bots are there: ${bots.map((bot) => bot.botId).join(", ")}; name one with --bot`);
}
