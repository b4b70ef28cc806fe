// The processes of examples/configs/*-tls.yaml together: TLS between them, callers known by their certificates, HTTPS
// for people. Certificates are made for the test; ports are any free ones.

import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { parse, stringify } from "yaml";
import { type Authority, makeAuthority } from "../../src/rpc/certificates.fixture.ts";
import { openRpcClient, type RpcClient } from "../../src/rpc/client.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { type RpcRefusal, refusalOf } from "../../src/rpc/refusal.ts";
import { type Running, root, startOpensqt, withFolder } from "../cli/command-line.ts";
import { until } from "./system.ts";

interface Values {
  [name: string]: unknown;
}

const OPERATOR = "operator".padEnd(43, "0");

interface Town {
  readonly folder: string;
  readonly authority: Authority;
  readonly start: (process: string, change: (values: Values) => void) => Running;
}

function town(t: TestContext, folder: string): Town {
  const authority = makeAuthority(t);
  for (const name of ["connector", "engine", "view"]) authority.issue(name, [`${name}.opensqt`, "127.0.0.1"]);
  const environment = { OPENSQT_CERTS: authority.folder, OPENSQT_OPERATOR_KEY: OPERATOR };
  const start = (process: string, change: (values: Values) => void): Running => {
    const values = parse(readFileSync(join(root, `examples/configs/${process}-tls.yaml`), "utf8")) as Values;
    change(values);
    const path = join(folder, `${process}.yaml`);
    writeFileSync(path, stringify(values));
    return startOpensqt([process, "--config", path], { cwd: folder, environment, timeoutMs: 120_000 });
  };
  return { folder, authority, start };
}

const put = (values: Values, section: string, inner: Values): void => {
  values[section] = { ...(values[section] as Values | undefined), ...inner };
};

const anyPort = (values: Values): void => {
  if ("grpc" in values) put(values, "grpc", { bind: "127.0.0.1:0" });
  put(values, "http", { port: 0 });
};

async function addressOf(running: Running): Promise<string> {
  await running.seen(/gRPC listens/);
  return /"address":"([^"]+)"[^\n]*gRPC listens/.exec(running.said())?.[1] ?? "";
}

async function urlOf(running: Running): Promise<string> {
  await running.seen(/http listens/);
  return /"url":"(http[^"]+)"[^\n]*http listens/.exec(running.said())?.[1] ?? "";
}

/** Status of an answer over HTTPS, trusting the town's authority alone. */
function statusOf(url: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ca: readFileSync(ca) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on("error", reject).end();
  });
}

/** A client that shows the certificate of this name; null for none. */
function as(t: TestContext, { authority }: Town, address: string, name: string | null): RpcClient {
  const file = (ending: string): string | null => (name === null ? null : join(authority.folder, `${name}.${ending}`));
  const tls = { ca: authority.ca, cert: file("pem"), key: file("key"), serverName: null };
  const client = openRpcClient({ address, key: null, tls });
  t.after(() => client.close());
  return client;
}

async function refusal(call: Promise<unknown>): Promise<RpcRefusal["status"]> {
  return call.then(
    () => "OK",
    (error: unknown) => refusalOf(error).status,
  );
}

test("API-25 API-26 API-28 OPS-01 the processes trade over mTLS, each let in by its certificate", async (t) => {
  await withFolder(async (folder) => {
    const all = town(t, folder);
    const connector = all.start("connector", anyPort);
    const exchange = await addressOf(connector);
    const engine = all.start("market-maker", (values) => {
      anyPort(values);
      put(values, "connector", { address: exchange });
    });
    const bots = await addressOf(engine);
    const console = all.start("live-server", (values) => {
      anyPort(values);
      for (const source of values["sources"] as Values[])
        source["address"] = source["kind"] === "engine" ? bots : exchange;
    });
    try {
      for (const running of [connector, engine, console]) {
        const url = await urlOf(running);
        assert.match(url, /^https:/);
        await until(`${url} is ready`, async () => (await statusOf(`${url}/ready`, all.authority.ca)) === 200);
        assert.equal(await statusOf(`${url}/health`, all.authority.ca), 200);
      }
      const view = as(t, all, bots, "view").client(BotServiceDefinition);
      await until("orders rest", async () => ((await view.listBots({})).bots[0]?.liveOrders ?? 0) > 0);
      assert.equal(await refusal(view.stopBot({ botId: "btc-grid", reason: "no" })), "PERMISSION_DENIED");
      const spy = as(t, all, exchange, "view").client(ExchangeServiceDefinition);
      const cancel = {
        exchange: "",
        symbol: "BTC/USDT:USDT",
        clientOrderId: "o98aoyw01000000000n000fn",
        botId: "btc-grid",
      };
      assert.equal(await refusal(spy.cancelOrder(cancel)), "PERMISSION_DENIED", "a view's certificate trades nothing");
      const nobody = as(t, all, exchange, null).client(ExchangeServiceDefinition);
      assert.equal(await refusal(nobody.getName({ exchange: "" })), "UNAUTHENTICATED");
      const clear = `${(await urlOf(engine)).replace("https:", "http:")}/health`;
      await assert.rejects(fetch(clear), "nothing answers in the clear");
    } finally {
      for (const running of [console, engine, connector]) {
        running.kill("SIGTERM");
        const { code, err } = await running.ended;
        assert.equal(code, 0, err);
      }
    }
  });
});

test("API-26 OPS-03 a certificate that is not there, or whose key others may read, is refused", async (t) => {
  await withFolder(async (folder) => {
    const all = town(t, folder);
    chmodSync(join(all.authority.folder, "connector.key"), 0o644);
    const open = await all.start("connector", anyPort).ended;
    assert.deepEqual(
      [open.code, /tls\.key: .*may be read or written by others.*chmod 600/.test(open.err)],
      [3, true],
      open.err,
    );
    const missing = await all.start("market-maker", (values) => {
      anyPort(values);
      put(values, "tls", { cert: join(folder, "none.pem") });
    }).ended;
    assert.deepEqual([missing.code, /tls\.cert: .*there is no such file/.test(missing.err)], [3, true], missing.err);
  });
});

test("API-30 a new certificate is shown on both listeners without a restart", async (t) => {
  await withFolder(async (folder) => {
    const all = town(t, folder);
    const connector = all.start("connector", anyPort);
    try {
      const url = await urlOf(connector);
      const address = await addressOf(connector);
      assert.equal(await statusOf(`${url}/health`, all.authority.ca), 200);
      const renewed = makeAuthority(t, "another authority");
      const { cert, key } = renewed.issue("connector", ["connector.opensqt", "127.0.0.1"]);
      for (const [from, to] of [
        [cert, "connector.pem"],
        [key, "connector.key"],
      ] as const) {
        writeFileSync(join(all.authority.folder, to), readFileSync(from), { mode: 0o600 });
      }
      await until(
        "the new certificate is shown over HTTPS",
        async () => (await statusOf(`${url}/health`, renewed.ca)) === 200,
      );
      const tls = { ca: renewed.ca, cert: null, key: null, serverName: null };
      await until("and over gRPC", async () => {
        const client = openRpcClient({ address, key: OPERATOR, tls });
        try {
          return (await client.client(ExchangeServiceDefinition).getName({ exchange: "" })).name !== "";
        } finally {
          client.close();
        }
      });
    } finally {
      connector.kill("SIGTERM");
      await connector.ended;
    }
  });
});
