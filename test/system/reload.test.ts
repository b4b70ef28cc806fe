// Keys of running processes changed by their operator: in a key file, in the configuration, with SIGHUP or without. Who
// lost the right is out, everybody else notices nothing, and nothing stops (API-30).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { openRpcClient } from "../../src/rpc/client.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { type RpcRefusal, refusalOf } from "../../src/rpc/refusal.ts";
import { type Running, startOpensqt } from "../cli/command-line.ts";

const VIEW = "view".padEnd(43, "1");
const OTHER = "view".padEnd(43, "2");
const DESK = "desk".padEnd(43, "3");

const SIMULATED = `
simulated:
  seed: 1
  instruments: [{ symbol: "BTC/USDT:USDT", startPrice: "60000" }]
http: { port: 0 }
`;

const callers = (clients: readonly string[]): string =>
  `grpc:\n  bind: "127.0.0.1:0"\n  clients:\n${clients.map((each) => `    - ${each}\n`).join("")}`;
const VIEW_OF_FILE = "{ name: view, role: reader, key: { file: view.key } }";
const OPERATOR = `{ name: desk, role: operator, key: ${DESK} }`;

class Place {
  readonly folder = mkdtempSync(join(tmpdir(), "opensqt-reload-"));
  private readonly t: TestContext;

  constructor(t: TestContext) {
    this.t = t;
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Replaced at once, as careful writers do. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, `${name}.new`), text, { mode: 0o600 });
    renameSync(join(this.folder, `${name}.new`), join(this.folder, name));
  }

  start(process: string): Running {
    const running = startOpensqt([process, "--config", `${process}.yaml`], { cwd: this.folder });
    this.t.after(async () => {
      running.kill("SIGKILL");
      await running.ended;
    });
    return running;
  }
}

/** What a line of the log says; waits for it. */
async function told(running: Running, line: RegExp): Promise<string> {
  await running.seen(line);
  return line.exec(running.said())?.[1] ?? "";
}

const grpcOf = (running: Running): Promise<string> => told(running, /"code":"listens".*?"address":"([^"]+)"/);
const httpOf = (running: Running): Promise<string> => told(running, /"code":"http-listens","url":"([^"]+)"/);

function dial(t: TestContext, address: string, key: string) {
  const client = openRpcClient({ address, key });
  t.after(() => client.close());
  return client;
}

/** Follows a stream; `begun` after its first message, `ended` with what ended it. */
function followed(stream: AsyncIterable<unknown>): {
  readonly begun: Promise<void>;
  readonly ended: Promise<RpcRefusal>;
} {
  const begun = Promise.withResolvers<void>();
  const read = async (): Promise<RpcRefusal> => {
    try {
      for await (const _ of stream) begun.resolve();
      return assert.fail("the stream ended without a word");
    } catch (error) {
      begun.resolve();
      return refusalOf(error);
    }
  };
  return { begun: begun.promise, ended: read() };
}

test("API-30 a connector's key file is replaced: streams of the old key end, the new one is let in, nobody else notices", async (t) => {
  const place = new Place(t);
  place.write("view.key", VIEW);
  place.write("connector.yaml", SIMULATED + callers([VIEW_OF_FILE, OPERATOR]));
  const connector = place.start("connector");
  const address = await grpcOf(connector);
  await httpOf(connector);
  const old = dial(t, address, VIEW).client(ExchangeServiceDefinition);
  const desk = dial(t, address, DESK).client(ExchangeServiceDefinition);
  const streams = [old, desk].map((client) => followed(client.subscribeFeeds({})));
  await Promise.all(streams.map(({ begun }) => begun));

  place.write("view.key", OTHER);
  const refusal = await streams[0]?.ended;
  assert.deepEqual([refusal?.status, refusal?.reason], ["UNAUTHENTICATED", "AUTH"]);
  await connector.seen(/"code":"reloaded".*"by":"a file changed"/);
  await assert.rejects(old.getName({}), { status: "UNAUTHENTICATED" });
  await dial(t, address, OTHER).client(ExchangeServiceDefinition).getName({});

  // a file that cannot be used changes nothing and is named
  place.write("view.key", "short");
  await connector.seen(/"code":"reload-refused".*the old keys stay.*is too short for a key/);
  await dial(t, address, OTHER).client(ExchangeServiceDefinition).getName({});

  const stillThere = Promise.race([streams[1]?.ended.then(() => "ended"), desk.getName({}).then(() => "there")]);
  assert.equal(await stillThere, "there");
  assert.equal(connector.said().includes(OTHER) || connector.said().includes(VIEW), false, "no key in the log");
  connector.kill("SIGTERM");
  assert.equal((await connector.ended).code, 0);
});

test("API-30 SIGHUP makes a market-maker read its callers again, at gRPC and at the operator door, and stops nothing", async (t) => {
  const place = new Place(t);
  const rest = `exchange: simulated\n${SIMULATED}`;
  const reader = `{ name: view, role: operator, key: ${VIEW} }`;
  place.write("market-maker.yaml", rest + callers([reader, OPERATOR]));
  const engine = place.start("market-maker");
  const address = await grpcOf(engine);
  const url = await httpOf(engine);
  const old = dial(t, address, VIEW).client(BotServiceDefinition);
  const stream = followed(old.subscribeBots({}));
  await stream.begun;
  const knock = (key: string): Promise<number> =>
    fetch(`${url}/operator/v1/pair/code`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: "{}",
    }).then(({ status }) => status);
  assert.equal(await knock(VIEW), 200);

  place.write("market-maker.yaml", rest + callers([OPERATOR]));
  engine.kill("SIGHUP");
  await engine.seen(/"code":"reloaded".*"by":"SIGHUP"/);
  const refusal = await stream.ended;
  assert.deepEqual([refusal.status, refusal.reason], ["UNAUTHENTICATED", "AUTH"]);
  assert.deepEqual([await knock(VIEW), await knock(DESK)], [401, 200]);
  await dial(t, address, DESK).client(BotServiceDefinition).listBots({});
  engine.kill("SIGTERM");
  assert.equal((await engine.ended).code, 0);
});

test("API-30 a live-server's viewer is out with its key, by header and by cookie; SIGHUP stops nothing", async (t) => {
  const place = new Place(t);
  const hash = (key: string): string => `"${createHash("sha256").update(key).digest("hex")}"`;
  const config = (keys: readonly string[]): string =>
    `sources: []\nhttp: { port: 0 }\nauth: { mode: key, keys: [${keys.map(hash).join(", ")}] }\n`;
  place.write("live-server.yaml", config([VIEW, OTHER]));
  const live = place.start("live-server");
  const url = await httpOf(live);
  const connect = async (key: string) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, ["opensqt.v2"], {
      headers: { authorization: `Bearer ${key}` },
    });
    await once(socket, "open");
    return { socket, closed: once(socket, "close").then(([code]: unknown[]) => code) };
  };
  const login = (key: string): Promise<Response> =>
    fetch(`${url}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ key }),
    });
  const cookie = (await login(VIEW)).headers.get("set-cookie")?.split(";")[0] ?? "";
  const seen = (): Promise<number> =>
    fetch(`${url}/api/v1/feeds`, { headers: { cookie } }).then(({ status }) => status);
  assert.equal(await seen(), 200);
  const [gone, stays] = [await connect(VIEW), await connect(OTHER)];

  place.write("live-server.yaml", config([OTHER]));
  live.kill("SIGHUP");
  assert.equal(await gone.closed, 1008);
  assert.equal(await seen(), 401);
  assert.equal((await login(VIEW)).status, 401);
  assert.equal(stays.socket.readyState, WebSocket.OPEN);
  stays.socket.terminate();
  live.kill("SIGTERM");
  assert.equal((await live.ended).code, 0);
});
