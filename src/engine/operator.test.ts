// Commands of an operator and conditions of the host, one alone: what they change, and what the strategy hears.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lots, money, ticks } from "../market/amounts.ts";
import { defaultRiskLimits } from "../risk/limits.ts";
import type { Command } from "../trading/command.ts";
import type { BotConfigData, CommandEvent, HostCondition } from "../trading/event.ts";
import { benchWith } from "./breakers.fixture.ts";
import { quoting } from "./evidence.fixture.ts";
import { onCommand, onHostCondition } from "./operator.ts";
import { Bench, CONFIGURED, INSTRUMENT } from "./probe.fixture.ts";
import { handled } from "./said.fixture.ts";

const BY = { by: "ann", reason: "drill" } as const;
const CONFIG: BotConfigData = CONFIGURED.kind === "configured" ? CONFIGURED.config : assert.fail();

function say(bot: Bench, command: Command) {
  const { inputs, did, turn } = handled<CommandEvent>(bot, onCommand, { kind: "command", command, ...BY });
  return { inputs, did, gatesChanged: turn.gatesChanged, turn };
}

test("GRID-46 the strategy hears every command with its operator and the reason, and the engine does the rest", () => {
  const grid: readonly Command[] = [
    { name: "adopt", lots: lots(1), average: null },
    { name: "clearGate", gate: "stop" },
    { name: "flatten" },
    { name: "writeOff", lots: lots(1), leg: "L" },
    { name: "reanchor", price: ticks(1) },
    { name: "relattice", config: CONFIG },
  ];
  for (const command of grid) {
    const { bot } = quoting();
    const { inputs, did, gatesChanged } = say(bot, command);
    assert.deepEqual([inputs, did, gatesChanged], [[{ kind: "command", command, ...BY }], [], false], command.name);
  }
  const engine: readonly Command[] = [
    { name: "pause", cancelEntries: true, leg: "both" },
    { name: "start" },
    { name: "resume" },
    { name: "stop", cancelOnExit: "none" },
    { name: "kill", flatten: false },
    { name: "killReset" },
    { name: "breakerOpen", action: "P" },
    { name: "breakerClose", breaker: "manual", force: true },
    { name: "reconcileAccept" },
  ];
  for (const command of engine) {
    assert.deepEqual(say(benchWith(), command).inputs, [{ kind: "command", command, ...BY }], command.name);
  }
});

test("GRID-46 a pause holds one leg or both, or cancels the entries as well, until start or resume", () => {
  const { bot } = quoting();
  const pause = (cancelEntries: boolean, leg: "L" | "both"): unknown => {
    assert.ok(say(bot, { name: "pause", cancelEntries, leg }).gatesChanged);
    return bot.state.blocks.get("operator");
  };
  const block = { reason: "paused by ann: drill", sinceMs: bot.state.nowMs, reducing: true };
  assert.deepEqual(pause(false, "L"), { ...block, level: "HOLD", leg: "L" });
  assert.deepEqual(pause(true, "both"), { ...block, level: "REDUCE", leg: "both" });
  for (const name of ["start", "resume"] as const) {
    assert.deepEqual([say(bot, { name }).gatesChanged, bot.state.blocks.size], [true, 0]);
    assert.equal(say(bot, { name }).gatesChanged, false, "there was no pause");
    pause(true, "both");
  }
});

test("RISK-21 clearGate opens no gate of the engine: that ends with its cause, or by breakerClose", () => {
  const { bot } = quoting();
  say(bot, { name: "breakerOpen", action: "A" });
  assert.equal(bot.state.blocks.get("manual")?.reason, "opened by ann: drill");
  say(bot, { name: "clearGate", gate: "manual" });
  assert.ok(bot.state.blocks.has("manual"));
});

test("DUR-58 a stop by command goes by its own policy, else by the configuration's, else it cancels everything", () => {
  const policy = (bot: Bench, cancelOnExit: "opening" | "none" | null): string => {
    say(bot, { name: "stop", cancelOnExit });
    assert.equal(bot.state.phase, "stopping");
    return bot.state.stopPolicy;
  };
  const opening = { cancelOnExit: "opening" } as const;
  assert.deepEqual([policy(benchWith({}, opening), null), policy(benchWith({}, opening), "none")], ["opening", "none"]);
  const unconfigured = new Bench();
  unconfigured.state.stopPolicy = "none";
  assert.equal(policy(unconfigured, null), "all");
});

test("RISK-22 a kill is told at once, and a reset ends what it began", () => {
  const { bot } = quoting();
  const killed = say(bot, { name: "kill", flatten: true });
  assert.equal(killed.did.at(-1), "critical kill: kill switch pulled by ann: drill flatten=true");
  bot.state.closer = { because: "flatten.kill", nextAtMs: 0, startedAtMs: 0, target: lots(0) };
  const reset = say(bot, { name: "killReset" });
  assert.deepEqual([reset.did, reset.gatesChanged, bot.state.kill.phase, bot.state.closer], [[], true, "off", null]);
});

test("GRID-44 an update is in force at once, keeps the strategy's name, and can be taken back whole", () => {
  const bot = benchWith({}, { budget: money(10n ** 20n) });
  const { config, limits, budget, configRevision } = bot.state;
  const risk = { ...defaultRiskLimits(INSTRUMENT), openOrdersMax: 7 };
  const wanted = { ...CONFIG, strategy: "another", strategyConfig: "new", risk, budget: money(2n * 10n ** 20n) };
  const { inputs, turn } = say(bot, { name: "update", config: wanted });
  assert.deepEqual(inputs, [{ kind: "config", config: "new" }]);
  assert.deepEqual(turn.beforeUpdate, { config, limits, budget });
  const { state } = bot;
  assert.deepEqual(
    [state.config?.strategy, state.config?.strategyConfig, state.limits?.openOrdersMax],
    ["probe", "new", 7],
  );
  assert.deepEqual([state.budget?.budget, state.configRevision], [2n * 10n ** 20n, configRevision + 1]);
  assert.deepEqual(say(new Bench(), { name: "update", config: wanted }).inputs, [], "there is nothing to update yet");
});

test("RISK-21 limits can be made narrower while the bot runs, and not before it has any", () => {
  const bot = benchWith();
  const none = { positionNotionalMax: null, orderQuantityMax: null, leverageMaxMilli: null };
  const command: Command = { name: "limits", wanted: { ...none, positionQuantityMax: lots(50) } };
  assert.equal(say(bot, command).inputs.length, 1);
  assert.equal(bot.state.limits?.positionQuantityMax, 50);
  const unconfigured = new Bench();
  assert.equal(say(unconfigured, command).inputs.length, 1);
  assert.equal(unconfigured.state.limits, null);
});

test("RISK-18 OPS-16 a condition of the host holds the bot while it lasts, and is told when it begins", () => {
  const { bot } = quoting();
  const condition = (active: boolean) => {
    const event = { kind: "host-condition", condition: "disk", active, text: "disk is low" } as const;
    const { inputs, did, turn } = handled<HostCondition>(bot, onHostCondition, event);
    return { inputs, did, gatesChanged: turn.gatesChanged };
  };
  const began = { inputs: [], did: ["warning host-disk: disk is low"], gatesChanged: true };
  assert.deepEqual(condition(true), began);
  const { nowMs: sinceMs } = bot.state;
  const block = { reason: "disk is low", sinceMs, level: "HOLD", leg: "both", reducing: true };
  assert.deepEqual(bot.state.blocks.get("host-disk"), block);
  assert.deepEqual([condition(false), bot.state.blocks.size], [{ inputs: [], did: [], gatesChanged: true }, 0]);
});
