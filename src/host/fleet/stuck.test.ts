// A bot whose step never ends takes its process with it; twice for one event, and it is put aside at the next start.

import assert from "node:assert/strict";
import { test } from "node:test";
import { phaseOf } from "./bot-view.ts";
import { ANN, botOf, botText, done, world } from "./fleet.fixture.ts";

test("OPS-15 OPS-17 a bot two processes ended for is put aside: its orders go, the others trade", async (t) => {
  const w = world(t, 2);
  const first = w.start({ seeds: [botText("bot-0", 0), botText("bot-1", 1)] });
  await w.untilTrue(() => w.open(0) >= 3 && w.open(1) >= 3);
  const seq = botOf(first, "bot-0").state?.seq ?? 0;
  w.kill(first);
  const again = w.start({ stuck: { bot: "bot-0", seq, times: 1 } });
  await w.untilTrue(() => again.fleet.bots().every((bot) => phaseOf(bot) === "RUNNING"));
  w.kill(again);
  let forgotten = 0;
  const aside = w.start({ stuck: { bot: "bot-0", seq, times: 2 }, forgetStuck: () => (forgotten += 1) });
  await w.untilTrue(() => w.open(0) === 0);
  assert.equal(phaseOf(botOf(aside, "bot-0")), "QUARANTINED");
  const told = aside.alerts.find(({ bot, code }) => bot === "bot-0" && code === "bot-quarantined");
  assert.match(told?.text ?? "", new RegExp(`^poisoned at seq ${seq}: .*2 processes in a row were ended for it`));
  assert.equal(botOf(aside, "bot-0").state?.seq, seq - 1, "its state is the one before that event");
  await w.untilTrue(() => phaseOf(botOf(aside, "bot-1")) === "RUNNING" && w.open(1) >= 3);
  assert.equal(forgotten, 0);
  done(await w.until(aside.fleet.startBot("bot-0", ANN)));
  await w.untilTrue(() => phaseOf(botOf(aside, "bot-0")) === "RUNNING");
  assert.equal(forgotten, 1);
  await w.until(aside.fleet.close("test"));
});

test("OPS-17 the watchdog is told of every step, in runs and in replays, and that it ended", async (t) => {
  const w = world(t, 1);
  const steps: number[] = [];
  const under = { way: 0 };
  const watchdog = {
    began: (bot: string, seq: number): void => {
      assert.equal(bot, "bot-0");
      steps.push(seq);
      under.way += 1;
    },
    ended: (): void => {
      under.way -= 1;
    },
  };
  const first = w.start({ seeds: [botText("bot-0", 0)], watchdog });
  await w.untilTrue(() => w.open(0) >= 3);
  const seq = botOf(first, "bot-0").state?.seq ?? 0;
  assert.deepEqual(
    steps,
    Array.from({ length: seq }, (_, n) => n + 1),
  );
  w.kill(first);
  steps.length = 0;
  const second = w.start({ watchdog });
  await w.untilTrue(() => phaseOf(botOf(second, "bot-0")) === "RUNNING");
  assert.ok(steps.includes(seq), "the replay is told too");
  assert.equal(under.way, 0);
  await w.until(second.fleet.close("test"));
});
