// RiskService over real gRPC: limits, breakers, reconciliation and the kill switch of real bots, each a journaled event
// with who, why and which call.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEvent } from "../../journal/codec.ts";
import { milliTicks, money } from "../../market/amounts.ts";
import { Scope, Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusedBy } from "../../rpc/village.fixture.ts";
import type { CommandEvent } from "../../trading/event.ts";
import { symbolOf } from "../fleet/fleet.fixture.ts";
import { type BooksTown, collected, startTown } from "./books.fixture.ts";

/** Commands in a bot's journal, oldest first. */
function commandsOf({ process }: BooksTown, bot: string): CommandEvent[] {
  const { journal } = process.fleet.bot(bot) ?? assert.fail(`no bot ${bot}`);
  return [...(journal?.records(0) ?? [])].flatMap((record) => {
    if (record.kind !== "command") return [];
    const event = decodeEvent(record);
    return event.kind === "command" ? [event] : [];
  });
}

test("RISK-55 metrics tell each bot's worst case and the limit it uses most", async (t) => {
  const town = await startTown(t, 2);
  const { metrics } = await town.risk("reader").getRiskMetrics({});
  assert.deepEqual(
    metrics.map(({ botId }) => botId),
    ["b0", "b1"],
  );
  for (const metric of metrics) {
    assert.equal(metric.limitBreach, false);
    assert.notEqual(metric.limitType, "");
    const score = Number.parseFloat(metric.riskScore?.value ?? "");
    assert.ok(score > 0 && score <= 1, `score ${metric.riskScore?.value}`);
    assert.ok(metric.lastPrice !== undefined && metric.leverage !== undefined && metric.marginRatio !== undefined);
  }
  // an account this rich has no liquidation price: unknown is absent, never 0
  for (const { liquidationDistance } of metrics) assert.equal(liquidationDistance, undefined);
  const book = town.made.books.of("b0") ?? assert.fail("no book");
  await town.world.untilTrue(() => book.position() !== 0);
  book.toldLiquidation(milliTicks((book.mark() ?? 0) / 2));
  const [held] = (await town.risk("reader").getRiskMetrics({ symbols: [symbolOf(0)] })).metrics;
  assert.equal(held?.liquidationDistance?.value, "0.5");
  const exposure = await town.risk("reader").getExposure({});
  assert.equal(exposure.byInstrument.length, 2);
  const shares = exposure.byInstrument.reduce((sum, { shareBps }) => sum + shareBps, 0);
  assert.ok(shares >= 9_998 && shares <= 10_000);
  assert.deepEqual(
    exposure.grants.map(({ botId }) => botId),
    ["b0", "b1"],
  );
  const none = { equity: money(-1n), quoteAvailable: money(0n), maintenanceMargin: money(1n) };
  town.process.fleet.bot("b0")?.host?.offer({ kind: "account", ...none });
  await town.world.run(10);
  const [ruined] = (await town.risk("reader").getRiskMetrics({ symbols: [symbolOf(0)] })).metrics;
  assert.equal(ruined?.limitBreach, true, "without equity every leverage is too much");
  assert.ok(["leverage", "margin-trip"].includes(ruined?.limitType ?? ""), ruined?.limitType);
});

test("RISK-08 limits are tightened at once and loosened up to the configuration, by a journaled command", async (t) => {
  const town = await startTown(t, 1);
  const { risk, world } = town;
  const wish = { symbol: symbolOf(0), reason: "smaller today" };
  const tightened = await world.until(risk().updatePositionLimits({ ...wish, maxNotionalValue: { value: "1000.5" } }));
  const notional = tightened.limits?.limits.find(({ name }) => name === "max_notional_value");
  assert.deepEqual([notional?.current?.value, notional?.configured?.value], ["1000.5", "5000"]);
  const event = commandsOf(town, "b0").at(-1);
  assert.deepEqual([event?.command.name, event?.by, event?.reason], ["limits", "desk", "smaller today"]);
  assert.notEqual(event?.requestId, undefined);
  const before = commandsOf(town, "b0").length;
  const refused = await refusedBy(risk().updatePositionLimits({ ...wish, maxNotionalValue: { value: "5000.01" } }));
  assert.deepEqual([refused.status, refused.reason], ["FAILED_PRECONDITION", "ABOVE_CONFIG"]);
  assert.equal(commandsOf(town, "b0").length, before, "a refused wish leaves no trace");
  await world.until(risk().updatePositionLimits({ ...wish, maxNotionalValue: { value: "5000" } }));
  const { limits } = await risk("reader").getPositionLimits({});
  assert.equal(limits[0]?.limits.find(({ name }) => name === "max_notional_value")?.current?.value, "5000");
});

test("RISK-21 a breaker is opened and closed by hand, and says who and why", async (t) => {
  const town = await startTown(t, 1);
  const { risk, world } = town;
  const opened = await world.until(
    risk().openCircuitBreaker({ scope: Scope.BOT, id: "b0", action: "reduce", reason: "news" }),
  );
  assert.equal(opened.breaker?.open, true);
  assert.match(opened.breaker?.reason ?? "", /^opened by desk: news$/);
  assert.deepEqual(Object.keys(opened.sequences), ["b0"], "the journal number of each bot that took it");
  await world.untilTrue(() => world.open(0) <= 3);
  const { breakers } = await risk("reader").getCircuitBreakerStatus({});
  assert.deepEqual(
    breakers.map(({ name, open, manual, action }) => [name, open, manual, action]),
    [["manual", true, true, "reduce"]],
  );
  const closed = await world.until(risk().closeCircuitBreaker({ name: "manual", reason: "over" }));
  assert.equal(closed.breaker?.open, false);
  assert.ok((closed.sequences["b0"] ?? 0) > (opened.sequences["b0"] ?? 0));
  assert.deepEqual(
    commandsOf(town, "b0")
      .slice(-2)
      .map(({ command }) => command.name),
    ["breakerOpen", "breakerClose"],
  );
  assert.equal((await refusedBy(risk().closeCircuitBreaker({ name: "manual", reason: "again" }))).status, "NOT_FOUND");
});

test("RISK-20 RISK-21 a breaker whose cause holds is closed by force alone", async (t) => {
  const { risk, world, process } = await startTown(t, 1);
  process.fleet
    .bot("b0")
    ?.host?.offer({ kind: "host-condition", condition: "disk", active: true, text: "disk is low" });
  await world.run(10);
  const refused = await world.until(refusedBy(risk().closeCircuitBreaker({ name: "host-disk", reason: "try" })));
  assert.equal(refused.status, "FAILED_PRECONDITION");
  const closed = await world.until(risk().closeCircuitBreaker({ name: "host-disk", force: true, reason: "I know" }));
  assert.equal(closed.breaker?.open, false);
});

test("RISK-18 RISK-21 a breaker on probation is listed with its end, and an operator may end it", async (t) => {
  const { risk, world, process } = await startTown(t, 1);
  const state = process.fleet.bot("b0")?.state ?? assert.fail("no state");
  const untilMs = state.nowMs + 300_000;
  const tripped = { reason: "opened: ten", value: "10 orders", limit: "10 orders", action: "P" } as const;
  const probation = { ...tripped, phase: "probation", openedAtMs: 1_000, cooldownMs: 300_000, untilMs } as const;
  state.breakers.set("rejects", probation);
  const [, listed] = (await risk("reader").getCircuitBreakerStatus({})).breakers;
  assert.deepEqual(
    [listed?.name, listed?.phase, listed?.open, listed?.action, listed?.closesAtMs, listed?.value],
    ["rejects", "probation", false, "pause", untilMs, "10 orders"],
  );
  const closed = await world.until(risk().closeCircuitBreaker({ name: "rejects", reason: "looked at it" }));
  assert.deepEqual([closed.breaker?.phase, state.breakers.has("rejects")], ["closed", false]);
  assert.equal((await refusedBy(risk().closeCircuitBreaker({ name: "rejects", reason: "again" }))).status, "NOT_FOUND");
});

test("RISK-31 a reconciliation runs when asked, and is done when the engine has judged it", async (t) => {
  const { risk, world } = await startTown(t, 2);
  const asked = await risk("trader").triggerReconciliation({ reason: "look" });
  assert.equal(asked.status, "running");
  await world.run(1_000);
  const done = await risk("reader").getReconciliationStatus({ reconciliationId: asked.reconciliationId });
  assert.equal(done.status, "done");
  assert.deepEqual(
    done.results.map(({ symbol, match }) => [symbol, match]),
    [
      [symbolOf(0), true],
      [symbolOf(1), true],
    ],
  );
  assert.ok(done.completedMs >= done.startedMs);
  const request = { reconciliationId: asked.reconciliationId, reason: "fine" };
  assert.equal((await refusedBy(risk().acceptReconciliation(request))).status, "FAILED_PRECONDITION");
  assert.equal((await refusedBy(risk().getReconciliationStatus({ reconciliationId: "x" }))).status, "NOT_FOUND");
  const strange = await refusedBy(risk().triggerReconciliation({ symbol: "NO/NE", reason: "look" }));
  assert.deepEqual([strange.status, strange.message], ["FAILED_PRECONDITION", "no bot trades NO/NE"]);
});

test("RISK-33 a divergence that opened the breaker is accepted by an operator", async (t) => {
  const town = await startTown(t, 1);
  const { risk, world } = town;
  const { clearing } = world.exchange;
  clearing.holding(clearing.account("bot"), symbolOf(0)).lots += 1_000;
  for (let i = 0; i < 3; i += 1) {
    await risk("trader").triggerReconciliation({ reason: "look" });
    await world.run(1_000);
  }
  const seen = await risk("reader").getReconciliationStatus({});
  assert.deepEqual(
    seen.results.map(({ match, action }) => [match, action]),
    [[false, "breaker"]],
  );
  const { breakers } = await risk("reader").getCircuitBreakerStatus({ scope: Scope.INSTRUMENT });
  assert.equal(breakers[0]?.name, "divergence");
  const request = { reconciliationId: "latest", reason: "seen and understood" };
  const accepted = await world.until(risk().acceptReconciliation(request));
  assert.equal(accepted.results[0]?.action, "accepted");
  assert.equal(commandsOf(town, "b0").at(-1)?.command.name, "reconcileAccept");
  const after = await risk("reader").getCircuitBreakerStatus({ scope: Scope.INSTRUMENT });
  assert.equal(after.breakers.length, 0);
});

test("RISK-22 the kill switch tells its steps to the proof, and only a reset ends it", async (t) => {
  const town = await startTown(t, 2);
  const { risk, world } = town;
  const stream = risk().triggerKillSwitch({ scope: Scope.ALL, flatten: true, reason: "drill" });
  const messages = await collected(world, stream, () => false);
  const steps = messages.map(({ report }) => report?.step ?? "");
  assert.equal(steps[0], "gate");
  assert.equal(steps.at(-1), "done");
  assert.ok(steps.includes("cancel") && steps.includes("prove"), steps.join());
  const last = messages.at(-1)?.report;
  assert.deepEqual([last?.proven, last?.ordersLeft, last?.positionsLeft], [true, [], []]);
  for (const { sequences } of messages) assert.deepEqual(Object.keys(sequences).sort(), ["b0", "b1"]);
  assert.equal(world.open(0) + world.open(1), 0);
  const status = await risk("reader").getKillStatus({});
  assert.deepEqual([status.active, status.report?.step], [true, "done"]);
  const joined = await collected(world, risk().triggerKillSwitch({ scope: Scope.ALL, reason: "again" }), () => false);
  assert.deepEqual(
    joined.map(({ report }) => report?.step),
    ["done"],
    "a repeat joins the kill that ran",
  );
  const reset = await world.until(risk().resetKillSwitch({ scope: Scope.ALL, reason: "drill over" }));
  assert.equal(reset.report?.step, "done");
  assert.equal((await risk("reader").getKillStatus({})).active, false);
  assert.deepEqual(
    commandsOf(town, "b1").map(({ command }) => command.name),
    ["kill", "kill", "killReset"],
  );
});

test("RISK-22 who stops listening does not stop the kill", async (t) => {
  const { risk, world } = await startTown(t, 1);
  const first = await collected(world, risk().triggerKillSwitch({ scope: Scope.ALL, reason: "out" }), () => true);
  assert.equal(first[0]?.report?.step, "gate");
  await world.untilTrue(() => world.open(0) === 0);
  await world.run(5_000);
  assert.equal((await risk("reader").getKillStatus({})).report?.proven, true);
});

test("RISK-42 API-18 alerts are streamed, the last hundred first, by the severity asked for", async (t) => {
  const { risk, world, made } = await startTown(t, 1);
  for (let i = 0; i < 150; i += 1) {
    made.alert("b0", { id: `b0/fleet/${i}`, code: "disk-low", severity: "warning", text: `${i}`, facts: { i } });
  }
  const stream = risk("reader").subscribeRiskAlerts({ severityMin: Severity.WARNING }, { signal: t.signal });
  const trip = world.until(risk().openCircuitBreaker({ scope: Scope.BOT, id: "b0", action: "pause", reason: "x" }));
  await trip;
  const messages = await collected(world, stream, ({ alert }) => alert?.code === "breaker-opened");
  const snapshot = messages.filter(({ meta, alert }) => meta?.kind === 1 && alert?.code === "disk-low");
  assert.ok(snapshot.length >= 99 && snapshot.length <= 100);
  const opened = messages.at(-1)?.alert;
  assert.deepEqual([opened?.severity, opened?.botId, opened?.title], [Severity.CRITICAL, "b0", "Breaker opened"]);
  assert.equal(opened?.facts["breaker"], "manual");
  const ids = messages.flatMap(({ alert }) => (alert === undefined ? [] : [alert.id]));
  assert.equal(new Set(ids).size, ids.length, "each alert once");
});
