// The account over real gRPC: its breakers, its kill switch and its grants, with what the bots make of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accountLimits, usdt } from "../../risk/account/account.fixture.ts";
import { Scope } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import { symbolOf } from "../fleet/fleet.fixture.ts";
import type { FleetOptions } from "../fleet/fleet-options.ts";
import { collected, startTown } from "./books.fixture.ts";

const LIMITS = accountLimits({ exposureGrossMax: usdt(10_000) });

test("RISK-18 OPS-21 OPS-28 one breaker of the account holds every bot, closes once and ends its alert", async (t) => {
  const ended: string[] = [];
  const onOver: FleetOptions["onOver"] = (bot, { code, facts }) =>
    ended.push(`${bot} ${code} ${String(facts["breaker"])}`);
  const town = await startTown(t, 2, 20_000, { account: { limits: LIMITS }, onOver });
  const { world, risk } = town;
  const { breaker } = await world.until(
    risk().openCircuitBreaker({ scope: Scope.ALL, id: "", action: "reduce", reason: "exchange incident" }),
  );
  assert.deepEqual(
    [breaker?.name, breaker?.scope, breaker?.open, breaker?.action],
    ["manual", Scope.ACCOUNT, true, "reduce"],
  );
  const held = (): boolean[] =>
    town.process.fleet.bots().map(({ state }) => state?.blocks.has("account:manual") === true);
  await world.untilTrue(() => held().every((each) => each));
  const listed = (await risk("reader").getCircuitBreakerStatus({})).breakers.filter(({ open }) => open);
  assert.deepEqual(
    listed.map(({ scope, name }) => [scope, name]),
    [[Scope.ACCOUNT, "manual"]],
  );
  await world.until(risk().closeCircuitBreaker({ name: "manual", id: "", force: false, reason: "over" }));
  await world.untilTrue(() => held().every((each) => !each));
  assert.ok(ended.includes("account breaker-opened manual"), String(ended));
});

test("RISK-22 the kill of everything is latched in the account, and ends by one reset", async (t) => {
  const alerts: { readonly bot: string; readonly code: string; readonly text: string }[] = [];
  const onAlert: FleetOptions["onAlert"] = (bot, { code, text }) => alerts.push({ bot, code, text });
  const town = await startTown(t, 2, 20_000, { account: { limits: LIMITS }, onAlert });
  const { world, risk, process } = town;
  const pulled = risk().triggerKillSwitch({ scope: Scope.ALL, id: "", flatten: true, reason: "drill" });
  const reports = await collected(world, pulled, () => false);
  const last = reports.at(-1);
  assert.deepEqual([last?.report?.step, last?.report?.proven, last?.report?.ordersLeft], ["done", true, []]);
  assert.deepEqual(Object.keys(last?.sequences ?? {}).sort(), ["b0", "b1"]);
  const { account } = process.fleet;
  assert.equal(account?.host.state.kill?.reason, "drill");
  await world.untilTrue(() => account?.host.state.kill?.reported === true);
  const told = alerts.filter(({ bot, code }) => bot === "account" && code === "kill-proved");
  assert.equal(told.length, 1);
  assert.match(told[0]?.text ?? "", /over 2 bots/);
  await world.until(risk().resetKillSwitch({ scope: Scope.ALL, id: "", reason: "drill over" }));
  assert.equal(account?.host.state.kill, null);
  assert.equal((await risk("reader").getKillStatus({})).active, false);
  await world.untilTrue(() => world.open(0) > 0 && world.open(1) > 0);
});

test("RISK-09 GetExposure tells each bot's grant, and no sum where one is not known", async (t) => {
  const town = await startTown(t, 2, 20_000, { account: { limits: LIMITS } });
  const { world, risk } = town;
  await world.untilTrue(() => town.process.fleet.bots().every(({ state }) => state?.grant?.gross === usdt(5_000)));
  const { grants, gross } = await risk("reader").getExposure({});
  assert.deepEqual(
    grants.map(({ botId, granted }) => [botId, granted?.value]),
    [
      ["b0", "5000"],
      ["b1", "5000"],
    ],
  );
  assert.ok(gross !== undefined);
  const bot = town.process.fleet.bot("b0")?.state ?? assert.fail("no state");
  const { book, mark } = bot;
  bot.book = null;
  bot.mark = null;
  const book0 = town.made.books.of("b0") ?? assert.fail("no book");
  if (book0.mark() === null) assert.equal((await risk("reader").getExposure({})).gross, undefined);
  Object.assign(bot, { book, mark });
  const refused = await refusedBy(
    risk("reader").openCircuitBreaker({ scope: Scope.ALL, id: "", action: "halt", reason: "x" }),
  );
  assert.equal(refused.status, "PERMISSION_DENIED");
  assert.equal(symbolOf(0), bot.instrument?.symbol);
});
