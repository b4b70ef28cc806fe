// A gRPC client of ours (API-33, API-35): every call has a deadline, reads are retried when only the transport failed,
// mutations never by any layer. What a call fails with is always an RpcRefusal.

import { randomUUID } from "node:crypto";
import { Client as Channel, type ChannelOptions, type ClientReadableStream, Metadata } from "@grpc/grpc-js";
import type { Client, TsProtoServiceDefinition } from "nice-grpc";
import { readBind, targetOf } from "./address.ts";
import { readBackoff } from "./backoff.ts";
import { ANSWER_BYTES_MAX, asBuffer, REQUEST_BYTES_MAX } from "./bytes.ts";
import { KEEPALIVE, type Keepalive, keepaliveOptions } from "./keepalive.ts";
import { type RpcLog, SILENT_RPC_LOG } from "./observer.ts";
import { type RpcRefusal, refusalOf } from "./refusal.ts";
import { fromWire } from "./refusal-wire.ts";
import { type CallRule, DEADLINES_MS, ruleOf } from "./roles.ts";
import { pause } from "./timers.ts";
import { type ClientTlsFiles, clientCredentials } from "./tls.ts";

export interface RpcCallOptions {
  /** Milliseconds; the default of the RPC unless given. 0: none, for streams. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly requestId?: string;
  /** A note for the audit trail, as `x-operator`. */
  readonly note?: string;
}

/** Unary methods give promises, server streams async iterables; leaving the loop cancels the stream. */
export type RpcClientOf<D extends TsProtoServiceDefinition> = Client<D, RpcCallOptions>;

export interface RpcClientOptions {
  /** `host:port` or `unix:PATH`. */
  readonly address: string;
  readonly tls?: ClientTlsFiles | null;
  /** API key; null where the certificate is enough. A function is asked before each call: keys may change (API-30). */
  readonly key: string | null | (() => string | null);
  readonly log?: RpcLog;
  /** 20 s and 10 s unless given. */
  readonly keepalive?: Keepalive;
}

export interface RpcClient {
  readonly address: string;
  client<D extends TsProtoServiceDefinition>(definition: D): RpcClientOf<D>;
  /** Resolves when connected; rejects with the refusal of the last attempt, after `timeoutMs` at most (10 s). */
  ready(timeoutMs?: number): Promise<void>;
  /** Ends every call and the connection. */
  close(): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const OPTIONS: ChannelOptions = {
  "grpc.enable_retries": 0,
  "grpc.max_receive_message_length": ANSWER_BYTES_MAX,
  "grpc.max_send_message_length": REQUEST_BYTES_MAX,
  // one connection a client object: closing it closes the connection
  "grpc.use_local_subchannel_pool": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 5_000,
};

export function openRpcClient(options: RpcClientOptions): RpcClient {
  const { address, tls = null, key, log = SILENT_RPC_LOG, keepalive = KEEPALIVE } = options;
  const target = readBind(address);
  const secured = clientCredentials(tls, target.kind === "tcp" ? target.host : "localhost");
  const channel = new Channel(targetOf(target), secured.credentials, {
    ...OPTIONS,
    ...keepaliveOptions(keepalive),
    ...secured.options,
  });
  const keyOf = typeof key === "function" ? key : () => key;
  const wire: Wire = { channel, key: keyOf, log, running: new Set() };
  return {
    address,
    client: (definition) => clientOf(definition, wire),
    ready: (timeoutMs = CONNECT_TIMEOUT_MS) => waitReady(channel, address, timeoutMs),
    close: () => {
      // a channel that is closed lets its calls run on: streams would never end
      for (const call of wire.running) call.cancel();
      channel.close();
    },
  };
}

interface Wire {
  readonly channel: Channel;
  readonly key: () => string | null;
  readonly log: RpcLog;
  readonly running: Set<{ cancel(): void }>;
}

interface Remote {
  readonly path: string;
  readonly rule: CallRule | null;
  readonly encode: (request: unknown) => Buffer;
  readonly decode: (bytes: Buffer) => unknown;
}

function waitReady(channel: Channel, address: string, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  channel.waitForReady(Date.now() + timeoutMs, (error) => {
    if (error === undefined) resolve();
    else reject(fromWire({ code: 14, details: `cannot reach ${address} within ${timeoutMs} ms: ${error.message}` }));
  });
  return promise;
}

function clientOf<D extends TsProtoServiceDefinition>(definition: D, wire: Wire): RpcClientOf<D> {
  const methods = Object.entries(definition.methods).map(([key, method]): unknown[] => {
    const path = `/${definition.fullName}/${method.name}`;
    const type = method.requestType;
    const remote: Remote = {
      path,
      rule: ruleOf(path),
      encode: (request) => asBuffer(type.encode(type.fromPartial?.(request) ?? request).finish()),
      decode: (bytes) => method.responseType.decode(bytes),
    };
    if (method.responseStream) {
      return [key, (request: unknown, call: RpcCallOptions = {}) => serverStream(wire, remote, { request, call })];
    }
    return [key, (request: unknown, call: RpcCallOptions = {}) => unary(wire, remote, { request, call })];
  });
  return Object.fromEntries(methods);
}

interface Asked {
  readonly request: unknown;
  readonly call: RpcCallOptions;
}

/** Retries a read whose transport failed, inside its deadline; anything else is tried once. */
async function unary(wire: Wire, remote: Remote, { request, call }: Asked): Promise<unknown> {
  const patience = call.deadlineMs ?? DEADLINES_MS[remote.rule?.kind ?? "read"];
  const deadlineMs = patience === null || patience === 0 ? Number.POSITIVE_INFINITY : Date.now() + patience;
  const waits = remote.rule !== null && !remote.rule.mutates ? readBackoff() : [];
  const metadata = metadataOf(wire, call);
  for (const waitMs of [...waits, null]) {
    try {
      return await once(wire, remote, { request, metadata, deadlineMs, signal: call.signal });
    } catch (error) {
      const refusal = refusalOf(error);
      refusal.wasRead = remote.rule?.mutates === false;
      if (waitMs === null || !mayRetry(refusal, call.signal) || Date.now() + waitMs >= deadlineMs) throw refusal;
      wire.log.info("read retried", { method: remote.path, waitMs: Math.round(waitMs), said: refusal.message });
      await pause(waitMs, call.signal);
    }
  }
  throw refusalOf(new Error("unreachable"));
}

function mayRetry(refusal: RpcRefusal, signal: AbortSignal | undefined): boolean {
  return !refusal.explained && refusal.status === "UNAVAILABLE" && signal?.aborted !== true;
}

interface OneCall {
  readonly request: unknown;
  readonly metadata: Metadata;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

function once(wire: Wire, remote: Remote, { request, metadata, deadlineMs, signal }: OneCall): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const { path, encode, decode } = remote;
  const call = wire.channel.makeUnaryRequest(
    path,
    encode,
    decode,
    request,
    metadata,
    { deadline: deadlineMs },
    (error, value) => {
      wire.running.delete(call);
      signal?.removeEventListener("abort", cancel);
      if (error === null) resolve(value);
      else reject(fromWire(error));
    },
  );
  wire.running.add(call);
  const cancel = (): void => call.cancel();
  if (signal?.aborted === true) cancel();
  else signal?.addEventListener("abort", cancel, { once: true });
  return promise;
}

async function* serverStream(wire: Wire, remote: Remote, { request, call }: Asked): AsyncGenerator<unknown> {
  const { path, encode, decode } = remote;
  const options =
    call.deadlineMs === undefined || call.deadlineMs === 0 ? {} : { deadline: Date.now() + call.deadlineMs };
  const metadata = metadataOf(wire, call);
  const stream: ClientReadableStream<unknown> = wire.channel.makeServerStreamRequest(
    path,
    encode,
    decode,
    request,
    metadata,
    options,
  );
  wire.running.add(stream);
  const cancel = (): void => stream.cancel();
  if (call.signal?.aborted === true) cancel();
  else call.signal?.addEventListener("abort", cancel, { once: true });
  try {
    for await (const message of stream) yield message;
  } catch (error) {
    const refusal = isWireError(error) ? fromWire(error) : refusalOf(error);
    refusal.wasRead = remote.rule?.mutates === false;
    throw refusal;
  } finally {
    wire.running.delete(stream);
    call.signal?.removeEventListener("abort", cancel);
    stream.on("error", ignore);
    cancel();
  }
}

const ignore = (): void => undefined;

function isWireError(error: unknown): error is Error & { code: number; details: string; metadata: Metadata } {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

function metadataOf(wire: Wire, call: RpcCallOptions): Metadata {
  const metadata = new Metadata({ waitForReady: false });
  const key = wire.key();
  if (key !== null) metadata.set("x-api-key", key);
  metadata.set("x-request-id", call.requestId ?? randomUUID());
  if (call.note !== undefined) metadata.set("x-operator", call.note.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200));
  return metadata;
}
