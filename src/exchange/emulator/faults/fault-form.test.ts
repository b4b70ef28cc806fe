import assert from "node:assert/strict";
import { test } from "node:test";
import type { InnerFault } from "../world.ts";
import { CATALOGUE, FAULT_WORDS, type InsideFault, isFault, rowOf } from "./catalogue.ts";
import type { FaultSpec } from "./fault.ts";
import { readFault } from "./fault-form.ts";

const KNOWN = {
  protocols: ["binance-usdm", "binance-spot"],
  accounts: ["demo"],
  instruments: ["BTC/USDT:USDT", "BTC/USDT"],
};

/** The 39 rows of emulator.md section 6, in its order. */
const OF_THE_SPECIFICATION =
  "acceptThenTimeout timeoutNotAccepted acceptLate serverErrorAfterAccept serverErrorNotAccepted cutReply " +
  "duplicateEvent reorderEvents dropEvent lateEvent silentStall wrongRouteSilent sequenceGap crossedBook " +
  "staleSnapshot listenKeyExpiry loginLost clockSkew rateLimit ban postOnlyReject partialThenCancelRace cancelLost " +
  "duplicateIdAccepted " +
  "insufficientMargin reduceOnlyConflict filterChange maintenance halt closeStorm slow serviceRestart fundingSettle " +
  "liquidate adl balanceDrift foreignOrder pageLimit oddNumbers";

test("EMU-29 the catalogue holds exactly the faults of the specification", () => {
  assert.deepEqual([...FAULT_WORDS].sort(), OF_THE_SPECIFICATION.split(" ").sort());
});

test("EMU-28 what strikes inside a protocol is exactly what protocols may ask for", () => {
  const same: readonly InnerFault[] = Object.keys(CATALOGUE).filter(
    (name): name is InsideFault => isFault(name) && rowOf(name).strikes === "inside",
  );
  assert.equal(same.length, 10);
});

test("EMU-28 a fault needs its name alone, and takes what its row says for the rest", () => {
  const read = readFault({ name: "cutReply" }, KNOWN);
  const expected: FaultSpec = {
    name: "cutReply",
    parameters: { atByte: 0 },
    filter: {},
    after: 0,
    times: null,
    probability: 1,
    atMs: null,
    forMs: null,
  };
  assert.deepEqual(read, { ok: true, value: expected });
  const stall = readFault({ name: "silentStall", filter: { account: "demo" }, times: null, forMs: 9 }, KNOWN);
  assert.ok(stall.ok);
  assert.deepEqual([stall.value.times, stall.value.parameters], [null, { streams: "all", answersPing: true }]);
});

test("EMU-28 every row can be injected with what it needs, and its own defaults pass its own rules", () => {
  const amounts: Readonly<Record<string, string>> = { amount: "-1.5" };
  for (const name of FAULT_WORDS) {
    assert.ok(isFault(name));
    const { parameters } = rowOf(name);
    const needed = Object.entries(parameters).filter(([, rule]) => rule.unless === undefined);
    const given = Object.fromEntries(needed.map(([each]) => [each, amounts[each]]));
    const filter = { account: "demo", instrument: "BTC/USDT" };
    const read = readFault({ name, parameters: given, filter }, KNOWN);
    if (rowOf(name).onlyOn !== null) {
      assert.ok(!read.ok && /for okx, bybit, gate, bitget/.test(read.error.expected), name);
      continue;
    }
    assert.ok(read.ok, `${name}: ${JSON.stringify(read)}`);
    const again = readFault({ name, parameters: read.value.parameters, filter }, KNOWN);
    assert.deepEqual(again, read, name);
  }
});

test("EMU-28 a wrong fault is refused by field, value and what was expected", () => {
  const base = { name: "closeStorm" };
  const cases: readonly (readonly [unknown, string, unknown, RegExp])[] = [
    [7, "(body)", 7, /object/],
    [{ name: "dropEvents" }, "name", "dropEvents", /dropEvent,/],
    [{ ...base, nmae: 1 }, "nmae", 1, /name, parameters/],
    [{ ...base, parameters: { round: 1 } }, "parameters.round", 1, /count, everyMs, codes, refusedDials/],
    [{ name: "cancelLost", parameters: { a: 1 } }, "parameters.a", 1, /no parameters/],
    [{ ...base, parameters: { count: 1.5 } }, "parameters.count", 1.5, /whole number from 1 to 1000/],
    [{ ...base, parameters: { codes: [] } }, "parameters.codes", [], /list of whole numbers/],
    [{ ...base, parameters: { codes: [1006, "1"] } }, "parameters.codes", [1006, "1"], /list of whole numbers/],
    [{ name: "silentStall", parameters: { streams: "some" } }, "parameters.streams", "some", /user, public, all/],
    [{ name: "ban", parameters: { seconds: "120" } }, "parameters.seconds", "120", /whole number/],
    [{ name: "acceptThenTimeout", parameters: { reset: 1 } }, "parameters.reset", 1, /true or false/],
    [{ name: "serverErrorAfterAccept", parameters: { status: 501 } }, "parameters.status", 501, /500, 502, 503, 504/],
    [{ name: "liquidate", filter: { account: "demo" } }, "filter.instrument", undefined, /liquidate must know/],
    [{ name: "balanceDrift", filter: { account: "demo" } }, "parameters.amount", undefined, /decimal number/],
    [{ ...base, filter: { acount: "demo" } }, "filter.acount", "demo", /protocol, route, account/],
    [{ ...base, filter: { account: "nobody" } }, "filter.account", "nobody", /one of demo/],
    [{ ...base, filter: { instrument: "BTCUSDT" } }, "filter.instrument", "BTCUSDT", /BTC\/USDT:USDT/],
    [{ ...base, filter: { side: "long" } }, "filter.side", "long", /buy, sell/],
    [{ ...base, filter: { route: "" } }, "filter.route", "", /text/],
    [{ ...base, after: -1 }, "after", -1, /from 0/],
    [{ ...base, times: 0 }, "times", 0, /from 1/],
    [{ ...base, probability: 2 }, "probability", 2, /from 0 to 1/],
    [{ ...base, atMs: "soon" }, "atMs", "soon", /whole number/],
    [{ ...base, forMs: 0 }, "forMs", 0, /from 1/],
  ];
  for (const [given, field, value, expected] of cases) {
    const read = readFault(given, KNOWN);
    assert.ok(!read.ok, JSON.stringify(given));
    assert.deepEqual([read.error.field, read.error.value], [field, value]);
    assert.match(read.error.expected, expected);
  }
});
