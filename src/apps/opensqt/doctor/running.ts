// What only a running system can tell: whether processes answer, how fast, which release they are, and whether every
// stream delivers. Asked as an operator of this machine, or by the addresses of the configuration.

import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { release } from "../../../config/release.ts";
import { portOwner } from "../../../observe/port-owner.ts";
import { openRpcClient } from "../../../rpc/client.ts";
import {
  HealthDefinition,
  HealthCheckResponse_ServingStatus as Serving,
} from "../../../rpc/generated/grpc/health/v1/health.ts";
import type { Feed } from "../../../rpc/generated/opensqt/market_maker/v1/events.ts";
import { ExchangeServiceDefinition } from "../../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { FeedKind, FeedState, StreamKind } from "../../../rpc/generated/opensqt/market_maker/v1/types.ts";
import type { ClientTlsFiles } from "../../../rpc/tls.ts";
import { alertsOf } from "../alerts-run.ts";
import { type Check, type Finding, fine, hundredths, type Patient, skipped, stop, warn } from "./check.ts";
import { ECHO_CHECK } from "./echo.ts";

const CALL_MS = 3000;
const ROUNDS = 20;
/** A hop on one machine; beyond it something is wrong with it. */
const ROUND_MS_MAX = 100;
const DAY_MS = 86_400_000;

export const NETWORK_CHECKS: readonly Check[] = [
  { area: "network", name: "ports", timeoutMs: 5000, run: ports },
  { area: "network", name: "round trip", timeoutMs: 15_000, run: async (patient) => [await roundTrip(patient)] },
];

export const PEER_CHECKS: readonly Check[] = [
  { area: "streams", name: "feeds", timeoutMs: 10_000, run: feeds },
  ECHO_CHECK,
  { area: "peers", name: "health", timeoutMs: 10_000, run: health },
  { area: "peers", name: "release", timeoutMs: 1000, run: ({ running }) => [sameRelease(running?.release ?? null)] },
  { area: "peers", name: "certificates", timeoutMs: 2000, run: certificates },
  { area: "peers", name: "alerts", timeoutMs: 1000, run: ({ config }) => [alertChannels(config)] },
];

/** Which there are; whether they take one is asked by `alerts test`, which people hear. */
function alertChannels(config: Patient["config"]): Finding {
  const alerts = alertsOf(config);
  const there = Object.entries(alerts ?? {}).flatMap(([name, value]) =>
    name === "quietHours" || value === null ? [] : [name],
  );
  if (there.length > 0) return fine(`${there.join(", ")}; opensqt alerts test sends one to each`);
  return skipped("no channel is configured: only log and console tell of alerts (docs/alerts.md)");
}

const NOT_RUNNING = "nothing runs here; start it with opensqt up and ask again";

/** Ports of the configuration: free, or held by the system that runs. */
async function ports({ config, running }: Patient): Promise<readonly Finding[]> {
  const wanted = config === null ? [] : portsOf(config);
  if (wanted.length === 0) return [skipped("this process listens nowhere")];
  if (running !== null)
    return [fine(`held by the system that runs since ${new Date(running.startedAtMs).toISOString()}`)];
  const taken: Finding[] = [];
  for (const { bind, port } of wanted) {
    if (port === 0 || (await isFree(bind, port))) continue;
    const owner = portOwner(port) ?? "another process";
    taken.push(warn(`port ${port} is ${owner}'s`, "up takes the next free one; a single process needs another port"));
  }
  return taken.length > 0 ? taken : [fine(`free: ${wanted.map(({ port }) => port).join(", ")}`)];
}

interface Port {
  readonly bind: string;
  readonly port: number;
}

function portsOf(config: NonNullable<Patient["config"]>): readonly Port[] {
  if ("liveServer" in config) {
    const { connector, marketMaker, liveServer } = config;
    return [...listeners(connector), ...listeners(marketMaker), liveServer.http];
  }
  return "grpc" in config ? listeners(config) : [config.http];
}

function listeners({ grpc, http }: { readonly grpc: { readonly bind: string }; readonly http: Port }): readonly Port[] {
  const [, bind = "", port = "0"] = /^(.*):(\d+)$/.exec(grpc.bind) ?? [];
  const own = bind === "" ? [] : [{ bind: bind.replaceAll(/[[\]]/g, ""), port: Number.parseInt(port, 10) }];
  return [...own, { bind: http.bind, port: http.port }];
}

function isFree(bind: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: bind, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

async function roundTrip({ running }: Patient): Promise<Finding> {
  if (running === null) return skipped(NOT_RUNNING);
  return withRpc({ address: running.connector.grpc, key: running.operatorKey, tls: null }, async (rpc) => {
    const exchange = rpc.client(ExchangeServiceDefinition);
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startMs = performance.now();
      await exchange.getServerTime({}, { deadlineMs: CALL_MS });
      took.push(performance.now() - startMs);
    }
    took.sort((a, b) => a - b);
    return roundTripFinding(took[ROUNDS / 2] ?? 0, took[Math.floor(ROUNDS * 0.99)] ?? 0);
  });
}

export function roundTripFinding(p50Ms: number, p99Ms: number): Finding {
  const text = `to the connector and back: ${hundredths(p50Ms)} ms (p50), ${hundredths(p99Ms)} ms (p99)`;
  return p99Ms > ROUND_MS_MAX ? warn(text, "the machine is overloaded, or the connector is: opensqt top") : fine(text);
}

/** The first picture of all feeds. */
async function feeds({ running }: Patient): Promise<readonly Finding[]> {
  if (running === null) return [skipped(NOT_RUNNING)];
  return withRpc({ address: running.connector.grpc, key: running.operatorKey, tls: null }, async (rpc) => {
    const found: Finding[] = [];
    const abort = AbortSignal.timeout(CALL_MS);
    for await (const { meta, feed } of rpc.client(ExchangeServiceDefinition).subscribeFeeds({}, { signal: abort })) {
      if (feed !== undefined) found.push(feedFinding(feed));
      if (meta?.kind === StreamKind.SNAPSHOT_END) break;
    }
    return found.length > 0 ? found : [skipped("nobody has subscribed to a stream yet")];
  });
}

const words = <T extends number>(values: { readonly [name: string]: T }): ReadonlyMap<T, string> =>
  new Map(Object.entries(values).map(([name, value]) => [value, name.toLowerCase().replaceAll("_", " ")]));
const LIVELINESS = words(FeedState);
const KINDS = words(FeedKind);

function feedFinding(feed: Feed): Finding {
  const what = `${feed.symbol === "" ? "account" : feed.symbol} ${KINDS.get(feed.kind) ?? ""}`.trimEnd();
  const text = `${what}: ${LIVELINESS.get(feed.state) ?? "unknown"}${feed.action === "" ? "" : `, ${feed.action}`}`;
  if (feed.state === FeedState.LIVE) return fine(text);
  return feed.state === FeedState.SUSPECT
    ? warn(text, "wait a moment, then ask again")
    : stop(text, "see the connector's log");
}

interface Peer {
  readonly name: string;
  readonly address: string;
  readonly tls: ClientTlsFiles | null;
}

/** gRPC health needs no key (API-31). */
async function health(patient: Patient): Promise<readonly Finding[]> {
  const peers = peersOf(patient);
  if (peers.length === 0) return [skipped(NOT_RUNNING)];
  return Promise.all(peers.map(healthOf));
}

function peersOf({ config, running, kind }: Patient): readonly Peer[] {
  if (running !== null) {
    return [
      { name: "connector", address: running.connector.grpc, tls: null },
      { name: "market-maker", address: running.marketMaker.grpc, tls: null },
    ];
  }
  if (config === null || kind === "up") return [];
  if ("sources" in config) return config.sources;
  if ("bots" in config && "operatorDoor" in config && config.exchange === "remote") {
    return [{ name: "connector", ...config.connector }];
  }
  return [];
}

async function healthOf({ name, address, tls }: Peer): Promise<Finding> {
  try {
    return await withRpc({ address, key: null, tls }, async (rpc) => {
      const { status } = await rpc.client(HealthDefinition).check({ service: "" }, { deadlineMs: CALL_MS });
      if (status === Serving.SERVING) return fine(`${name} at ${address} serves`);
      return stop(`${name} at ${address} does not serve now`, `its /status says why`);
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return stop(`${name} at ${address} cannot be reached: ${why}`, `start it, or correct its address`);
  }
}

function sameRelease(theirs: string | null): Finding {
  if (theirs === null) return skipped(NOT_RUNNING);
  const own = release();
  if (theirs === own) return fine(`release ${own} everywhere`);
  return warn(`release ${theirs} runs, and this is ${own}`, "start the system again with this release");
}

function certificates({ config }: Patient): readonly Finding[] {
  if (config === null || !("tls" in config) || config.tls === null) return [skipped("no certificates are configured")];
  const { cert } = config.tls;
  if (!existsSync(cert)) return [stop(`${cert} is not there`, "make one, or correct tls.cert")];
  return [certificateFinding(cert, Date.parse(new X509Certificate(readFileSync(cert)).validTo) - Date.now())];
}

/** Alert CertificateExpiring of operations.md section 6. */
export function certificateFinding(path: string, leftMs: number): Finding {
  const days = Math.floor(leftMs / DAY_MS);
  if (days < 0) return stop(`${path} expired ${-days} days ago`, "renew it");
  const text = `${path} is good for ${days} days`;
  return days < 30 ? warn(text, "renew it") : fine(text);
}

type Rpc = ReturnType<typeof openRpcClient>;

export async function withRpc<T>(
  options: Parameters<typeof openRpcClient>[0],
  use: (rpc: Rpc) => Promise<T>,
): Promise<T> {
  const rpc = openRpcClient(options);
  try {
    return await use(rpc);
  } finally {
    rpc.close();
  }
}
