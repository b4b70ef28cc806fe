import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../../test/arbitraries/values.ts";
import { FaultDesk } from "./desk.ts";
import { type FaultFiring, type FaultMatter, type FaultSpec, like, NOTHING, touches } from "./fault.ts";

const ALL = { kinds: null, sockets: null };

const spec = (more: Partial<FaultSpec> = {}): FaultSpec => ({
  name: "dropEvent",
  parameters: {},
  filter: {},
  after: 0,
  times: null,
  probability: 1,
  atMs: null,
  forMs: null,
  ...more,
});

function desk(seed: string, faults: readonly FaultSpec[], clock = { ms: 1_000 }) {
  const fired: FaultFiring[] = [];
  const made = new FaultDesk({ seed, nowMs: () => clock.ms, fired: (firing) => fired.push(firing) });
  const ids = faults.map((each) => made.add(each));
  return { desk: made, fired, ids, clock };
}

test("EMU-28 a fault lets `after` matches pass, and then strikes `times` times and no more", () => {
  const law = fc.property(fc.nat(20), fc.nat(20), fc.nat(60), (after, times, matches) => {
    const { desk: made, fired } = desk("1", [spec({ after, times: times + 1 })]);
    const struck = Array.from({ length: matches }, () => made.strike("dropEvent", NOTHING) !== null);
    assert.deepEqual(
      struck,
      struck.map((_, index) => index >= after && index < after + times + 1),
    );
    assert.equal(fired.length, struck.filter(Boolean).length);
    assert.equal(made.list()[0]?.fired, fired.length);
  });
  fc.assert(law, runs(200));
});

test("EMU-28 a probability is a chance of each match: none at 0, all at 1, about its share between", () => {
  for (const probability of [0, 0.1, 0.5, 0.9, 1]) {
    const { desk: made, fired } = desk("7", [spec({ probability })]);
    for (let i = 0; i < 4_000; i += 1) made.strike("dropEvent", NOTHING);
    assert.ok(Math.abs(fired.length / 4_000 - probability) <= 0.03, `${fired.length} of 4000 at ${probability}`);
  }
});

test("EMU-28 the same seed and the same questions give the same strikes, whatever else is injected", () => {
  const question = fc.constantFrom("dropEvent" as const, "slow" as const, "lateEvent" as const);
  const law = fc.property(fc.string(), fc.array(question, { maxLength: 60 }), (seed, questions) => {
    const run = (slow: number): boolean[] => {
      const faults = [
        spec({ probability: 0.5 }),
        spec({ name: "slow", probability: slow }),
        spec({ name: "lateEvent", probability: 0.3, after: 2 }),
      ];
      const { desk: made } = desk(seed, faults);
      return questions.map((name) => made.strike(name, NOTHING) !== null);
    };
    const once = run(0.5);
    assert.deepEqual(run(0.5), once);
    const others = (strikes: readonly boolean[]) => strikes.filter((_, index) => questions[index] !== "slow");
    assert.deepEqual(others(run(1)), others(once));
  });
  fc.assert(law, runs(100));
});

test("EMU-28 a fault is there from `atMs` for `forMs`, and counts no match outside", () => {
  const { desk: made, clock, ids } = desk("1", [spec({ atMs: 2_000, forMs: 500, after: 1 })]);
  const id = ids[0] ?? "";
  const states = [1_999, 2_000, 2_001, 2_499, 2_500].map((ms) => {
    clock.ms = ms;
    return `${made.view(id)?.state} ${made.strike("dropEvent", NOTHING) !== null}`;
  });
  assert.deepEqual(states, ["waiting false", "active false", "active true", "active true", "over false"]);
  assert.equal(made.lasts(id), false);
  assert.deepEqual([made.view(id)?.matched, made.view(id)?.fired], [3, 2]);
});

test("EMU-28 faults combine: two of one name each keep their own filter and count, other names are not asked", () => {
  const { desk: made, fired } = desk("1", [
    spec({ filter: { account: "demo" }, times: 1 }),
    spec({ filter: { side: "sell" }, times: 2 }),
    spec({ name: "slow" }),
  ]);
  const demoSell: FaultMatter = { ...NOTHING, account: "demo", side: "sell" };
  const ids = [1, 2, 3, 4].map(() => made.strike("dropEvent", demoSell)?.id ?? null);
  assert.deepEqual(ids, ["f1", "f2", "f2", null]);
  assert.deepEqual(
    fired.map(({ n, fault, touched }) => [n, fault, touched.side]),
    [
      [1, "dropEvent", "sell"],
      [2, "dropEvent", "sell"],
      [3, "dropEvent", "sell"],
    ],
  );
});

test("EMU-28 a filter holds by protocol, route, account, instrument, side, client id pattern and socket kind", () => {
  const matter: FaultMatter = {
    protocol: "binance-usdm",
    route: "POST /fapi/v1/order",
    kind: "place",
    account: "demo",
    symbol: "BTC/USDT:USDT",
    side: "buy",
    clientOrderId: "g1a7",
    socket: "http",
    event: null,
  };
  const holds = [
    {},
    { protocol: "binance-usdm" },
    { route: "POST /fapi/v1/order" },
    { route: "*order" },
    { account: "demo", instrument: "BTC/USDT:USDT", side: "buy" as const },
    { clientOrderId: "g1*" },
    { clientOrderId: "*1*7" },
    { socket: "http" as const },
  ];
  for (const filter of holds) assert.equal(touches(filter, matter, ALL), true, JSON.stringify(filter));
  const fails = [
    { protocol: "binance-spot" },
    { route: "DELETE*" },
    { account: "other" },
    { instrument: "ETH/USDT:USDT" },
    { side: "sell" as const },
    { clientOrderId: "g1" },
    { clientOrderId: "g2*" },
    { socket: "user" as const },
  ];
  for (const filter of fails) assert.equal(touches(filter, matter, ALL), false, JSON.stringify(filter));
  assert.equal(
    touches({}, matter, { ...ALL, kinds: ["cancel"] }),
    false,
    "the kinds a fault means hold where no route is named",
  );
  assert.equal(touches({ route: "*" }, matter, { ...ALL, kinds: ["cancel"] }), true);
  assert.equal(touches({ account: "demo" }, NOTHING, ALL), false, "what is not known is not what was asked for");
});

test("EMU-28 a pattern of stars matches what a regular expression of it would", () => {
  const letters = (max: number) => fc.array(fc.constantFrom("a", "b", "*"), { maxLength: max });
  const law = fc.property(letters(8), fc.array(fc.constantFrom("a", "b"), { maxLength: 10 }), (given, letter) => {
    const pattern = given.join("");
    const text = letter.join("");
    assert.equal(like(pattern, text), new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
  });
  fc.assert(law, runs(500));
});
