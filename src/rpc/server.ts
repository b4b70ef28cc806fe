// The gRPC server of a process: services, health, reflection, identity and a stop that ends in time. It knows nothing
// of trading. Every call goes through one door (doorkeeper.ts) and is counted and logged once (call.ts).

import { chmodSync, unlinkSync } from "node:fs";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type BindAddress, isLocal, readBind, refusePlainOutside, targetOf } from "./address.ts";
import { registration } from "./answer.ts";
import { ANSWER_BYTES_MAX, REQUEST_BYTES_MAX } from "./bytes.ts";
import { type CallSurroundings, shutdown } from "./call.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { type FileWatch, watchFiles } from "./file-watch.ts";
import { HealthDefinition } from "./generated/grpc/health/v1/health.ts";
import type { RpcHealth } from "./health.ts";
import { KEEPALIVE, type Keepalive, keepaliveOptions } from "./keepalive.ts";
import type { RpcClientEntry } from "./keyring.ts";
import type { RpcOffering } from "./method.ts";
import { type RpcLog, type RpcMetrics, UNCOUNTED } from "./observer.ts";
import type { RateLimit } from "./rate.ts";
import { REFLECTION_PATH, reflectionService } from "./reflection.ts";
import { RpcRefusal } from "./refusal.ts";
import type { CallRule } from "./roles.ts";
import { REAL_TIMERS, type Timers } from "./timers.ts";
import { RpcSetupError, ServerTls, type ServerTlsFiles } from "./tls.ts";

/** API-36. */
const UNARY_GRACE_MS = 5_000;
/** For the last words of calls that were ended, before their connections are cut. */
const FLUSH_MS = 1_000;

export interface RpcServerOptions {
  /** `host:port` (port 0: any free one) or `unix:PATH`. */
  readonly bind: string;
  readonly tls?: ServerTlsFiles | null;
  /** Who may call. Nobody is let in without being in here. */
  readonly keys: readonly RpcClientEntry[];
  /** Per caller (API-30); 100 a second and 200 at once unless given. */
  readonly rate?: RateLimit;
  /** Made with `rpcService`. */
  readonly services: readonly RpcOffering[];
  readonly health: RpcHealth;
  readonly log: RpcLog;
  readonly metrics?: RpcMetrics;
  /** Whether callers may ask for the descriptors; yes unless given. On loopback nobody needs a key for it. */
  readonly reflection?: boolean;
  /** What running unary calls get when the server stops; 5 s unless given (API-36). */
  readonly graceMs?: number;
  /** 20 s and 10 s unless given. */
  readonly keepalive?: Keepalive;
  /** For looking at the certificate files. */
  readonly timers?: Timers;
}

export interface RpcServer {
  /** As a client dials it: `127.0.0.1:50051`, `unix:PATH`. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** Takes new keys and reads the certificate files again; streams of callers who lost their right end at once. */
  reload(keys?: readonly RpcClientEntry[]): void;
  /** Health says NOT_SERVING, nothing new begins, unary calls get 5 s, streams end with SHUTDOWN (API-36). */
  stop(): Promise<void>;
}

const PERMITTED: CallRule = { role: "reader", kind: "read", mutates: false, limited: true };
const HEALTH_PREFIX = `/${HealthDefinition.fullName}/`;

/** Listens, or throws RpcSetupError: an address in use, plaintext to the outside, a key file others may read. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const address = readBind(options.bind);
  const files = options.tls ?? null;
  refusePlainOutside(address, files, options.bind);
  const tls = files === null ? null : new ServerTls(files);
  const state = { stopping: false };
  const surroundings = surround(options, address, state);
  const server = new Server({
    ...keepaliveOptions(options.keepalive ?? KEEPALIVE),
    "grpc.max_receive_message_length": REQUEST_BYTES_MAX,
    "grpc.max_send_message_length": ANSWER_BYTES_MAX,
  });
  const reflected = options.services.map(({ fullName }) => fullName);
  const extra = options.reflection === false ? [] : [reflectionService([...reflected, HealthDefinition.fullName])];
  for (const service of [...options.services, options.health.service(), ...extra]) {
    server.addService(...registration(service, surroundings));
  }
  const port = await listen(server, address, tls);
  if (address.kind === "unix") chmodSync(address.path, 0o600);
  const watch = tls === null ? null : watchCertificates(tls, options);
  return {
    address: targetOf(address.kind === "unix" ? address : { ...address, port }),
    port: address.kind === "unix" ? 0 : port,
    reload: (keys) => {
      // first, whatever becomes of the certificates: who lost the right has lost it
      if (keys !== undefined) surroundings.doorkeeper.replace(keys);
      for (const call of surroundings.running) {
        if (!surroundings.open(call.knock.path) && !surroundings.doorkeeper.stillWelcome(call.knock))
          call.end(revoked());
      }
      tls?.reload();
    },
    stop: async () => {
      state.stopping = true;
      watch?.close();
      options.health.stop();
      await stopServer(server, surroundings, options.graceMs ?? UNARY_GRACE_MS);
    },
  };
}

/** New certificate files take effect by themselves; ones that cannot be used are said, and the old ones stay. */
function watchCertificates(tls: ServerTls, { log, timers = REAL_TIMERS }: RpcServerOptions): FileWatch {
  const changed = (): void => {
    try {
      tls.reload();
      log.info("new certificates are in use");
    } catch (error) {
      log.error("new certificates cannot be used, the old ones stay", { error: String(error) });
    }
  };
  return watchFiles(tls.paths, changed, timers);
}

function surround(options: RpcServerOptions, address: BindAddress, state: { stopping: boolean }): CallSurroundings {
  const metrics = options.metrics ?? UNCOUNTED;
  const monotonicMs = (): number => performance.now();
  const rate = options.rate ?? { perSecond: 100, burst: 200 };
  const { keys, log } = options;
  const openReflection = isLocal(address);
  return {
    doorkeeper: new Doorkeeper({ keys, rate, log, metrics, monotonicMs }),
    log,
    metrics,
    open: (path) => path.startsWith(HEALTH_PREFIX) || (openReflection && path === REFLECTION_PATH),
    extraRule: (path) => (path === REFLECTION_PATH ? PERMITTED : null),
    nowMs: Date.now,
    monotonicMs,
    running: new Set(),
    stopping: () => state.stopping,
  };
}

function listen(server: Server, address: BindAddress, tls: ServerTls | null): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const credentials = tls?.credentials ?? ServerCredentials.createInsecure();
  if (address.kind === "unix") removeStaleSocket(address.path);
  server.bindAsync(targetOf(address), credentials, (error, port) => {
    if (error === null) resolve(port);
    else reject(new RpcSetupError("RPC_BIND", `gRPC cannot listen on ${targetOf(address)}: ${error.message}`));
  });
  return promise;
}

/** A socket a killed process left behind; a living one is found by the lock of the data folder, not here. */
function removeStaleSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // there was none
  }
}

async function stopServer(server: Server, { running }: CallSurroundings, graceMs: number): Promise<void> {
  const ended = Promise.withResolvers<void>();
  server.tryShutdown(() => ended.resolve());
  for (const call of running) if (call.method.responseStream) call.end(shutdown());
  let timer = setTimeout(() => {
    for (const call of running) call.end(interrupted());
    timer = setTimeout(() => {
      server.forceShutdown();
      ended.resolve();
    }, FLUSH_MS);
  }, graceMs);
  await ended.promise;
  clearTimeout(timer);
}

/** A call that ran when the server stopped: whether it did its work is not known. */
function interrupted(): RpcRefusal {
  const message = "this server stopped before the call ended";
  return new RpcRefusal({ status: "UNAVAILABLE", reason: "SHUTDOWN", message, outcome: "unknown" });
}

function revoked(): RpcRefusal {
  const message = "the key or certificate of this call is no longer accepted";
  return new RpcRefusal({ status: "UNAUTHENTICATED", reason: "AUTH", message });
}
