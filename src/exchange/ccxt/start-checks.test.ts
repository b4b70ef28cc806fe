import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeStart, type StartFacts, type StartWish } from "./start-checks.ts";

const GOOD: StartFacts = {
  exchange: "binance",
  rights: { trade: true, withdraw: false, transfer: false, ipRestricted: true },
  kind: { kind: "single-asset", supported: true, advice: "", options: {} },
  oneWay: true,
  margin: new Map([["BTC/USDT:USDT", { leverage: "20", marginMode: "cross" }]]),
  instruments: [],
};
const WISH: StartWish = { leverage: 20, marginMode: "cross", allowWithdrawKeys: false };

const refusals = (facts: Partial<StartFacts>, wish: Partial<StartWish> = {}): string =>
  judgeStart({ ...GOOD, ...facts }, { ...WISH, ...wish }).refusals.join("; ");

test("EXCH-38 hedge mode, another leverage or margin mode and unsupported accounts refuse the start", () => {
  assert.equal(refusals({}), "");
  assert.match(refusals({ oneWay: false }), /hedge mode: switch the position mode of binance to one-way/);
  assert.match(refusals({ oneWay: "unread" }), /position mode could not be read/);
  assert.match(refusals({}, { leverage: 5 }), /leverage of BTC\/USDT:USDT is 20, the configuration says 5/);
  assert.match(refusals({}, { marginMode: "isolated" }), /margin mode .* is cross, the configuration says isolated/);
  assert.match(refusals({ margin: new Map([["X", "unread"]]) }), /leverage and margin mode of X could not be read/);
  const portfolio = { kind: "portfolio", supported: false, advice: "use a single-asset account", options: {} };
  assert.match(refusals({ kind: portfolio }), /kind portfolio are not supported: use a single-asset account/);
  assert.equal(refusals({}, { leverage: null, marginMode: null }), "", "nothing expected, nothing compared");
});

test("EXCH-54 a key that may withdraw is refused unless it is allowed, and then warns for good", () => {
  const rights = { trade: true, withdraw: true, transfer: false, ipRestricted: true };
  assert.match(refusals({ rights }), /may withdraw money: make one without that right, or set allowWithdrawKeys: true/);
  const allowed = judgeStart({ ...GOOD, rights }, { ...WISH, allowWithdrawKeys: true });
  assert.deepEqual([allowed.refusals, allowed.warnings], [[], ["the API key of binance may withdraw money"]]);
});

test("EXCH-54 transfers, open addresses and untold rights are warnings; a key that cannot trade is read-only", () => {
  const warned = (rights: StartFacts["rights"]): readonly string[] => judgeStart({ ...GOOD, rights }, WISH).warnings;
  assert.match(warned({ trade: true, withdraw: false, transfer: true, ipRestricted: true }).join(), /transfer/);
  assert.match(warned({ trade: true, withdraw: false, transfer: false, ipRestricted: false }).join(), /every address/);
  assert.match(warned(null).join(), /did not tell what the API key may do/);
  assert.match(warned({ trade: true, withdraw: null, transfer: null, ipRestricted: null }).join(), /only a part/);
  const reader = { trade: false, withdraw: false, transfer: false, ipRestricted: true };
  const verdict = judgeStart({ ...GOOD, rights: reader, oneWay: false }, WISH);
  assert.deepEqual([verdict.readOnly, verdict.refusals], [true, []], "an account nobody trades on may be as it is");
});
