// BotService behind a real gRPC server on 127.0.0.1, over a fleet on the simulated exchange. Test code only.

import type { TestContext } from "node:test";
import { whatIfChildren } from "../../apps/market-maker/what-if-runner.ts";
import type { Role } from "../../rpc/caller.ts";
import type { RpcClientOf } from "../../rpc/client.ts";
import { BotServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "../../rpc/method.ts";
import type { RpcRefusal } from "../../rpc/refusal.ts";
import type { Timers } from "../../rpc/timers.ts";
import { refusedBy, startVillage } from "../../rpc/village.fixture.ts";
import { type FleetProcess, FleetWorld } from "../fleet/fleet.fixture.ts";
import type { FleetOptions } from "../fleet/fleet-options.ts";
import { booksServices } from "./books-services.ts";
import type { LogLineKept, LogLines } from "./bot-logs.ts";
import { type BotCalls, botService } from "./bot-service.ts";

/** A log of a test: a ring of 1,000 lines like the process's own. */
export class TestLog implements LogLines {
  private readonly kept: LogLineKept[] = [];
  private readonly listeners = new Set<(line: LogLineKept) => void>();
  private count = 0;

  say(level: string, text: string): void {
    this.count += 1;
    const line = { sequence: this.count, atMs: 1, level, process: "test", code: "", text, fields: {} };
    this.kept.push(line);
    if (this.kept.length > 1_000) this.kept.shift();
    for (const listener of this.listeners) listener(line);
  }

  lines(): readonly LogLineKept[] {
    return [...this.kept];
  }

  subscribe(listener: (line: LogLineKept) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}

export type Bots = RpcClientOf<typeof BotServiceDefinition>;

export class BotTown {
  readonly world: FleetWorld;
  readonly process: FleetProcess;
  readonly log = new TestLog();
  readonly service: BotCalls;
  private readonly dial: (role: Role) => Bots;
  private readonly clients = new Map<Role, Bots>();

  constructor(parts: Pick<BotTown, "world" | "process" | "service" | "log">, dial: (role: Role) => Bots) {
    this.world = parts.world;
    this.process = parts.process;
    this.service = parts.service;
    this.log = parts.log;
    this.dial = dial;
  }

  bots(role: Role = "operator"): Bots {
    const client = this.clients.get(role) ?? this.dial(role);
    this.clients.set(role, client);
    return client;
  }

  /** The answer, while simulated time passes. */
  answer<T>(call: Promise<T>): Promise<T> {
    return this.world.until(call);
  }

  refusal(call: Promise<unknown>): Promise<RpcRefusal> {
    return this.world.until(refusedBy(call));
  }
}

export async function startBotTown(
  t: TestContext,
  instruments: number,
  change: Partial<FleetOptions> = {},
  whatIf = whatIfChildren(),
): Promise<BotTown> {
  const world = new FleetWorld(instruments);
  t.after(() => world.remove());
  const process = world.start(change);
  const made = booksServices({ fleet: process.fleet, onFailed: () => undefined });
  const log = new TestLog();
  const operatorUrl = "http://127.0.0.1:8080";
  const { clock } = world;
  const timers: Timers = {
    monotonicMs: () => clock.monotonicMs(),
    after: (ms, wake) => clock.at(clock.nowMs() + ms, wake),
  };
  const service = botService({ fleet: process.fleet, books: made.books, log, operatorUrl, timers, whatIf });
  const village = await startVillage(t, [rpcService(BotServiceDefinition, service.implementation)], {
    rate: { perSecond: 10_000, burst: 10_000 },
  });
  t.after(async () => {
    service.close();
    await whatIf.close();
    made.close();
    await world.until(process.fleet.close("test"));
  });
  return new BotTown({ world, process, service, log }, (role) => village.bots(role));
}

/** The first `count` messages of a stream, while simulated time passes; then the stream is left. */
export async function messagesOf<T>(
  town: BotTown,
  stream: AsyncIterable<T>,
  isLast: (all: readonly T[]) => boolean,
): Promise<T[]> {
  const messages: T[] = [];
  const reading = (async () => {
    for await (const message of stream) {
      messages.push(message);
      if (isLast(messages)) return;
    }
  })();
  await town.answer(reading);
  return messages;
}
