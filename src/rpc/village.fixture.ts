// A real server on 127.0.0.1 with one key of each role, and clients of it, for the tests of this folder.

import type { TestContext } from "node:test";
import { ROLES, type Role } from "./caller.ts";
import { openRpcClient, type RpcClient, type RpcClientOf } from "./client.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { RpcHealth } from "./health.ts";
import { newApiKey, type RpcClientEntry, sha256Of } from "./keyring.ts";
import type { RpcOffering } from "./method.ts";
import type { RpcLog } from "./observer.ts";
import { type RpcRefusal, refusalOf } from "./refusal.ts";
import { type RpcServer, type RpcServerOptions, startRpcServer } from "./server.ts";

const NAMES: Readonly<Record<Role, string>> = { reader: "view", trader: "engine", operator: "desk" };

export interface Village {
  readonly server: RpcServer;
  readonly health: RpcHealth;
  readonly keys: Readonly<Record<Role, string>>;
  readonly entries: readonly RpcClientEntry[];
  readonly dial: (role: Role | null) => RpcClient;
  readonly bots: (role: Role) => RpcClientOf<typeof BotServiceDefinition>;
  /** Every line logged so far, as JSON. */
  readonly lines: () => readonly string[];
}

export async function startVillage(
  t: TestContext,
  services: readonly RpcOffering[],
  options: Partial<RpcServerOptions> = {},
): Promise<Village> {
  const keys = { reader: newApiKey(), trader: newApiKey(), operator: newApiKey() };
  const entries = ROLES.map((role): RpcClientEntry => {
    return { name: NAMES[role], role, keySha256: sha256Of(keys[role]), san: null, bots: null };
  });
  const health = new RpcHealth(services.map(({ fullName }) => fullName));
  const lines: string[] = [];
  const write = (text: string, fields = {}): void => void lines.push(JSON.stringify({ text, ...fields }));
  const log: RpcLog = { info: write, warn: write, error: write };
  const server = await startRpcServer({ bind: "127.0.0.1:0", keys: entries, services, health, log, ...options });
  const clients: RpcClient[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    await server.stop();
  });
  const dial = (role: Role | null): RpcClient => {
    const client = openRpcClient({ address: server.address, key: role === null ? null : keys[role] });
    clients.push(client);
    return client;
  };
  const bots = (role: Role) => dial(role).client(BotServiceDefinition);
  return { server, health, keys, entries, dial, bots, lines: () => lines };
}

/** The refusal a call ends with. Throws when it succeeds. */
export async function refusedBy(call: Promise<unknown>): Promise<RpcRefusal> {
  let answer: unknown;
  try {
    answer = await call;
  } catch (error) {
    return refusalOf(error);
  }
  throw new Error(`the call was answered: ${JSON.stringify(answer)}`);
}
