// `opensqt doctor` before the first order on a real exchange: an emulated Binance in this process, the doctor as a
// process of its own with a connector's file, and everything that can be wrong with an account, once.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { AccountSpec } from "../../src/exchange/emulator/accounts.ts";
import { type Emulator, FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";
import { walletOf } from "../../src/exchange/emulator/world.ts";
import { startOpensqt } from "./command-line.ts";

type Check = {
  readonly area: string;
  readonly check: string;
  readonly outcome: string;
  readonly text: string;
  readonly todo: string | null;
};

interface Asked {
  readonly code: number | null;
  readonly checks: readonly Check[];
  readonly said: string;
}

const SECRET = "doctor-marked-secret";
const OWNER: AccountSpec = {
  name: "owner",
  apiKey: "doctor-marked-key",
  secret: SECRET,
  leverage: 5,
  ipRestricted: true,
  balances: { "binance-usdm": { USDT: "10000" } },
};

async function emulated(context: TestContext, account: Partial<AccountSpec> = {}): Promise<Emulator> {
  const emulator = await startEmulator({
    protocols: ["binance-usdm"],
    ports: FREE_PORTS,
    controlPort: null,
    accounts: [{ ...OWNER, ...account }],
  });
  context.after(() => emulator.close());
  return emulator;
}

async function doctor(context: TestContext, port: number | undefined, more = ""): Promise<Asked> {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-doctor-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "connector.yaml");
  const words = `
exchange: binance
environment: emulator
credentials: { apiKey: { env: DOCTOR_KEY }, secret: { env: DOCTOR_SECRET } }
endpoints: { rest: "http://127.0.0.1:${port}", websocket: "ws://127.0.0.1:${port}" }
store: { folder: "${folder}/data" }
grpc: { clients: [{ name: engine, role: trader, sha256: "${"0".repeat(64)}" }] }
${more.includes("instruments:") ? "" : 'instruments: ["BTC/USDT:USDT"]'}
${more}`;
  writeFileSync(file, words);
  const environment = { DOCTOR_KEY: "doctor-marked-key", DOCTOR_SECRET: SECRET };
  const running = startOpensqt(["doctor", "--json", "--config", file], { cwd: folder, environment });
  const { code, out, err } = await running.ended;
  const answer = JSON.parse(out) as { readonly data: { readonly checks: readonly Check[] } };
  return { code, checks: answer.data.checks, said: out + err };
}

/** Lines of one outcome, as a person reads them. */
const lines = ({ checks }: Asked, outcome: string): readonly string[] =>
  checks
    .filter((each) => each.outcome === outcome && ["network", "account", "instruments", "streams"].includes(each.area))
    .map(({ check, text, todo }) => `${check}: ${text}${todo === null ? "" : ` → ${todo}`}`);

/** It stopped, with one line for each of these, and nothing secret was said. */
function assertStops(asked: Asked, ...wanted: readonly RegExp[]): void {
  assert.equal(asked.code, 4, asked.said);
  const stops = lines(asked, "stop");
  assert.equal(stops.length, wanted.length, stops.join("\n"));
  for (const [index, line] of wanted.entries()) assert.match(stops[index] ?? "", line);
  assert.ok(!asked.said.includes(SECRET));
}

test("EXCH-55 EXCH-54 doctor looks at all a first order needs: clock, key, account, reads, sockets", async (t) => {
  const emulator = await emulated(t);
  const found = await doctor(t, emulator.ports["binance-usdm"], "account: { leverage: 5, marginMode: cross }");
  assert.equal(found.code, 0, found.said);
  const checked = new Set(found.checks.filter(({ outcome }) => outcome === "ok").map(({ check }) => check));
  for (const check of [
    ..."exchange, clock, key, account kind, position mode, leverage and margin, rules".split(", "),
    ..."fee tier, balances, open orders, fills, look-up, funding payments, sockets, first frame".split(", "),
  ]) {
    assert.ok(checked.has(check), `${check}: ${found.said}`);
  }
  const sockets = lines(found, "ok").filter((line) => line.startsWith("sockets:"));
  assert.deepEqual(
    sockets.map((line) => line.replace(/:? live after.*/, "")),
    ["sockets: socket market", "sockets: socket own", "sockets: socket public"],
  );
  assert.ok(!found.said.includes(SECRET));
  const wallet = walletOf("owner", "binance-usdm");
  assert.equal([...emulator.control.universe.exchange.desk.ledger.openOrders(wallet)].length, 0, "nothing was placed");
});

test("EXCH-55 EXCH-38 each thing wrong with an account is one line: what, where, what to change", async (t) => {
  const refused = await emulated(t, { secret: "another-secret" });
  const key = /^key: .*binance refused the API key.* → check the API key, its secret and the addresses/;
  assertStops(await doctor(t, refused.ports["binance-usdm"]), key);
  const odd = await emulated(t, { rights: { withdraw: true }, positionMode: "hedge" });
  const more = 'account: { leverage: 20, marginMode: isolated }\ninstruments: ["BTC/USDT:USDT", "NOPE/USDT:USDT"]';
  assertStops(
    await doctor(t, odd.ports["binance-usdm"], more),
    /^key: .*may withdraw money → make one without that right, or set allowWithdrawKeys: true/,
    /^position mode: the account is in hedge mode → switch the position mode of binance to one-way/,
    /^leverage and margin: leverage of BTC.* is 5, the configuration says 20 → change one of them/,
    /^leverage and margin: margin mode of BTC.* is cross, the configuration says isolated → change one of them/,
    /^rules: NOPE.*is no instrument of binance → correct its name, or take it out of `instruments`/,
  );
});

test("EXCH-55 a clock that is off and foreign orders are told, an exchange that is down stops it", async (t) => {
  const emulator = await emulated(t);
  const { operator } = emulator.control.universe;
  assert.equal(operator.skew(null, 2000), null);
  assert.equal(operator.skew("owner", 2000), null);
  const foreign = operator.foreignOrder("owner", {
    symbol: "BTC/USDT:USDT",
    side: "buy",
    price: "10000",
    lots: "0.01",
  });
  assert.equal(foreign, null);
  const found = await doctor(t, emulator.ports["binance-usdm"]);
  assert.equal(found.code, 0, found.said);
  const warnings = lines(found, "warn").join("\n");
  assert.match(
    warnings,
    /clock: the exchange's clock is (1[5-9]|2[0-4])\d\d ms from ours.* → keep the machine's clock by NTP/,
  );
  assert.match(warnings, /open orders: .*1 of them not of any bot → they are shown, never cancelled/);
  await emulator.close();
  const down = await doctor(t, emulator.ports["binance-usdm"]);
  assertStops(down, /^exchange: binance could not be asked: .* → see that the network works and the address is right/);
});
