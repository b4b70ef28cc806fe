// Keys of a real exchange in a whole system, an emulated Binance behind it: they are said nowhere, changed without an
// order lost, one connector's alone, and orders of somebody else on the account are left alone.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { WebSocket } from "ws";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import { parseClientOrderId } from "../../src/trading/client-order-id.ts";
import { startOpensqt } from "../cli/command-line.ts";
import { System, until } from "./system.ts";

const SYMBOL = "BTC/USDT:USDT";
const CONFIG = `
exchange: binance
environment: emulator
bot:
  id: btc-grid
  strategy: grid
  instrument: "${SYMBOL}"
  cancelOnExit: all
  grid: { mode: neutral, spacing: geometric, spacingBps: "6", orderQuote: "130", entryLevels: 5, exitLevels: 5 }
`;
const OLD = { apiKey: "marked+old/key=A1b2C3d4", secret: ["marked", "old/secret=E5f6G7h8"].join("+") };
const NEW = { apiKey: "marked+new/key=J9k0L1m2", secret: ["marked", "new/secret=N3o4P5q6"].join("+") };
const PASSPHRASE = ["marked", "pass/phrase=R7s8T9u0"].join("+");
const MARKED = [OLD.apiKey, OLD.secret, NEW.apiKey, NEW.secret, PASSPHRASE];

/** A text as it may stand in an output: plain, URL-encoded, and inside base64 of something longer. */
function formsOf(secret: string): readonly string[] {
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.from(`${"x".repeat(before)}${secret}`)
      .toString("base64")
      .replaceAll("=", "");
    // the first and last characters are shared with what stands beside it
    return text.slice(before === 0 ? 0 : 4, -2);
  });
  return [secret, encodeURIComponent(secret), ...shifted, Buffer.from(secret).toString("base64url").replace(/=+$/, "")];
}

function assertUnsaid(where: string, said: string | Buffer): void {
  const text = typeof said === "string" ? said : said.toString("latin1");
  for (const secret of MARKED) for (const form of formsOf(secret)) assert.ok(!text.includes(form), `${where}: ${form}`);
  assert.doesNotMatch(text, /signature=[0-9a-fA-F]{16}|listenKey=\w{8}/, where);
}

class Keys {
  readonly folder: string;

  constructor(context: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), "opensqt-keys-"));
    context.after(() => rmSync(this.folder, { recursive: true, force: true }));
    this.write(OLD);
    this.put("passphrase", PASSPHRASE);
  }

  write({ apiKey, secret }: typeof OLD): void {
    this.put("secret", secret);
    this.put("apiKey", apiKey);
  }

  yaml(): string {
    const files = ["apiKey", "secret", "passphrase"].map((name) => `${name}: { file: "${join(this.folder, name)}" }`);
    return `credentials: { ${files.join(", ")} }`;
  }

  put(name: string, text: string): void {
    const path = join(this.folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
  }
}

test("TEST-P28 EXCH-52 EXCH-53 EXCH-50 keys are said nowhere, changed under orders, held by one; foreign orders stay", {
  timeout: 200_000,
}, async (t) => {
  const keys = new Keys(t);
  const account = { name: "owner", ...OLD, leverage: 3, balances: { "binance-usdm": { USDT: "10000" } } };
  const emulator = await startEmulator({
    protocols: ["binance-usdm"],
    ports: FREE_PORTS,
    controlPort: null,
    accounts: [account],
  });
  t.after(() => emulator.close());
  const at = `127.0.0.1:${emulator.ports["binance-usdm"]}`;
  const frames = join(keys.folder, "frames");
  const parts = [
    keys.yaml(),
    `endpoints: { rest: "http://${at}", websocket: "ws://${at}" }`,
    `record: { folder: "${frames}", private: true }`,
  ];
  const { universe } = emulator.control;
  const wallet = walletOf("owner", "binance-usdm");
  const open = () => [...universe.exchange.desk.ledger.openOrders(wallet)].map(({ clientOrderId }) => clientOrderId);
  const ours = () => open().filter((id) => parseClientOrderId(id) !== null);
  const foreign = { symbol: SYMBOL, side: "buy", price: "10000", lots: "0.01", clientOrderId: "web_by_hand" } as const;
  assert.equal(emulator.control.operator.foreignOrder("owner", foreign), null);
  const system = await System.start({ config: CONFIG, connector: parts.join(", ") });
  t.after(() => system.close());
  const said: { readonly where: string; readonly text: string | Buffer }[] = [];
  const console = listening(system, (text) => said.push({ where: "a frame of the console", text }));
  t.after(() => console.terminate());
  await until("orders rest", async () => ours().length >= 4);
  const shown = await system.exchange.getOpenOrders({ symbol: SYMBOL });
  assert.ok(
    shown.orders.some(({ clientOrderId }) => clientOrderId === "web_by_hand"),
    "a foreign order is shown",
  );

  // a second connector of the same key on this machine (EXCH-50)
  const second = join(keys.folder, "second.yaml");
  const grpc = `grpc: { bind: "127.0.0.1:0", clients: [{ name: engine, role: trader, sha256: "${"0".repeat(64)}" }] }\nhttp: { port: 0 }\nstore: { folder: "${keys.folder}/second" }`;
  const listed = `exchange: binance\nenvironment: emulator\ninstruments: ["${SYMBOL}"]\n${grpc}`;
  writeFileSync(second, `${listed}\n${parts.join("\n")}\n`);
  const refused = await startOpensqt(["connector", "--config", second], { cwd: keys.folder }).ended;
  assert.equal(refused.code, 8, refused.err);
  assert.match(refused.err, new RegExp(`the API key of binance is in use by process ${system.pid("connector")} on `));
  said.push({ where: "a second connector", text: refused.err });

  // the doctor asks the connector that has the key (EXCH-55)
  const data = ["--config", join(system.folder, "opensqt.yaml"), "--data-dir", join(system.folder, "data")];
  const examined = await startOpensqt(["doctor", ...data], { cwd: keys.folder }).ended;
  assert.equal(examined.code, 0, examined.out);
  for (const line of [/✓ key: /, /✓ clock: /, /✓ fee tier: /, /! open orders: .*1 of them not of any bot/]) {
    assert.match(examined.out, line);
  }
  const held = await startOpensqt(["doctor", "--config", second], { cwd: keys.folder }).ended;
  assert.match(held.out, /– exchange: the API key of binance is in use by process \d+ on /);
  said.push({ where: "the doctor", text: examined.out + examined.err + held.out + held.err });

  // keys that others may read are refused, the old ones stay (EXCH-52)
  chmodSync(join(keys.folder, "secret"), 0o644);
  const loose = await system.exchange.reloadCredentials({}).then(
    () => "taken",
    (error: unknown) => String(error),
  );
  assert.match(loose, /may be read.* by others|chmod 600/);
  said.push({ where: "the answer to ReloadCredentials", text: loose });
  chmodSync(join(keys.folder, "secret"), 0o600);

  // the exchange gives another key, first the gap in which the old one is refused
  const before = new Set(ours());
  emulator.control.changeAccount("owner", NEW);
  said.push({ where: "an answer while the key is refused", text: JSON.stringify(await asked(system)) });
  keys.write(NEW);
  const { keyFingerprint } = await system.exchange.reloadCredentials({});
  assert.match(keyFingerprint, /^[0-9a-f]{12}$/);
  await until("the new key works", async () => (await system.exchange.getAccount({})).account !== undefined);
  // a key the exchange refuses takes the connector out of service (RISK-44): no new risk, and what rests stays
  const gone = [...before].flatMap((id) => emulator.control.orders(id)).filter(({ status }) => status !== "open");
  assert.deepEqual(
    gone.filter(({ status }) => status !== "filled"),
    [],
    "no order was cancelled while the keys were changed",
  );
  assert.equal(new Set(ours()).size, ours().length, "no order stands twice");
  for (const socket of emulator.control.sockets()) socket.close(1001, "the server goes");
  await until(
    "orders are placed with the new key",
    async () => ours().some((id) => !before.has(id)) || ours().length >= 4,
  );

  // and back again by a signal
  emulator.control.changeAccount("owner", OLD);
  keys.write(OLD);
  process.kill(system.pid("connector") ?? 0, "SIGHUP");
  // an account may be told from memory, rights are asked for
  const rights = { text: "" };
  await until("the old key works again", async () => {
    rights.text = JSON.stringify(await system.exchange.getKeyRights({}));
    return true;
  });

  for (const name of ["connector", "marketMaker", "liveServer"] as const) {
    for (const path of ["status", "metrics", "ready", "health"]) {
      said.push({ where: `${name} /${path}`, text: await (await fetch(`${system.run[name].http}/${path}`)).text() });
    }
  }
  said.push({ where: "key rights", text: rights.text });
  const { code, out, err } = await system.stop();
  assert.equal(code, 0, err);
  assert.deepEqual(open(), ["web_by_hand"], "own orders are gone, the foreign one is there");
  said.push({ where: "stdout and stderr of up", text: out + err });
  for (const folder of [system.folder, frames]) {
    for (const path of filesBelow(folder)) said.push({ where: path, text: contentOf(path) });
  }
  assert.ok(said.some(({ where }) => where.endsWith("journal.db")) && said.length > 20);
  assert.ok(said.some(({ where }) => where === "a frame of the console"));
  for (const { where, text } of said) assertUnsaid(where, text);
});

/** What the exchange answers now, through the connector: its word or its refusal. */
const asked = (system: System): Promise<unknown> =>
  system.exchange.getAccount({}).then(
    (answer) => ({ ...answer, account: answer.account === undefined ? "none" : "told" }),
    (error: unknown) => String(error),
  );

function listening(system: System, heard: (text: string) => void): WebSocket {
  const socket = new WebSocket(`${system.run.console.replace("http", "ws")}ws`, ["opensqt.v2"]);
  socket.on("message", (data: Buffer) => heard(data.toString("utf8")));
  socket.on("error", () => undefined);
  return socket;
}

const contentOf = (path: string): Buffer =>
  path.endsWith(".gz") ? gunzipSync(readFileSync(path)) : readFileSync(path);

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());
