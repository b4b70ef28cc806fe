// What was decided in the registry and did not reach the bot's journal any more, because the process died between the
// two: it is told to the bot when it runs again (OPS-18), in the name of who decided it.

import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import type { BotRecord, WantedPause } from "../../journal/registry.ts";
import { asGridConfig, changedKeys } from "../../strategy/grid/config-change.ts";
import type { Command } from "../../trading/command.ts";
import type { BoundBot } from "./binder.ts";
import type { HostView } from "./run.ts";

type CommandedHost = Pick<HostView, "state" | "command">;

const nobody = (): void => undefined;

/** A pause, a flattening, or the end of a pause. At the start of a run, before recovery is over. */
export function makeAsWanted(host: CommandedHost, { act, wanted, pause, by, reason, requestId }: BotRecord): void {
  const held = pauseOf(host.state);
  const who = { by, reason, requestId };
  if (wanted === "paused") {
    const asked = pause ?? { cancelEntries: false, leg: "both" };
    if (held?.cancelEntries === asked.cancelEntries && held.leg === asked.leg) return;
    if (act === "flatten") host.command({ name: "flatten" }, who, nobody);
    host.command({ name: "pause", ...asked }, who, nobody);
  } else if (held !== null && (act === "start" || act === "resume")) host.command({ name: act }, who, nobody);
}

/** How the operator's pause holds a bot; null while none does. */
export function pauseOf(state: BotState): WantedPause | null {
  const block = state.blocks.get(PAUSE_BLOCK);
  return block === undefined ? null : { cancelEntries: block.level !== "HOLD", leg: block.leg };
}

/**
 * A new configuration the strategy refused as a whole when the run began, since not all of it may change while it holds
 * something: told again in the way such keys are changed. An anchor the text leaves open stays as somebody set it.
 */
export function catchUp(host: CommandedHost, { by, reason, requestId }: BotRecord, { data }: BoundBot): void {
  const inForce = asGridConfig(host.state.config?.strategyConfig);
  const wanted = asGridConfig(data.strategyConfig);
  if (inForce === null || wanted === null) return;
  const target = { ...wanted, anchor: wanted.anchor ?? inForce.anchor };
  const changed = changedKeys(inForce, target);
  if (changed.length === 0) return;
  const live = changed.every(({ change }) => change === "live");
  const command: Command = live
    ? { name: "update", config: { ...data, strategyConfig: target } }
    : { name: "relattice", config: data };
  host.command(command, { by, reason, requestId }, nobody);
}
