// Certificates on real sockets: who is let in by name, what both ways together give, and what refuses to start.

import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { connect as tlsConnect } from "node:tls";
import { callerOf } from "./caller.ts";
import { type Authority, type CertificateFiles, makeAuthority } from "./certificates.fixture.ts";
import { openRpcClient, type RpcClientOptions } from "./client.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { RpcHealth } from "./health.ts";
import { newApiKey, type RpcClientEntry, sha256Of } from "./keyring.ts";
import { rpcService } from "./method.ts";
import { SILENT_RPC_LOG } from "./observer.ts";
import { type RpcServer, startRpcServer } from "./server.ts";
import { REAL_TIMERS, type Timers } from "./timers.ts";
import { RpcSetupError } from "./tls.ts";
import { HandTimers } from "./topic.fixture.ts";
import { refusedBy } from "./village.fixture.ts";

const whoIsIt = rpcService(BotServiceDefinition, {
  getBot: async (_, context) => {
    const { name, role, bots } = callerOf(context);
    return { config: `${name} ${role} ${bots?.join(",") ?? "any"}` };
  },
  startBot: async () => ({}),
});

const key = newApiKey();
const entry = (parts: Partial<RpcClientEntry>): RpcClientEntry => {
  return { name: "somebody", role: "reader", keySha256: null, san: null, bots: null, ...parts };
};
const ENTRIES = [
  entry({ name: "desk", role: "operator", san: "operator", bots: ["a", "b"] }),
  entry({ name: "view", san: "spiffe://opensqt/view" }),
  entry({ name: "engine", role: "trader", keySha256: sha256Of(key), bots: ["b", "c"] }),
];

interface Door {
  readonly server: RpcServer;
  readonly authority: Authority;
  readonly ask: (shown: CertificateFiles | null, key: string | null) => Promise<string>;
}

async function openDoor(t: TestContext, timers: Timers = REAL_TIMERS): Promise<Door> {
  const authority = makeAuthority(t);
  const { cert, key: privateKey } = authority.issue("server", ["127.0.0.1", "localhost"]);
  const tls = { cert, key: privateKey, clientCa: authority.ca };
  const health = new RpcHealth([whoIsIt.fullName]);
  const log = SILENT_RPC_LOG;
  const options = { bind: "127.0.0.1:0", tls, keys: ENTRIES, services: [whoIsIt], health, log, timers };
  const server = await startRpcServer(options);
  t.after(() => server.stop());
  const ask = async (shown: CertificateFiles | null, apiKey: string | null): Promise<string> => {
    const files = { ca: authority.ca, cert: shown?.cert ?? null, key: shown?.key ?? null, serverName: null };
    const client = openRpcClient({ address: server.address, tls: files, key: apiKey });
    try {
      return (await client.client(BotServiceDefinition).getBot({ botId: "a" })).config;
    } finally {
      client.close();
    }
  };
  return { server, authority, ask };
}

test("API-25 a certificate is let in by its exact name, a key by its hash, both by the weaker role", async (t) => {
  const { authority, ask } = await openDoor(t);
  const desk = authority.issue("desk", ["operator"]);
  assert.equal(await ask(desk, null), "desk operator a,b");
  assert.equal(await ask(authority.issue("view", ["spiffe://opensqt/view"]), null), "view reader any");
  assert.equal(await ask(null, key), "engine trader b,c");
  assert.equal(await ask(desk, key), "engine+desk trader b", "the weaker role, and bots both may act for");
});

test("API-25 a name that is nearly right, or signed by somebody else, is nobody", async (t) => {
  const { authority, ask } = await openDoor(t);
  // who is known before an address fails is not locked out with it
  assert.equal(await ask(null, key), "engine trader b,c");
  for (const name of ["operator2", "Operator", "x.operator", "operator.", "operator, DNS:operator"]) {
    const refusal = await refusedBy(ask(authority.issue("near", [name]), null));
    assert.deepEqual([refusal.status, refusal.reason], ["UNAUTHENTICATED", "AUTH"], name);
  }
  const stranger = makeAuthority(t, "somebody else's authority").issue("desk", ["operator"]);
  assert.equal((await refusedBy(ask(stranger, null))).status, "UNAUTHENTICATED");
  assert.equal(await ask(stranger, key), "engine trader b,c", "a certificate that proves nothing takes nothing away");
});

test("API-26 plaintext refuses to leave this machine, and TLS below 1.2 is not spoken", async (t) => {
  const health = new RpcHealth([]);
  const plain = { keys: ENTRIES, services: [], health, log: SILENT_RPC_LOG };
  for (const bind of ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0"]) {
    await assert.rejects(startRpcServer({ ...plain, bind }), (error) => {
      return error instanceof RpcSetupError && error.code === "RPC_PLAIN" && error.message.includes("tls.cert");
    });
  }
  const { server, authority } = await openDoor(t);
  const socket = tlsConnect({
    port: server.port,
    host: "127.0.0.1",
    ca: readFileSync(authority.ca),
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
    ALPNProtocols: ["h2"],
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("error", (error) => resolve(error.message));
  socket.once("secureConnect", () => resolve(`connected by ${socket.getProtocol()}`));
  assert.doesNotMatch(await promise, /connected by/);
  socket.destroy();
});

test("API-26 a unix socket needs no TLS", async (t) => {
  const { folder } = makeAuthority(t);
  const address = `unix:${join(folder, "rpc.sock")}`;
  const health = new RpcHealth([whoIsIt.fullName]);
  const services = [whoIsIt];
  const server = await startRpcServer({ bind: address, keys: ENTRIES, services, health, log: SILENT_RPC_LOG });
  t.after(() => server.stop());
  assert.equal(statSync(join(folder, "rpc.sock")).mode & 0o077, 0, "nobody else may connect");
  const options: RpcClientOptions = { address: server.address, key };
  const client = openRpcClient(options);
  assert.equal((await client.client(BotServiceDefinition).getBot({ botId: "a" })).config, "engine trader b,c");
  client.close();
});

test("API-26 a private key its group or others may read stops the start", async (t) => {
  const authority = makeAuthority(t);
  const { cert, key: privateKey } = authority.issue("server", ["127.0.0.1"]);
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(privateKey, mode);
    const tls = { cert, key: privateKey, clientCa: null };
    const health = new RpcHealth([]);
    const start = startRpcServer({ bind: "127.0.0.1:0", tls, keys: [], services: [], health, log: SILENT_RPC_LOG });
    await assert.rejects(start, (error) => error instanceof RpcSetupError && error.message.includes("chmod 600"));
  }
});

test("API-30 new certificate files take effect without a restart", async (t) => {
  const timers = new HandTimers();
  const { server, authority } = await openDoor(t, timers);
  const fingerprint = async (): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = tlsConnect({
      port: server.port,
      host: "127.0.0.1",
      ca: readFileSync(authority.ca),
      ALPNProtocols: ["h2"],
    });
    socket.once("secureConnect", () => resolve(socket.getPeerCertificate().fingerprint256));
    socket.once("error", reject);
    const found = await promise;
    socket.destroy();
    return found;
  };
  const before = await fingerprint();
  authority.issue("server", ["127.0.0.1", "localhost"]);
  assert.equal(await fingerprint(), before);
  timers.pass(2_000);
  const after = await fingerprint();
  assert.notEqual(after, before);
  writeFileSync(join(authority.folder, "server.key"), "not a key");
  timers.pass(2_000);
  assert.equal(await fingerprint(), after, "what cannot be used changes nothing");
  assert.throws(() => server.reload(), RpcSetupError);
  assert.equal(await fingerprint(), after);
});
