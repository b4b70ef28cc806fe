// The example clients against a real server (API-43). TypeScript always; Python and Go where their tools are.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { type TestContext } from "node:test";
import { BotServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { PositionServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { BotPhase, FeedState } from "../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { RpcHealth } from "../src/rpc/health.ts";
import { newApiKey, sha256Of } from "../src/rpc/keyring.ts";
import { rpcService } from "../src/rpc/method.ts";
import { SILENT_RPC_LOG } from "../src/rpc/observer.ts";
import { startRpcServer } from "../src/rpc/server.ts";
import { Topic } from "../src/rpc/topic.ts";

const root = resolve(import.meta.dirname, "..");
const key = newApiKey();
const EXPECTED = `position BTC/USDT:USDT 0.010 open result -1.25
position ETH/USDT:USDT 0 open result unknown
risk BTC/USDT:USDT notional 650.50 score 12.5
bot btc-grid BOT_PHASE_RUNNING at 41
following
bot btc-grid BOT_PHASE_PAUSED at 42
`;

async function serve(t: TestContext): Promise<string> {
  const bots = new Topic<{ phase: BotPhase; sequence: number }>({
    name: "SubscribeBots",
    local: true,
    conflate: () => "",
  });
  bots.publish({ phase: BotPhase.RUNNING, sequence: 41 });
  assert.equal(bots.feed.state, FeedState.LIVE);
  const services = [
    rpcService(PositionServiceDefinition, {
      getPositions: async () => ({
        positions: [
          { symbol: "BTC/USDT:USDT", quantity: { value: "0.010" }, unrealizedPnl: { value: "-1.25" } },
          { symbol: "ETH/USDT:USDT" },
        ],
      }),
    }),
    rpcService(RiskServiceDefinition, {
      getRiskMetrics: async () => ({
        metrics: [{ symbol: "BTC/USDT:USDT", notionalValue: { value: "650.50" }, riskScore: { value: "12.5" } }],
      }),
    }),
    rpcService(BotServiceDefinition, {
      async *subscribeBots(_, { signal }) {
        for await (const { meta, item } of bots.subscribe({ signal })) {
          yield item === null ? { meta } : { meta, bot: { botId: "btc-grid", ...item } };
          if (item === null) bots.publish({ phase: BotPhase.PAUSED, sequence: 42 });
        }
      },
    }),
  ];
  const reader = { name: "example", role: "reader", keySha256: sha256Of(key), san: null, bots: null } as const;
  const health = new RpcHealth([]);
  const server = await startRpcServer({ bind: "127.0.0.1:0", keys: [reader], services, health, log: SILENT_RPC_LOG });
  t.after(() => server.stop());
  return server.address;
}

function run(command: string, args: readonly string[], folder = root): Promise<string> {
  const { promise, resolve: done, reject } = Promise.withResolvers<string>();
  const options = { cwd: folder, env: { ...process.env, OPENSQT_KEY: key }, timeout: 300_000 };
  execFile(command, args, options, (error, out, said) =>
    error === null ? done(out) : reject(new Error(`${error.message}\n${said}`)),
  );
  return promise;
}

const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** A copy of an example, since generating writes beside it. */
function workplace(t: TestContext, language: string): string {
  const folder = mkdtempSync(join(tmpdir(), `opensqt-client-`));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, "examples/clients", language), folder, { recursive: true });
  return folder;
}

const PROTOS = ["types", "resources", "events", "bot", "position", "risk"].map(
  (name) => `opensqt/market_maker/v1/${name}.proto`,
);

test("API-43 the TypeScript client shows positions, risk and bots", async (t) => {
  const address = await serve(t);
  assert.equal(await run(process.execPath, ["examples/clients/typescript/watch.ts", address, "3"]), EXPECTED);
});

test("API-43 the Python client shows the same", async (t) => {
  const python = process.env["OPENSQT_PYTHON"] ?? "python3";
  if (!works(python, "-c", "import grpc, grpc_tools")) return t.skip("not run: python3 has no grpcio and grpcio-tools");
  const folder = workplace(t, "python");
  const out = ["--python_out=.", "--grpc_python_out=."];
  const google = ["google/type/decimal.proto", "google/rpc/error_details.proto"];
  await run(python, ["-m", "grpc_tools.protoc", "-I", join(root, "proto"), ...out, ...PROTOS, ...google], folder);
  assert.equal(await run(python, ["watch.py", await serve(t), "3"], folder), EXPECTED);
});

test("API-43 the Go client shows the same", async (t) => {
  const tools =
    works("go", "version") && works("protoc-gen-go", "--version") && works("protoc-gen-go-grpc", "--version");
  if (!tools) return t.skip("not run: go, protoc-gen-go or protoc-gen-go-grpc is missing");
  const folder = workplace(t, "go");
  const buf = join(root, "node_modules/.bin/buf");
  const proto = join(root, "proto");
  await run(buf, ["generate", proto, "--template", "buf.gen.yaml", "--path", join(proto, "opensqt")], folder);
  const fetched = await run("go", ["mod", "tidy"], folder).then(
    () => true,
    () => false,
  );
  if (!fetched) return t.skip("not run: the Go modules of grpc cannot be fetched here");
  assert.equal(await run("go", ["run", ".", await serve(t), "3"], folder), EXPECTED);
});
