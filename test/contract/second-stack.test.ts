// A second, independent gRPC stack against the connector (EXCH-57): protobuf-es and connect-node, generated from the
// same proto files at test time, complete place → stream → cancel.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { DescService } from "@bufbuild/protobuf";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RemoteStage } from "./exchange-remote.ts";
import { makeWorld, openOn, SYMBOL } from "./exchange-stage.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** ExchangeService as protoc-gen-es words it, below node_modules so that it finds its runtime. */
async function generated(folder: string): Promise<DescService> {
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
  const path = join(folder, "opensqt/market_maker/v1/exchange_pb.js");
  const module: { ExchangeService: DescService } = await import(pathToFileURL(path).href);
  return module.ExchangeService;
}

type Call = (request: object, options?: object) => unknown;

/** The calls of a client whose messages this test knows from the proto alone. */
function callsOf(client: object): { readonly [name: string]: Call } {
  return Object.fromEntries(
    Object.entries(client).map(([name, call]: [string, unknown]): [string, Call] => {
      assert.ok(typeof call === "function");
      return [name, (request, options) => Reflect.apply(call, client, [request, options])];
    }),
  );
}

interface Update {
  readonly meta: { readonly kind: number };
  readonly update?: { readonly order?: { readonly clientOrderId: string; readonly status: number } };
}

test("EXCH-57 another gRPC stack places an order, hears of it on the stream, and cancels it", async (t) => {
  const cache = join(ROOT, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "opensqt-second-stack-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const service = await generated(folder);
  const world = makeWorld();
  const stage = await RemoteStage.open(world);
  t.after(async () => {
    await stage.close();
    world.driver.stop();
  });
  const identified: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${stage.keys.trader}`);
    return next(request);
  };
  const transport = createGrpcTransport({ baseUrl: `http://${stage.server.address}`, interceptors: [identified] });
  const { getBook, placeOrder, cancelOrder, subscribeOrders } = callsOf(createClient(service, transport));
  assert.ok(getBook && placeOrder && cancelOrder && subscribeOrders);
  await getBook({ symbol: SYMBOL });
  const abort = new AbortController();
  const stream = (subscribeOrders({ symbols: [SYMBOL] }, { signal: abort.signal }) as AsyncIterable<Update>)[
    Symbol.asyncIterator
  ]();
  const next = async (matches: (update: Update) => boolean): Promise<Update> => {
    for (;;) {
      const step = await stream.next();
      assert.ok(step.done !== true);
      if (matches(step.value)) return step.value;
    }
  };
  await next(({ meta }) => meta.kind === 2);
  const placed = (await placeOrder({
    symbol: SYMBOL,
    side: 1,
    type: 1,
    timeInForce: 4,
    quantity: { value: "0.005" },
    price: { value: "59999.0" },
    clientOrderId: "osecondstack",
  })) as { readonly outcome?: { readonly order?: { readonly orderId: string } } };
  assert.ok((placed.outcome?.order?.orderId ?? "").length > 0);
  const opened = await next(({ update }) => update?.order?.clientOrderId === "osecondstack");
  assert.equal(opened.update?.order?.status, 1);
  assert.deepEqual(openOn(world), ["osecondstack"]);
  const cancelled = await cancelOrder({ symbol: SYMBOL, clientOrderId: "osecondstack" });
  assert.equal((cancelled as { readonly result: string }).result, "accepted");
  const ended = await next(({ update }) => update?.order?.status === 4);
  assert.equal(ended.update?.order?.clientOrderId, "osecondstack");
  assert.deepEqual(openOn(world), []);
  abort.abort();
});
