// The gRPC server of a process: services, health, reflection, identity and a stop that ends in time. It knows nothing
// of trading. Every call goes through one door (doorkeeper.ts) and is counted and logged once (call.ts).

import { chmodSync, unlinkSync } from "node:fs";
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type BindAddress, isLocal, readBind, refusePlainOutside, targetOf } from "./address.ts";
import { type CallSurroundings, heard, RunningCall, shutdown } from "./call.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { HealthDefinition } from "./generated/grpc/health/v1/health.ts";
import type { RpcHealth } from "./health.ts";
import type { RpcClientEntry } from "./keyring.ts";
import type { Decoded, Method, RpcOffering } from "./method.ts";
import { type RpcLog, type RpcMetrics, UNCOUNTED } from "./observer.ts";
import { pump } from "./pump.ts";
import type { RateLimit } from "./rate.ts";
import { REFLECTION_PATH, reflectionService } from "./reflection.ts";
import { RpcRefusal } from "./refusal.ts";
import { toWire } from "./refusal-wire.ts";
import type { CallRule } from "./roles.ts";
import { RpcSetupError, ServerTls, type ServerTlsFiles } from "./tls.ts";

/** API-10. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** API-36. */
const UNARY_GRACE_MS = 5_000;
const KEEPALIVE = { "grpc.keepalive_time_ms": 20_000, "grpc.keepalive_timeout_ms": 10_000 };

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
    ...KEEPALIVE,
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": MESSAGE_BYTES_MAX,
  });
  const reflected = options.services.map(({ fullName }) => fullName);
  const extra = options.reflection === false ? [] : [reflectionService([...reflected, HealthDefinition.fullName])];
  for (const service of [...options.services, options.health.service(), ...extra]) {
    server.addService(...registration(service, surroundings));
  }
  const port = await listen(server, address, tls);
  if (address.kind === "unix") chmodSync(address.path, 0o600);
  return {
    address: targetOf(address.kind === "unix" ? address : { ...address, port }),
    port: address.kind === "unix" ? 0 : port,
    reload: (keys) => {
      tls?.reload();
      if (keys !== undefined) surroundings.doorkeeper.replace(keys);
      for (const call of surroundings.running) {
        if (!surroundings.open(call.knock.path) && !surroundings.doorkeeper.stillWelcome(call.knock))
          call.end(revoked());
      }
    },
    stop: async () => {
      state.stopping = true;
      options.health.stop();
      await stopServer(server, surroundings);
    },
  };
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

async function stopServer(server: Server, { running }: CallSurroundings): Promise<void> {
  const ended = Promise.withResolvers<void>();
  server.tryShutdown(() => ended.resolve());
  for (const call of running) if (call.method.responseStream) call.end(shutdown());
  const timer = setTimeout(() => {
    for (const call of running) call.end(shutdown());
    server.forceShutdown();
    ended.resolve();
  }, UNARY_GRACE_MS);
  await ended.promise;
  clearTimeout(timer);
}

function revoked(): RpcRefusal {
  const message = "the key or certificate of this call is no longer accepted";
  return new RpcRefusal({ status: "UNAUTHENTICATED", reason: "AUTH", message });
}

function registration(
  service: RpcOffering,
  surroundings: CallSurroundings,
): [ServiceDefinition, UntypedServiceImplementation] {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const { path, requestStream, responseStream, decode, encode } = method;
    definition[method.name] = {
      path,
      requestStream,
      responseStream,
      requestDeserialize: decode,
      requestSerialize: impossible,
      responseSerialize: encode,
      responseDeserialize: impossible,
    };
    const answer = answererOf(service, method);
    if (!responseStream) implementation[method.name] = unary(method, answer, surroundings);
    else if (requestStream) implementation[method.name] = both(method, answer, surroundings);
    else implementation[method.name] = streaming(method, answer, surroundings);
  }
  return [definition, implementation];
}

const impossible = (): never => {
  throw new RpcSetupError("RPC_BIND", "a server sends no requests");
};

type Answer = (request: unknown, call: RunningCall) => unknown;

function answererOf({ implementation }: RpcOffering, method: Method): Answer {
  return (request, { context }) => {
    const answer: unknown = Reflect.get(implementation, method.key);
    if (typeof answer !== "function") {
      const message = `${method.service}.${method.name} is not part of this process`;
      throw new RpcRefusal({ status: "UNIMPLEMENTED", reason: "UNSUPPORTED", message, outcome: "not_sent" });
    }
    return Reflect.apply(answer, implementation, [request, context]);
  };
}

function requestOf(decoded: Decoded): unknown {
  if ("request" in decoded) return decoded.request;
  const message = `the request cannot be read: ${decoded.error}`;
  throw new RpcRefusal({ status: "INVALID_ARGUMENT", reason: "INVALID", message, outcome: "not_sent" });
}

type UnaryReply = (error: ReturnType<typeof toWire> | null, value?: unknown) => void;

function unary(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerUnaryCall<Decoded, unknown>, reply: UnaryReply): void => {
    const life = new RunningCall(call, method, surroundings);
    let over = false;
    const end = (refusal: RpcRefusal | null, value?: unknown): void => {
      if (over) return;
      over = true;
      life.finish(refusal);
      reply(refusal === null ? null : toWire(refusal), value);
    };
    const fail = (error: unknown): void => end(heard(error, life.requestId));
    life.signal.addEventListener("abort", () => fail(life.signal.reason), { once: true });
    try {
      life.begin(call.getDeadline());
      Promise.resolve(answer(requestOf(call.request), life)).then((value) => end(null, value), fail);
    } catch (error) {
      fail(error);
    }
  };
}

function streaming(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerWritableStream<Decoded, unknown>): void => {
    const life = new RunningCall(call, method, surroundings);
    void run(call, life, () => answer(requestOf(call.request), life));
  };
}

function both(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerDuplexStream<Decoded, unknown>): void => {
    const life = new RunningCall(call, method, surroundings);
    void run(call, life, () => answer(requestsOf(call), life));
  };
}

async function* requestsOf(call: AsyncIterable<Decoded>): AsyncGenerator<unknown> {
  for await (const decoded of call) yield requestOf(decoded);
}

interface OutStream {
  write(message: unknown): boolean;
  once(event: "drain", listener: () => void): unknown;
  emit(event: "error", error: { code: number; details: string; metadata: Metadata }): boolean;
  end(): unknown;
  getDeadline(): Date | number;
}

function counting(out: OutStream, life: RunningCall): Pick<OutStream, "write" | "once"> {
  return {
    write: (message) => {
      life.sent();
      return out.write(message);
    },
    once: (event, listener) => out.once(event, listener),
  };
}

async function run(out: OutStream, life: RunningCall, open: () => unknown): Promise<void> {
  try {
    life.begin(out.getDeadline());
    const source = open();
    if (!isAsyncIterable(source)) throw new RpcSetupError("RPC_BIND", `${life.method.path} gave no stream`);
    await pump(counting(out, life), source, life.signal);
    life.finish(null);
    out.end();
  } catch (error) {
    const refusal = heard(error, life.requestId);
    life.finish(refusal);
    out.emit("error", toWire(refusal));
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
