// Deaths in the middle of a kill: the switch is pulled where it has something to do, and again where it was over first.

import { RiskServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Scope } from "../../../src/rpc/generated/opensqt/market_maker/v1/types.ts";
import { NotInTime, until } from "../victim.ts";
import { type Death, HIT_MS } from "./death.ts";
import { isKillOver } from "./judgement.ts";
import { BOT } from "./system-config.ts";
import type { SystemStage } from "./system-stage.ts";

const KILLS_MAX = 8;
const ASKED = { scope: Scope.BOT, id: BOT, reason: "the crash test" };

/**
 * Pulls the switch until somebody died at the point, and waits by `hit` for their ends. A kill may be over before the
 * point, when fills and cancels are told by the stream before they are answered: then it is reset, and another is made.
 * Errors: NotInTime.
 */
export async function killedAt(stage: SystemStage, death: Death, hit: () => Promise<void>): Promise<void> {
  const engine = stage.living("engine");
  for (let i = 0; i < KILLS_MAX; i += 1) {
    await somethingHeld(stage);
    await engine.die(death);
    const watching = new AbortController();
    // where only its connector dies the switch waits for the next one, which is started after this
    const pulled = pullKillSwitch(stage, watching.signal);
    const isOver = await until("passed or killed", HIT_MS, () => {
      if (engine.passed || engine.ended !== null) return false;
      stage.look();
      return isKillOver(stage.witness.journal.shadow) ? true : undefined;
    });
    if (!isOver || engine.passed) {
      await hit();
      watching.abort();
      await pulled;
      return;
    }
    await pulled;
    await stage.client("engine").client(RiskServiceDefinition).resetKillSwitch(ASKED);
  }
  throw new NotInTime(`${death.point} was not passed in ${KILLS_MAX} kills: ${engine.lastWords()}`);
}

/** A switch that finds nothing to cancel or to close is not passed in the middle: more than one fill could still end. */
async function somethingHeld(stage: SystemStage): Promise<void> {
  await until("two orders open, and a position of two", HIT_MS, () => {
    stage.look();
    const { orders, ledger } = stage.witness.journal.shadow;
    const largest = Math.max(1, ...[...orders.values()].map(({ order }) => order.quantity));
    const isEnough = stage.standing().open.length >= 2 && Math.abs(ledger.position) >= 2 * largest;
    return isEnough ? true : undefined;
  });
}

async function pullKillSwitch(stage: SystemStage, signal: AbortSignal): Promise<void> {
  const risk = stage.client("engine").client(RiskServiceDefinition);
  try {
    const answers = risk.triggerKillSwitch({ ...ASKED, flatten: true }, { signal });
    for await (const _ of answers) if (stage.engine?.ended !== null) return;
  } catch {
    // it dies before it answers, or nobody watches any more
  }
}
