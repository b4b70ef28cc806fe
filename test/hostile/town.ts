// A connector and an engine with a running bot in one process, on 127.0.0.1, with an operator's key for both: nothing
// is refused for want of rights. What they hold is looked at from inside.

import type { TestContext } from "node:test";
import { ChannelCredentials, Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { booksServices } from "../../src/host/api/books-services.ts";
import { TestLog } from "../../src/host/api/bot-service.fixture.ts";
import { botService } from "../../src/host/api/bot-service.ts";
import { phaseOf } from "../../src/host/fleet/bot-view.ts";
import { ANN, botOf, botText, FleetWorld, symbolOf } from "../../src/host/fleet/fleet.fixture.ts";
import { ErrorInfo } from "../../src/rpc/generated/google/rpc/error_details.ts";
import { Status as RpcStatus } from "../../src/rpc/generated/google/rpc/status.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "../../src/rpc/method.ts";
import type { RpcRefusal } from "../../src/rpc/refusal.ts";
import { fromWire } from "../../src/rpc/refusal-wire.ts";
import { startVillage } from "../../src/rpc/village.fixture.ts";
import { RemoteStage } from "../contract/exchange-remote.ts";
import { makeWorld, SYMBOL } from "../contract/exchange-stage.ts";
import type { Call } from "./requests.ts";

const BOT = "run";
const RATE = { perSecond: 1_000_000, burst: 1_000_000 };
const DETAILS = "grpc-status-details-bin";

/** What a call came to: null when it was answered. */
export interface Heard {
  readonly refusal: RpcRefusal | null;
  /** Of ErrorInfo; "" without one. */
  readonly domain: string;
  /** The message it was answered with; of a stream the first. */
  readonly answer: Uint8Array | null;
}

export interface HostileTown {
  readonly engine: { readonly symbol: string; readonly bot: string };
  readonly connector: { readonly symbol: string; readonly bot: string };
  ask(call: Call, request: Uint8Array): Promise<Heard>;
  /** Everything a refused call must not change. */
  trace(): string;
  /** What the servers logged as errors of their own. */
  faults(): readonly string[];
}

export async function startHostileTown(t: TestContext): Promise<HostileTown> {
  const market = makeWorld();
  const stage = await RemoteStage.open(market);
  t.after(async () => {
    await stage.close();
    market.driver.stop();
  });
  await stage.exchange("operator").getBook({ symbol: SYMBOL });

  const world = new FleetWorld(1);
  t.after(() => world.remove());
  const process = world.start();
  const books = booksServices({ fleet: process.fleet, onFailed: () => undefined });
  const bots = botService({ fleet: process.fleet, books: books.books, log: new TestLog(), operatorUrl: "" });
  const services = [rpcService(BotServiceDefinition, bots.implementation), ...books.services];
  const village = await startVillage(t, services, { rate: RATE });
  t.after(async () => {
    bots.close();
    books.close();
    await world.until(process.fleet.close("test"));
  });
  const created = await world.until(process.fleet.create({ id: BOT, text: botText(BOT, 0), dryRun: false }, ANN));
  if (!created.ok) throw new Error(created.error.text);
  await world.until(process.fleet.startBot(BOT, ANN));
  await world.run(5_000);

  const channel = (address: string): Client => {
    const client = new Client(address, ChannelCredentials.createInsecure());
    t.after(() => client.close());
    return client;
  };
  const lines = {
    exchange: { client: channel(stage.server.address), key: stage.keys.operator },
    engine: { client: channel(village.server.address), key: village.keys.operator },
  };
  const { fleet } = process;
  return {
    engine: { symbol: symbolOf(0), bot: BOT },
    connector: { symbol: SYMBOL, bot: "bot" },
    ask: (call, request) => {
      if (call.service === "ExchangeService") return asked(lines.exchange, call, request);
      return world.until(asked(lines.engine, call, request));
    },
    trace: () => {
      const records = [...(botOf(process, BOT).journal?.records(0) ?? [])];
      const commands = records.filter(({ kind }) => kind === "command").length;
      const ids = fleet.bots().map((bot) => `${bot.id} ${phaseOf(bot)}`);
      const { orderCount } = market.exchange.desk;
      return JSON.stringify({ orderCount, commands, changes: fleet.registry.history().length, ids });
    },
    faults: () => village.lines().filter((line) => line.includes("call failed")),
  };
}

interface Line {
  readonly client: Client;
  readonly key: string;
}

function asked({ client, key }: Line, { path, streams }: Call, request: Uint8Array): Promise<Heard> {
  const metadata = new Metadata();
  metadata.set("x-api-key", key);
  const bytes = Buffer.from(request);
  const same = (value: Buffer): Buffer => value;
  return new Promise((resolve) => {
    const end = (error: ServiceError | null, answer: Buffer | null = null): void =>
      resolve(error === null ? { refusal: null, domain: "", answer } : heardOf(error));
    if (!streams) return void client.makeUnaryRequest(path, same, same, bytes, metadata, end);
    const stream = client.makeServerStreamRequest(path, same, same, bytes, metadata);
    let answered = false;
    stream.on("data", (message: Buffer) => {
      answered = true;
      stream.cancel();
      end(null, message);
    });
    stream.on("error", (error: ServiceError) => {
      if (!answered) end(error);
    });
    stream.on("end", () => end(null));
  });
}

function heardOf(error: ServiceError): Heard {
  const [details] = error.metadata?.get(DETAILS) ?? [];
  const parts = details instanceof Uint8Array ? RpcStatus.decode(details).details : [];
  const info = parts.find(({ typeUrl }) => typeUrl.endsWith("google.rpc.ErrorInfo"));
  return {
    refusal: fromWire(error),
    domain: info === undefined ? "" : ErrorInfo.decode(info.value).domain,
    answer: null,
  };
}
