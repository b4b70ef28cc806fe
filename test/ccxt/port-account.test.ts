// The account behind a ccxt port on the emulated Binance: what is checked before it opens, what it tells, what it
// changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { openCcxtPort } from "../../src/exchange/ccxt/ccxt-port.ts";
import { DEMO_ACCOUNT } from "../../src/exchange/emulator/accounts.ts";
import type { ExchangePort, KeyRights, SettingOutcome } from "../../src/exchange/port.ts";
import { openLog } from "../../src/observe/log.ts";
import { emulated, portOptions, portStage, SPOT, USDM, until } from "./port-stage.ts";

const BTC = "BTC/USDT:USDT";
const ACCOUNT = {
  name: "demo",
  apiKey: "demo-key",
  secret: "demo-secret",
} as const;

type Change = Parameters<Awaited<ReturnType<typeof emulated>>["control"]["changeAccount"]>[1];

const refusedWith = async (
  context: Parameters<typeof emulated>[0],
  change: Change,
  more: Partial<Parameters<typeof openCcxtPort>[0]> = {},
): Promise<{ code: string; message: string }> => {
  const emulator = await emulated(context, USDM);
  emulator.control.changeAccount(ACCOUNT.name, change);
  try {
    const port = await openCcxtPort({ ...portOptions(emulator, USDM), ...more });
    await port.closed();
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error);
    return { code: String(error.code), message: error.message };
  }
  return { code: "opened", message: "" };
};

test("EXCH-38 hedge mode and another leverage refuse the start, with the setting to change", async (context) => {
  const hedged = await refusedWith(context, { positionMode: "hedge" });
  assert.deepEqual(
    [hedged.code, /switch the position mode of binance to one-way/.test(hedged.message)],
    ["REFUSED", true],
  );
  const geared = await refusedWith(context, {}, { expect: { leverage: 7, marginMode: "cross" } });
  assert.match(geared.message, /leverage of BTC\/USDT:USDT is 20, the configuration says 7/);
  assert.equal((await refusedWith(context, {}, { expect: { leverage: 20, marginMode: "cross" } })).code, "opened");
});

test("EXCH-54 a key that may withdraw is refused, unless the configuration allows it for good", async (context) => {
  const rights = { trade: true, withdraw: true, transfer: false };
  const refused = await refusedWith(context, { rights });
  assert.match(refused.message, /may withdraw money/);
  const stage = await portStage(context, { allowWithdrawKeys: true });
  stage.emulator.control.changeAccount(ACCOUNT.name, { rights });
  const emulator = await emulated(context, USDM);
  emulator.control.changeAccount(ACCOUNT.name, { rights });
  const port = await openCcxtPort({ ...portOptions(emulator, USDM), allowWithdrawKeys: true });
  context.after(() => port.closed());
  assert.match(port.warnings.join(), /may withdraw money/);
});

test("EXCH-54 a key that cannot trade reads everything and sends nothing", async (context) => {
  const emulator = await emulated(context, USDM);
  emulator.control.changeAccount(ACCOUNT.name, { rights: { trade: false, withdraw: false, transfer: false } });
  const port = await openCcxtPort(portOptions(emulator, USDM));
  context.after(() => port.closed());
  assert.match(port.warnings.join(), /may not trade: read-only/);
  const account = await new Promise<{ readonly result: string }>((done) => port.account(BTC, done));
  assert.equal(account.result, "ok");
});

test("EXCH-53 a wrong key is refused without a word of it in the message or the log", async (context) => {
  const emulator = await emulated(context, USDM);
  const lines: string[] = [];
  const log = openLog({ process: "test", level: "debug", write: (line) => lines.push(line) });
  const marked = { apiKey: "marked-key-3f9a", secret: "marked-secret-77c1" };
  let message = "";
  try {
    await openCcxtPort({ ...portOptions(emulator, USDM, log), credentials: marked });
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error);
    assert.equal(error.code, "CREDENTIALS");
    message = `${error.message} ${error.stack ?? ""}`;
  }
  assert.match(message, /refused the API key/);
  const forms = [marked.apiKey, marked.secret].flatMap((text) => [text, Buffer.from(text).toString("base64")]);
  for (const form of forms) assert.ok(!`${message} ${lines.join("")}`.includes(form), form);
});

test("EXCH-53 no secret and no signature is in an outcome, an alert or the log when all fails", async (context) => {
  const lines: string[] = [];
  const log = openLog({ process: "test", level: "debug", write: (line) => lines.push(line) });
  const { hands, inject, health, sent, port } = await portStage(context, {
    log,
    times: { changeMs: 300, readMs: 500 },
  });
  const end = port.subscribe({ symbol: BTC, candleInterval: null, bookIntervalMs: 100 }, () => undefined);
  for (const name of ["cutReply", "serverErrorNotAccepted", "timeoutNotAccepted"]) {
    inject(name, { filter: { route: "POST /fapi/v1/order" }, times: 1 });
    inject(name, { filter: { route: "GET /fapi/v1/openOrders" }, times: 1 });
  }
  const told: unknown[] = [];
  for (let n = 0; n < 3; n += 1) told.push(await hands.place("buy 590000 x 10"), await hands.openOrders());
  end();
  const signatures = sent.flatMap(({ values }) => values.get("signature") ?? []);
  assert.ok(signatures.length > 5);
  const output = `${JSON.stringify(told)} ${JSON.stringify(health)} ${lines.join("")}`;
  for (const secret of ["demo-key", "demo-secret", ...signatures]) assert.ok(!output.includes(secret), secret);
});

test("EXCH-31 fees are the account's own, from the account", async (context) => {
  const { port } = await portStage(context);
  const tier = await new Promise((done) => port.settings?.feeTier(BTC, done));
  assert.deepEqual(tier, { result: "ok", makerPpm: 200, takerPpm: 500 });
  const read = await instrumentOf(port);
  assert.deepEqual([read.makerPpm, read.takerPpm, read.leverage, read.maintenancePpm], [200, 500, 20, 4000]);
});

const instrumentOf = (port: ExchangePort, symbol = BTC) =>
  new Promise<Extract<Parameters<Parameters<ExchangePort["instrument"]>[1]>[0], { result: "ok" }>["instrument"]>(
    (done, fail) =>
      port.instrument(symbol, (read) => (read.result === "ok" ? done(read.instrument) : fail(new Error(read.text)))),
  );

test("EXCH-29 an instrument is read with its steps, limits, funding interval and status", async (context) => {
  const symbols = [BTC, "SOL/USDT:USDT", "DOGE/USDT:USDT", "SHIB/USDT:USDT", "LUNA/USDT:USDT", "FTT/USDT:USDT"];
  const { port } = await portStage(context, { symbols });
  const hours = async (symbol: string): Promise<number> =>
    (await instrumentOf(port, symbol)).fundingIntervalMs / 3_600_000;
  assert.deepEqual([await hours(BTC), await hours("SOL/USDT:USDT"), await hours("DOGE/USDT:USDT")], [8, 4, 1]);
  const shib = await instrumentOf(port, "SHIB/USDT:USDT");
  assert.deepEqual([shib.tickSize, shib.lotSize], ["0.00000001", "1"]);
  assert.equal((await instrumentOf(port, "LUNA/USDT:USDT")).status, "halted");
  assert.equal((await instrumentOf(port, "FTT/USDT:USDT")).status, "cancel-only");
});

test("EXCH-29 a refusal for the status reads the instruments again, and the change is told", async (context) => {
  const { port, hands, operator } = await portStage(context);
  const told: string[] = [];
  const end = port.subscribe({ symbol: BTC, candleInterval: null, bookIntervalMs: 100 }, (message) => {
    if (message.kind === "instrument") told.push(message.instrument.status);
  });
  context.after(end);
  const { id } = await hands.place("buy 590000 x 10");
  assert.equal(operator.status(BTC, "cancel-only"), null);
  const placed = await hands.place("buy 590000 x 10");
  assert.deepEqual(
    [placed.result, placed.result === "rejected" && placed.reason],
    ["rejected", "INSTRUMENT_NOT_TRADING"],
  );
  await until("the new status", () => told.includes("cancel-only"));
  assert.deepEqual(await hands.cancel(id), { result: "accepted" });
});

test("EXCH-02 the account tells balances and positions; what is not told is absent, not 0", async (context) => {
  const { hands } = await portStage(context);
  const flat = await hands.account();
  assert.ok(flat.result === "ok");
  assert.equal(flat.quoteTotal, 1_000_000n * 10n ** 18n);
  assert.deepEqual(
    flat.positions.map(({ lots, entry, liquidation }) => [lots, entry, liquidation]),
    [[0, null, null]],
  );
  await hands.place("buy 600100 x 5 taker");
  const held = await hands.account();
  assert.ok(held.result === "ok");
  assert.deepEqual(
    held.positions.map(({ symbol, lots, leverage }) => [symbol, lots, leverage]),
    [[BTC, 5, 20]],
  );
  assert.ok(held.maintenanceMargin > 0n && held.equity < flat.equity);
  await hands.place("sell 590000 x 12 taker");
  const short = await hands.account();
  assert.deepEqual(short.result === "ok" && short.positions.map(({ lots }) => lots), [-7]);
});

test("EXCH-59 accounts of several instruments asked in one turn cost one request of each kind", async (context) => {
  const symbols = [BTC, "ETH/USDT:USDT", "SOL/USDT:USDT"];
  const { port, sentTo } = await portStage(context, { symbols });
  const before = sentTo("GET /fapi/v3/account").length;
  const read = await Promise.all(
    symbols.map((symbol) => new Promise<{ readonly result: string }>((done) => port.account(symbol, done))),
  );
  assert.deepEqual(
    read.map(({ result }) => result),
    ["ok", "ok", "ok"],
  );
  assert.equal(sentTo("GET /fapi/v3/account").length, before + 1);
  assert.equal(sentTo("GET /fapi/v3/positionRisk").length, 1);
});

test("EXCH-36 a funding payment is read with sign, time, rate and position", async (context) => {
  const { hands, port, operator } = await portStage(context);
  await hands.place("buy 600100 x 100 taker");
  assert.equal(operator.settleFunding(BTC, "0.0005"), null);
  const paid = await new Promise<Parameters<Parameters<NonNullable<ExchangePort["funding"]>>[2]>[0]>((done) =>
    port.funding?.(BTC, 0, done),
  );
  assert.ok(paid.result === "ok", inspect(paid));
  assert.equal(paid.settlements.length, 1);
  const [settled] = paid.settlements;
  assert.ok(settled !== undefined);
  assert.deepEqual([settled.ratePpt, settled.positionLots, settled.amount < 0n], [500_000_000, 100, true]);
});

test("EXCH-32 the exchange's dead-man timer is armed on exclusive accounts only, and takes all", async (context) => {
  const shared = await portStage(context);
  assert.deepEqual([shared.port.deadMan, shared.port.capabilities.deadMan], [undefined, "none"]);
  const { port, hands, openIds } = await portStage(context, { exclusive: true });
  const arm = (ttlMs: number | null) => new Promise<SettingOutcome>((done) => port.deadMan?.arm(BTC, ttlMs, done));
  await hands.place("buy 590000 x 10");
  assert.deepEqual(await arm(60_000), { result: "accepted" });
  assert.deepEqual(await arm(null), { result: "accepted" });
  assert.equal(openIds().length, 1);
  assert.deepEqual(await arm(1), { result: "accepted" }, "less than the exchange takes becomes its least");
  await until("the timer", () => openIds().length === 0);
});

test("EXCH-39 leverage is looked at first and changed once", async (context) => {
  const { port, sentTo } = await portStage(context);
  const set = (leverage: number) =>
    new Promise<SettingOutcome>((done) => port.settings?.setLeverage(BTC, leverage, done));
  assert.deepEqual(await set(20), { result: "unchanged" });
  assert.equal(sentTo("POST /fapi/v1/leverage").length, 0);
  assert.deepEqual(await set(10), { result: "accepted" });
  assert.equal((await instrumentOf(port)).leverage, 10);
  assert.deepEqual(await set(10), { result: "unchanged" });
});

test("EXCH-52 keys are read again without a new connection", async (context) => {
  const { port, hands } = await portStage(context, {
    credentialsAgain: () => Promise.resolve({ apiKey: "demo-key", secret: "demo-secret" }),
  });
  assert.match((await port.settings?.reloadCredentials()) ?? "", /^[0-9a-f]{12}$/);
  assert.equal((await hands.place("buy 590000 x 10")).result, "accepted");
});

test("EXCH-54 EXCH-52 keys read again are judged like the first ones: refused, those of before go on", async (context) => {
  const keys = { apiKey: "demo-key", secret: "demo-secret" };
  const accounts = [DEMO_ACCOUNT, { name: "drawer", rights: { withdraw: true } }];
  const { port, hands } = await portStage(context, { emulator: { accounts }, credentialsAgain: async () => keys });
  const { settings } = port;
  assert.ok(settings !== undefined);
  Object.assign(keys, { apiKey: "drawer-key", secret: "drawer-secret" });
  await assert.rejects(() => settings.reloadCredentials(), /may withdraw money.*the key before it goes on/);
  Object.assign(keys, { apiKey: "demo-key", secret: "mistyped" });
  await assert.rejects(() => settings.reloadCredentials(), /refused the API key/);
  const placed = await hands.place("buy 590000 x 10");
  assert.equal(placed.result, "accepted", JSON.stringify(placed));
});

test("EXCH-54 the key's rights are told by the exchange", async (context) => {
  const { port } = await portStage(context, { of: SPOT });
  const read = await new Promise<{ readonly result: string; readonly rights?: KeyRights }>((done) =>
    port.settings?.rights(done),
  );
  assert.deepEqual(read, {
    result: "ok",
    rights: { trade: true, withdraw: false, withdrawAllowed: false, transfer: false, ipRestricted: true },
  });
});

test("EXCH-01 without a key there is the market and nothing else", async (context) => {
  const { port, hands, sent } = await portStage(context, { credentials: null });
  assert.equal((await hands.place("buy 590000 x 10")).result, "not-sent");
  const book = await new Promise<{ readonly result: string }>((done) => port.publicMarket?.book(BTC, 5, done));
  assert.equal(book.result, "ok");
  assert.deepEqual([port.settings, port.amend === undefined, port.deadMan], [undefined, true, undefined]);
  assert.ok(sent.every(({ values }) => !values.has("signature")));
});
