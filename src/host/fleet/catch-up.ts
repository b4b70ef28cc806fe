// What was decided in the registry and did not reach the bot's journal any more, because the process died between the
// two: it is told to the bot when it runs again (OPS-18), in the name of who decided it.

import { PAUSE_BLOCK } from "../../engine/names.ts";
import type { BotState } from "../../engine/state.ts";
import type { BotRecord, WantedPause } from "../../journal/registry.ts";
import type { BotHost } from "../host.ts";
import type { BoundBot } from "./binder.ts";
import { isBehind } from "./bot-change.ts";

const nobody = (): void => undefined;

/** A pause, a flattening, or the end of a pause. At the start of a run, before recovery is over. */
export function makeAsWanted(host: BotHost, { act, wanted, pause, by, reason, requestId }: BotRecord): void {
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

/** A configuration the strategy does not run by yet. Once the bot runs. */
export function catchUp(host: BotHost, { act, by, reason, requestId }: BotRecord, bound: BoundBot): void {
  if (act !== "update" || !isBehind(host.state, bound)) return;
  host.command({ name: "relattice", config: bound.data }, { by, reason, requestId }, nobody);
}
