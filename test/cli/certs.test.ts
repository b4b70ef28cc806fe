// opensqt certs (OPS-40): what it makes lets the right ones in over real TLS, and is replaced while they talk.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { connect } from "node:tls";
import { callerOf } from "../../src/rpc/caller.ts";
import { openRpcClient } from "../../src/rpc/client.ts";
import { BotServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { RpcHealth } from "../../src/rpc/health.ts";
import type { RpcClientEntry } from "../../src/rpc/keyring.ts";
import { rpcService } from "../../src/rpc/method.ts";
import { SILENT_RPC_LOG } from "../../src/rpc/observer.ts";
import { refusalOf } from "../../src/rpc/refusal.ts";
import { startRpcServer } from "../../src/rpc/server.ts";
import { assertRefused, opensqt, withFolder } from "./command-line.ts";

interface Shown {
  readonly data: { readonly leaves: readonly { readonly name: string; readonly untilMs: number }[] };
}

const DAY_MS = 86_400_000;
const entry = (name: string, role: RpcClientEntry["role"]): RpcClientEntry => {
  return { name, role, keySha256: null, san: `${name}.opensqt`, bots: null };
};
const service = rpcService(BotServiceDefinition, {
  getBot: async (_, context) => ({ config: callerOf(context).name }),
  stopBot: async () => ({}),
});

async function engineOf(t: TestContext, certs: string) {
  const tls = { cert: join(certs, "engine.pem"), key: join(certs, "engine.key"), clientCa: join(certs, "ca.pem") };
  const server = await startRpcServer({
    bind: "127.0.0.1:0",
    tls,
    keys: [entry("view", "reader"), entry("operator", "operator")],
    services: [service],
    health: new RpcHealth([service.fullName]),
    log: SILENT_RPC_LOG,
  });
  t.after(() => server.stop());
  return server;
}

function callAs(t: TestContext, certs: string, { name, address }: { readonly name: string; readonly address: string }) {
  const file = (ending: string): string => join(certs, `${name}.${ending}`);
  const tls = { ca: join(certs, "ca.pem"), cert: file("pem"), key: file("key"), serverName: "engine.opensqt" };
  const client = openRpcClient({ address, tls, key: null });
  t.after(() => client.close());
  return client.client(BotServiceDefinition);
}

/** When the certificate ends that a server shows now, Unix ms. */
function shownUntil(address: string): Promise<number> {
  const port = Number.parseInt(address.split(":")[1] ?? "", 10);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] }, () => {
      resolve(Date.parse(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("OPS-40 the leaves of certs init let a view read and an operator act, renewed while they talk", async (t) => {
  await withFolder(async (folder) => {
    const certs = join(folder, "certs");
    const made = opensqt(["certs", "init", "10.0.0.5", "--out", certs, "--days", "60"]);
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /engine +until \d{4}-\d\d-\d\d, 60 days left; engine\.opensqt, 10\.0\.0\.5, localhost/);
    for (const path of ["engine.key", "view.key", "authority/ca.key"]) {
      assert.equal(statSync(join(certs, path)).mode & 0o777, 0o600, path);
    }
    assert.equal(statSync(join(certs, "authority")).mode & 0o777, 0o700);
    const server = await engineOf(t, certs);
    const { address } = server;
    const view = callAs(t, certs, { name: "view", address });
    assert.equal((await view.getBot({ botId: "a" })).config, "view");
    const refused = await view.stopBot({ botId: "a", reason: "no" }).then(String, (error: unknown) => refusalOf(error));
    assert.ok(typeof refused === "object" && refused.status === "PERMISSION_DENIED", String(refused));
    const operator = callAs(t, certs, { name: "operator", address });
    await operator.stopBot({ botId: "a", reason: "yes" });
    const before = await shownUntil(address);
    const renewed = opensqt(["certs", "renew", "engine", "--out", certs, "--days", "90", "--json"]);
    const [leaf] = (JSON.parse(renewed.out) as Shown).data.leaves;
    server.reload([entry("view", "reader"), entry("operator", "operator")]);
    assert.equal(await shownUntil(address), leaf?.untilMs);
    assert.ok((leaf?.untilMs ?? 0) - before > 29 * DAY_MS);
    assert.equal((await view.getBot({ botId: "a" })).config, "view", "who talked goes on");
  });
});

test("OPS-11 certs says what is wrong, overwrites nothing, and show exits 4 only when something has ended", () => {
  withFolder((folder) => {
    const certs = join(folder, "certs");
    assertRefused(opensqt(["certs", "show", "--out", certs]), 3, "certs init");
    assertRefused(opensqt(["certs", "init", "not a host", "--out", certs]), 2, "is no host");
    assertRefused(opensqt(["certs", "init", "--out", certs, "--days", "0"]), 2, "1 to 825");
    assert.equal(opensqt(["certs", "init", "--out", certs]).code, 0);
    assertRefused(opensqt(["certs", "init", "--out", certs]), 3, "holds an authority already");
    assertRefused(opensqt(["certs", "renew", "nobody", "--out", certs]), 3, "there are connector, engine");
    assert.equal(opensqt(["certs", "issue", "grafana", "--out", certs]).code, 0);
    const { code, out } = opensqt(["certs", "show", "--out", certs, "--json"]);
    assert.equal(code, 0);
    const names = (JSON.parse(out) as Shown).data.leaves.map(({ name }) => name);
    assert.deepEqual(names, ["connector", "engine", "grafana", "operator", "view"]);
    assertRefused(opensqt(["certs", "init", "--out", join(certs, "ca.pem", "below")]), 13, "cannot be written");
  });
});
