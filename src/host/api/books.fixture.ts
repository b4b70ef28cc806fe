// Real bots on the simulated exchange behind a real gRPC server on 127.0.0.1, with clients of each role: for the tests
// of the services that read the books. Test code only.

import type { TestContext } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import type { Role } from "../../rpc/caller.ts";
import type { RpcClientOf } from "../../rpc/client.ts";
import { PortfolioServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/portfolio.ts";
import { PositionServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { startVillage, type Village } from "../../rpc/village.fixture.ts";
import { ANN, botText, type FleetProcess, FleetWorld } from "../fleet/fleet.fixture.ts";
import type { FleetOptions } from "../fleet/fleet-options.ts";
import { type BooksServices, booksServices } from "./books-services.ts";

export interface BooksTown {
  readonly world: FleetWorld;
  readonly process: FleetProcess;
  readonly made: BooksServices;
  readonly village: Village;
  readonly risk: (role?: Role) => RpcClientOf<typeof RiskServiceDefinition>;
  readonly position: RpcClientOf<typeof PositionServiceDefinition>;
  readonly portfolio: RpcClientOf<typeof PortfolioServiceDefinition>;
}

/** Bots `b0` … on an instrument each, that have traded for a while. */
export async function startTown(
  t: TestContext,
  bots: number,
  tradedMs = 120_000,
  change: Partial<FleetOptions> = {},
): Promise<BooksTown> {
  const world = new FleetWorld(bots);
  t.after(() => world.remove());
  const parts: { made: BooksServices | null } = { made: null };
  const process = world.start({
    ...change,
    onAlert: (bot, alert) => {
      parts.made?.alert(bot, alert);
      change.onAlert?.(bot, alert);
    },
  });
  const made = booksServices({
    fleet: process.fleet,
    onFailed: (bot, error) => {
      throw new Error(`${bot}: ${String(error)}`);
    },
  });
  parts.made = made;
  const village = await startVillage(t, made.services);
  t.after(async () => {
    made.close();
    await world.until(process.fleet.close("test"));
  });
  for (let n = 0; n < bots; n += 1) {
    const created = await world.until(
      process.fleet.create({ id: `b${n}`, text: botText(`b${n}`, n), dryRun: false }, ANN),
    );
    if (!created.ok) throw new Error(created.error.text);
    await world.until(process.fleet.startBot(`b${n}`, ANN));
  }
  await world.run(tradedMs);
  const clients = new Map<Role, RpcClientOf<typeof RiskServiceDefinition>>();
  return {
    world,
    process,
    made,
    village,
    risk: (role = "operator") => {
      const client = clients.get(role) ?? village.dial(role).client(RiskServiceDefinition);
      clients.set(role, client);
      return client;
    },
    position: village.dial("reader").client(PositionServiceDefinition),
    portfolio: village.dial("reader").client(PortfolioServiceDefinition),
  };
}

/** Messages of a stream until `isLast`, while simulated time passes. */
export async function collected<T>(
  world: FleetWorld,
  stream: AsyncIterable<T>,
  isLast: (message: T, count: number) => boolean,
): Promise<T[]> {
  const messages: T[] = [];
  const reading = (async () => {
    for await (const message of stream) {
      messages.push(message);
      if (isLast(message, messages.length)) return;
    }
  })();
  await world.until(reading, 300_000);
  await nextRound();
  return messages;
}
