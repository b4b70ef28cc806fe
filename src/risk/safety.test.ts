import assert from "node:assert/strict";
import { test } from "node:test";
import { BTC, BTC_SPOT, DEFAULTS, limitsWith, usdt } from "../../test/risk-examples.ts";
import { lots, ticks } from "../market/amounts.ts";
import type { Instrument } from "../market/instrument.ts";
import { cycleProfitMicroTicks, leastInterval, maySafelyStart, type SafetyInput, safetyCheck } from "./safety.ts";

/** ETH/USDT at tick 0.01, lot 0.001, maker 2 bps. */
const ETH: Instrument = { ...BTC, symbol: "ETH/USDT:USDT", base: "ETH", tickSize: "0.01", lotSize: "0.001" };

const facts: SafetyInput["facts"] = {
  positionLots: lots(0),
  positionEntry: null,
  quoteAvailable: usdt(10_000),
  equity: usdt(10_000),
  leverage: 3,
  oneWayMode: true,
  foreignOrders: 0,
  clockOffsetMs: 0,
  clockErrorMs: 5,
  keyMayWithdraw: false,
};

const healthy: SafetyInput = {
  limits: DEFAULTS,
  instrument: ETH,
  facts,
  knownPosition: lots(0),
  adoptsPosition: false,
  allowWithdrawKeys: false,
  plan: { orderNotional: usdt(100), cycle: { price: ticks(300_000), interval: ticks(200) }, levels: [] },
};

interface Change {
  readonly facts?: Partial<SafetyInput["facts"]>;
  readonly plan?: Partial<SafetyInput["plan"]>;
  readonly rest?: Partial<SafetyInput>;
}

const input = (change: Change): SafetyInput => ({
  ...healthy,
  ...change.rest,
  facts: { ...facts, ...change.facts },
  plan: { ...healthy.plan, ...change.plan },
});

const said = (change: Change): string =>
  safetyCheck(input(change))
    .map((finding) => `${finding.severity} ${finding.check}: ${finding.text}`)
    .join("\n");

const FINDINGS: { readonly [name: string]: readonly [Change, string] } = {
  balance: [
    { facts: { quoteAvailable: usdt(0) }, plan: { orderNotional: null } },
    "stop balance: no USDT available on simulated",
  ],
  "leverage above the limit": [
    { facts: { leverage: 20 }, rest: { instrument: { ...ETH, leverage: 20 } } },
    "stop leverage: leverage is 20 on the exchange, config allows 3",
  ],
  "leverage not as configured": [
    { facts: { leverage: 2 } },
    "stop leverage: leverage is 2 on the exchange, config says 3",
  ],
  reach: [{ facts: { quoteAvailable: usdt(2_130) } }, "stop reach: capital pays for 63 orders, at least 100 wanted"],
  profit: [
    { rest: { instrument: { ...ETH, makerPpm: 500 } } },
    "stop profit: a cycle loses 1.001 USDT per unit: interval 2 must be at least 3.01",
  ],
  size: [
    {
      rest: { instrument: { ...ETH, lotSize: "0.01" } },
      plan: { levels: [{ price: ticks(299_050), wanted: "0.009", lots: lots(0), least: lots(1) }] },
    },
    "stop size: level 2990.5: 0.009 rounds to 0.00, minimum 0.01",
  ],
  "hedge mode": [{ facts: { oneWayMode: false } }, "stop mode: account is in hedge mode; switch to one-way"],
  inverse: [
    { rest: { instrument: { ...ETH, inverse: true } } },
    "stop mode: ETH/USDT:USDT is an inverse contract; use a linear one",
  ],
  keys: [{ facts: { keyMayWithdraw: true } }, "stop keys: this key may withdraw: make one that may not"],
  "keys allowed": [
    { facts: { keyMayWithdraw: true }, rest: { allowWithdrawKeys: true } },
    "warn keys: this key may withdraw: make one that may not",
  ],
  "keys allowed by their owner": [
    { facts: { keyMayWithdraw: true, keyRights: "withdraw-allowed" } },
    "warn keys: this key may withdraw: make one that may not",
  ],
  "keys that may not trade": [
    { facts: { keyRights: "read-only" } },
    "stop keys: this key may not trade: give one that may",
  ],
  "keys nobody knows the rights of": [
    { facts: { keyRights: "unread" } },
    "warn keys: what this key may do is not known: check by hand that it may not withdraw",
  ],
  clock: [
    { facts: { clockOffsetMs: 2_712, clockErrorMs: 640 } },
    "stop clock: clock offset 2,712 ms, uncertain by 640 ms",
  ],
  "clock is off but measured": [
    { facts: { clockOffsetMs: -1_001 } },
    "warn clock: clock offset -1,001 ms, uncertain by 5 ms",
  ],
  position: [
    { facts: { positionLots: lots(500) }, plan: { orderNotional: null } },
    "stop position: 0.5 ETH held that this bot did not buy",
  ],
  "position beyond the journal's": [
    { facts: { positionLots: lots(500) }, rest: { knownPosition: lots(200) } },
    "stop position: 0.5 ETH held, but the journal knows of 0.2 ETH",
  ],
  "foreign orders": [
    { facts: { foreignOrders: 2 } },
    "warn foreign-orders: 2 open orders on ETH/USDT:USDT are not this bot's; they stay",
  ],
};

for (const [name, [change, text]] of Object.entries(FINDINGS)) {
  test(`RISK-30 ${name}`, () => {
    assert.equal(said(change), text);
    assert.equal(maySafelyStart(safetyCheck(input(change))), text.startsWith("warn"));
  });
}

test("RISK-30 a healthy account may start, and an own position is no reason not to", () => {
  assert.equal(said({}), "");
  const own = { facts: { positionLots: lots(500), quoteAvailable: usdt(0) }, rest: { knownPosition: lots(500) } };
  assert.equal(said(own), "", "all capital is in the own position");
  assert.equal(said({ facts: { positionLots: lots(500) }, rest: { adoptsPosition: true } }), "");
  assert.equal(said({ rest: { instrument: BTC_SPOT }, facts: { leverage: 1 }, plan: { cycle: null } }), "");
});

test("RISK-30 all findings are listed at once, in the order of the table", () => {
  const findings = safetyCheck(
    input({
      facts: {
        quoteAvailable: usdt(0),
        leverage: 20,
        oneWayMode: false,
        keyMayWithdraw: true,
        clockErrorMs: 501,
        foreignOrders: 1,
      },
      rest: { instrument: { ...ETH, makerPpm: 500 } },
    }),
  );
  assert.deepEqual(
    findings.map((finding) => finding.check),
    ["balance", "leverage", "reach", "profit", "mode", "keys", "clock", "foreign-orders"],
  );
});

test("RISK-52 profit: buy 3,000, interval 2: +0.7996 at 2 bps, −1.001 at 5 bps, least interval 1.21", () => {
  assert.equal(cycleProfitMicroTicks(200, ticks(300_000), ticks(200)), 79_960_000n);
  assert.equal(cycleProfitMicroTicks(500, ticks(300_000), ticks(200)), -100_100_000n);
  assert.equal(leastInterval(200, ticks(300_000)), 121);
  assert.ok(cycleProfitMicroTicks(200, ticks(300_000), ticks(121)) > 0n);
  assert.ok(cycleProfitMicroTicks(200, ticks(300_000), ticks(120)) <= 0n);
  assert.equal(leastInterval(-100, ticks(300_000)), 1, "a rebate makes any gap good");
});

test("RISK-18 RISK-30 breakers that are switched off are said at every start, and stop nothing", () => {
  const limits = limitsWith({ lossesInRowMax: "0", drawdownBpsMax: "0", latencyP99MsMax: "0" });
  const findings = safetyCheck(input({ rest: { limits } }));
  assert.deepEqual(
    findings.map(({ text }) => text),
    [
      "breaker consecutive-losses is switched off: lossesInRowMax is 0",
      "breaker drawdown-window is switched off: drawdownBpsMax is 0",
      "breaker latency is switched off: latencyP99MsMax is 0",
    ],
  );
  assert.ok(maySafelyStart(findings));
});

test("RISK-30 one finding that stops is enough, whatever else was found; none at all may start", () => {
  const both = input({ facts: { foreignOrders: 1, oneWayMode: false } });
  assert.deepEqual(
    safetyCheck(both).map(({ severity }) => severity),
    ["stop", "warn"],
  );
  assert.equal(maySafelyStart(safetyCheck(both)), false);
  assert.equal(maySafelyStart([]), true);
});

test("RISK-30 no balance is forgiven only to a bot whose own position holds it", () => {
  const poor = { quoteAvailable: usdt(0) };
  const plan = { orderNotional: null };
  const gone = said({ facts: poor, rest: { knownPosition: lots(500), adoptsPosition: true }, plan });
  assert.equal(gone, "stop balance: no USDT available on simulated");
  const strange = said({ facts: { ...poor, positionLots: lots(500) }, rest: { adoptsPosition: true }, plan });
  assert.equal(strange, "stop balance: no USDT available on simulated");
});

test("RISK-30 spot has no leverage: none is compared, and capital pays once", () => {
  const rest = { instrument: { ...ETH, kind: "spot" as const } };
  assert.equal(said({ rest, facts: { leverage: 20 } }), "");
  assert.equal(
    said({ rest, facts: { leverage: 20, quoteAvailable: usdt(3_400) } }),
    "stop reach: capital pays for 34 orders, at least 100 wanted",
  );
});

test("RISK-30 a plan of no value reaches as far as one likes", () => {
  assert.equal(said({ plan: { orderNotional: usdt(0) }, facts: { quoteAvailable: usdt(1) } }), "");
});

test("RISK-30 a cycle that earns nothing is refused too, in prices of whatever tick", () => {
  // 0.02 gained on 49.99 and 50.01 is what 2 bps of both take
  assert.equal(
    said({ plan: { cycle: { price: ticks(4_999), interval: ticks(2) } } }),
    "stop profit: a cycle loses 0 USDT per unit: interval 0.02 must be at least 0.03",
  );
  const coarse = { ...ETH, tickSize: "5", makerPpm: 2_000 };
  assert.equal(
    said({ rest: { instrument: coarse }, plan: { cycle: { price: ticks(300), interval: ticks(1) } } }),
    "stop profit: a cycle loses 1.01 USDT per unit: interval 5 must be at least 10",
  );
});

test("RISK-30 size: only levels below what the exchange takes are found, and no lot at all is one", () => {
  const level = (quantity: number, least: number) => ({
    price: ticks(300_000),
    wanted: "0.0039",
    lots: lots(quantity),
    least: lots(least),
  });
  assert.equal(said({ plan: { levels: [level(6, 5), level(5, 5), level(1, 0)] } }), "");
  const small = said({ plan: { levels: [level(5, 5), level(3, 5), level(0, 0)] } });
  assert.equal(
    small,
    [
      "stop size: level 3000: 0.0039 rounds to 0.003, minimum 0.005",
      "stop size: level 3000: 0.0039 rounds to 0.000, minimum 0.000",
    ].join("\n"),
  );
});

test("RISK-30 EXCH-24 a clock within ±500 ms and a second is no finding", () => {
  assert.equal(said({ facts: { clockErrorMs: 500, clockOffsetMs: 1_000 } }), "");
  assert.equal(said({ facts: { clockErrorMs: 501 } }), "stop clock: clock offset 0 ms, uncertain by 501 ms");
});

test("RISK-18 limits of a release that had no breakers switch none off", () => {
  const { breakers: _none, ...limits } = DEFAULTS;
  assert.equal(said({ rest: { limits } }), "");
  assert.equal(
    said({ rest: { limits: limitsWith({ rejectsInRowMax: "0" }) } }),
    "warn breakers-off: breaker rejects is switched off: rejectsInRowMax is 0",
  );
});
