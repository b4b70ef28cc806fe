// A second, independent gRPC stack: protobuf-es and connect-node, generated from the same proto files when a test runs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http2";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  createClient,
  type Interceptor,
  type MethodImpl,
  type Transport,
} from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node";

const ROOT = resolve(import.meta.dirname, "../..");

export interface SecondStack {
  readonly exchange: DescService;
  readonly health: DescService;
  remove(): void;
}

/** The services as protoc-gen-es words them, below node_modules so that they find their runtime. */
export async function secondStack(): Promise<SecondStack> {
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "opensqt-second-stack-"));
  const bin = join(ROOT, "node_modules/.bin");
  const plugin = {
    local: join(bin, "protoc-gen-es"),
    out: folder,
    include_imports: true,
    opt: ["target=js", "import_extension=js"],
  };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  execFileSync(join(bin, "buf"), ["generate", "--template", template], {
    cwd: ROOT,
    env: { ...process.env, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
  });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  const from = async (path: string): Promise<Record<string, DescService>> =>
    import(pathToFileURL(join(folder, path)).href);
  const { ExchangeService } = await from("opensqt/market_maker/v1/exchange_pb.js");
  const { Health } = await from("grpc/health/v1/health_pb.js");
  assert.ok(ExchangeService !== undefined && Health !== undefined);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  return { exchange: ExchangeService, health: Health, remove };
}

export function transportTo(address: string, key: string): Transport {
  const identified: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${key}`);
    return next(request);
  };
  return createGrpcTransport({ baseUrl: `http://${address}`, interceptors: [identified] });
}

type Answer = MessageInitShape<DescMessage>;
type Call = (request: object, options?: object) => unknown;

/** The calls of a client whose messages a test knows from the proto alone. */
export function callsOf(client: object): { readonly [name: string]: Call } {
  return Object.fromEntries(
    Object.entries(client).map(([name, call]: [string, unknown]): [string, Call] => {
      assert.ok(typeof call === "function");
      return [name, (request, options) => Reflect.apply(call, client, [request, options])];
    }),
  );
}

/**
 * A server of ExchangeService in the second stack, on a free port of 127.0.0.1. What it serves it has from another
 * connector, over the second stack as well: not a byte between engine and it is written or read by ours.
 */
export async function secondStackServer(
  stack: SecondStack,
  upstream: { readonly address: string; readonly key: string },
): Promise<{ readonly address: string; close(): Promise<void> }> {
  const transport = transportTo(upstream.address, upstream.key);
  const serve = (router: ConnectRouter, service: DescService): void => {
    const calls = callsOf(createClient(service, transport));
    for (const method of service.methods) {
      const call = calls[method.localName];
      assert.ok(call !== undefined);
      if (method.methodKind === "unary") {
        const answer: MethodImpl<DescMethodUnary<DescMessage, DescMessage>> = (request) =>
          call(request) as Promise<Answer>;
        router.rpc(method as DescMethodUnary<DescMessage, DescMessage>, answer);
      } else if (method.methodKind === "server_streaming") {
        const speak: MethodImpl<DescMethodServerStreaming<DescMessage, DescMessage>> = (request, { signal }) =>
          call(request, { signal }) as AsyncIterable<Answer>;
        router.rpc(method as DescMethodServerStreaming<DescMessage, DescMessage>, speak);
      }
    }
  };
  const server = createServer(
    connectNodeAdapter({
      grpc: true,
      routes: (router) => {
        for (const service of [stack.exchange, stack.health]) serve(router, service);
      },
    }),
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => void sessions.add(session));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  return {
    address: `127.0.0.1:${bound.port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      await new Promise<void>((done) => void server.close(() => done()));
    },
  };
}
