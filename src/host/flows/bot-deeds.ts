// Adding and removing a bot as flows (DUR-63): a change of the registry, then the start or the end of its run. What a
// kill leaves half done is gone on with; the registry is our own, so what it does not show did not happen.

import type { Result } from "../../base/result.ts";
import type { Asker } from "../fleet/asked-change.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetRefusal, FleetRefusalCode } from "../fleet/refusal.ts";
import type { Flow, FlowEnd } from "./flow.ts";
import type { Deed, Look } from "./work.ts";

export type BotFleet = Pick<Fleet, "bot" | "create" | "startBot" | "stop" | "delete">;

/** The process is leaving, or its store is: nothing was decided about the bot. */
const NOT_NOW: ReadonlySet<FleetRefusalCode> = new Set(["CLOSING", "CANNOT_WRITE", "UNAVAILABLE"]);
const NOT_YET: FlowEnd = { result: "unknown", text: "" };
const LOOK: Look = { is: "not-so", text: "" };

const askerOf = ({ id, by, reason }: Flow): Asker => ({ by, reason, requestId: `flow ${id}`, address: "" });

/** Null where it may be tried again. */
function endOf(result: Result<unknown, FleetRefusal>, text: string): FlowEnd | null {
  if (result.ok) return { result: "done", text };
  return NOT_NOW.has(result.error.code) ? null : { result: "refused", text: result.error.text };
}

/** `facts.config`: the bot's configuration as it is written. It is created, then started. */
export function botAdd(fleet: () => BotFleet): Deed {
  const create = async (flow: Flow): Promise<FlowEnd | null> => {
    if (fleet().bot(flow.bot) !== null) return null;
    const given = { id: flow.bot, text: String(flow.facts["config"] ?? ""), dryRun: false };
    const end = endOf(await fleet().create(given, askerOf(flow)), "");
    return end?.result === "refused" ? end : null;
  };
  return {
    again: true,
    look: async () => LOOK,
    act: async (flow) => (await create(flow)) ?? NOT_YET,
    settle: async (flow) => {
      if (fleet().bot(flow.bot) === null) return create(flow);
      return endOf(await fleet().startBot(flow.bot, askerOf(flow)), "it is created and started");
    },
  };
}

/** It is stopped, then deleted when it is flat; its journal stays. */
export function botRemove(fleet: () => BotFleet): Deed {
  const stop = async (flow: Flow): Promise<FlowEnd> => {
    if (fleet().bot(flow.bot) === null) return { result: "done", text: "there is no such bot any more" };
    const end = endOf(await fleet().stop({ id: flow.bot, cancelOnExit: null }, askerOf(flow)), "");
    return end?.result === "refused" ? end : NOT_YET;
  };
  return {
    again: true,
    look: async () => LOOK,
    act: stop,
    settle: async (flow) => {
      const bot = fleet().bot(flow.bot);
      if (bot === null) return { result: "done", text: "it is deleted; its journal stays" };
      // somebody started it again, or the stop never reached it
      if (bot.record.wanted !== "stopped") {
        const end = await stop(flow);
        return end.result === "unknown" ? null : end;
      }
      if (bot.stage !== "idle") return null;
      return endOf(await fleet().delete({ id: flow.bot, dryRun: false }, askerOf(flow)), "its journal stays");
    },
  };
}
