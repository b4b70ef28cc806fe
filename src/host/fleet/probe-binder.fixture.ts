// The grid's texts bound to the probe strategy instead: a second strategy for tests of the fleet. Test code only.

import { sha256 } from "../../base/canonical.ts";
import { ok } from "../../base/result.ts";
import { probe } from "../../engine/probe.fixture.ts";
import { addStrategy } from "../../engine/strategies.ts";
import { money } from "../../market/amounts.ts";
import { defaultRiskLimits } from "../../risk/limits.ts";
import type { BotBinder } from "./binder.ts";
import { configBinder } from "./config-binder.ts";

export const PROBE_NAME = probe.name;

addStrategy(probe);

export const probeBinder: BotBinder = {
  read: (text) => configBinder.read(text),
  diff: () => [],
  bind: (text, instrument) => {
    const head = configBinder.read(text);
    if (!head.ok) return head;
    const { id, tag } = head.value;
    const data = {
      strategy: PROBE_NAME,
      strategyConfig: null,
      risk: { ...defaultRiskLimits(instrument), orderNotionalMax: money(10_000n * 10n ** 18n) },
      cancelOnExit: "all",
    } as const;
    return ok({ id, tag, strategy: PROBE_NAME, instrument, data, hash: sha256(text), text });
  },
};
