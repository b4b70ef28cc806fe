// Flows of a real fleet in one process: bots come and go, the kill switch proves itself, books are tied to the
// exchange, and whatever a killed process left is gone on with.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountResult, ExchangePort } from "../../exchange/port.ts";
import { lots } from "../../market/amounts.ts";
import { accountLimits, usdt } from "../../risk/account/account.fixture.ts";
import { ANN, acts, botOf, botText, done, type FleetProcess, type FleetWorld, world } from "../fleet/fleet.fixture.ts";
import type { Flow } from "./flow.ts";
import type { FlowDesk } from "./flow-desk.ts";
import { tieOut } from "./tie-out.ts";

const limits = accountLimits({ exposureGrossMax: usdt(100_000) });

interface Started extends FleetProcess {
  readonly flows: FlowDesk;
}

function start(w: FleetWorld): Started {
  const process = w.start({ account: { limits } });
  const flows = process.fleet.account?.flows ?? null;
  assert.ok(flows !== null);
  return { ...process, flows };
}

function ask({ flows }: Started, given: Parameters<FlowDesk["ask"]>[0]): string {
  const asked = flows.ask(given, ANN);
  assert.ok(asked.ok, asked.ok ? "" : asked.error);
  return asked.value;
}

const add = (id: string, n: number) => ({ flow: "bot-add", bot: id, facts: { config: botText(id, n) } }) as const;

/** Says of every position what is not so. */
class LyingPort {
  private readonly port: ExchangePort;

  constructor(port: ExchangePort) {
    this.port = port;
  }

  account(symbol: string, done: (result: AccountResult) => void): void {
    this.port.account(symbol, (told) => {
      const view = { symbol, lots: lots(123_456), entry: null, liquidation: null, leverage: 3 };
      done(told.result === "ok" ? { ...told, positions: [view] } : told);
    });
  }
}

test("DUR-63 a bot is added and removed as one each, and a text that is wrong is refused", async (t) => {
  const w = world(t, 1);
  const p = start(w);
  assert.equal(p.flows.runsOn, "local");
  const added = await w.until(p.flows.whenOver(ask(p, add("a", 0))));
  assert.equal(added.result, "done");
  await w.untilTrue(() => w.open(0) >= 3);
  const wrong = { flow: "bot-add", bot: "b", facts: { config: "id: b" } } as const;
  assert.equal((await w.until(p.flows.whenOver(ask(p, wrong)))).result, "refused");
  const removed = await w.until(p.flows.whenOver(ask(p, { flow: "bot-remove", bot: "a", facts: {} })));
  const { record } = p.fleet.bot("a") ?? { record: null };
  if (record === null)
    assert.deepEqual([removed.result, acts(p, "a")], ["done", ["create", "start", "stop", "delete"]]);
  else assert.match(removed.text, /not flat/);
  assert.equal(w.open(0), 0);
  await w.until(p.fleet.close("test"));
});

test("DUR-63 DUR-64 OPS-18 killed while a bot is added, the next process creates and starts it, once", async (t) => {
  for (const rounds of [0, 2, 5, 12]) {
    const w = world(t, 1);
    const first = start(w);
    ask(first, add("a", 0));
    for (let n = 0; n < rounds; n += 1) await Promise.resolve();
    w.kill(first);
    const next = start(w);
    await w.untilTrue(() => next.fleet.account?.host.state.flows === undefined);
    assert.deepEqual(acts(next, "a"), ["create", "start"], `killed after ${rounds} rounds`);
    await w.untilTrue(() => botOf(next, "a").host?.state.phase === "running");
    w.kill(next);
  }
});

test("DUR-63 RISK-22 the kill switch is proved as a flow, also by the process after it", async (t) => {
  const w = world(t, 1);
  const first = start(w);
  await w.until(first.flows.whenOver(ask(first, add("a", 0))));
  await w.untilTrue(() => w.open(0) >= 3);
  first.fleet.account?.command({ name: "kill", flatten: false }, ANN);
  const [id = ""] = first.fleet.account?.host.state.flows?.keys() ?? [];
  w.kill(first);
  const next = start(w);
  const end = await w.until(next.flows.whenOver(id));
  assert.deepEqual([end.result, w.open(0)], ["done", 0]);
  w.kill(next);
});

test("DUR-63 the nightly tie-out says that books and exchange agree, and names a position that does not", async (t) => {
  const w = world(t, 1);
  const p = start(w);
  await w.until(p.flows.whenOver(ask(p, add("a", 0))));
  await w.untilTrue(() => botOf(p, "a").host?.state.phase === "running");
  const tied = await w.until(p.flows.whenOver(ask(p, { flow: "tie-out", bot: "", facts: {} })));
  assert.deepEqual(tied, { result: "done", text: "the books of all bots and the exchange agree" });
  const { account } = p.fleet;
  assert.ok(account !== null);
  const lying = new LyingPort(w.connect());
  const deed = tieOut({ bots: () => p.fleet.bots(), port: lying, account: () => account.host });
  const flow: Flow = { id: "x", kind: "tie-out", bot: "", facts: {}, epoch: 1, atMs: 0, by: "ann", reason: "because" };
  const looks = [];
  for (let n = 0; n < 3; n += 1) looks.push(await w.until(deed.settle(flow)));
  assert.deepEqual(looks.slice(0, 2), [null, null], "a difference must stay");
  assert.match(looks[2]?.text ?? "", /^a holds -?\d+ lots by its ledger, 123456 by the exchange/);
  w.kill(p);
});

test("DUR-63 an exchange without settings refuses them, and nothing is sent", async (t) => {
  const w = world(t, 1);
  const p = start(w);
  done(await w.until(p.fleet.create({ id: "a", text: botText("a", 0), dryRun: false }, ANN)));
  const facts = { symbol: botOf(p, "a").record.instruments[0] ?? "", mode: "cross" };
  const end = await w.until(p.flows.whenOver(ask(p, { flow: "margin-mode", bot: "a", facts })));
  assert.match(end.text, /has no such setting/);
  w.kill(p);
});
