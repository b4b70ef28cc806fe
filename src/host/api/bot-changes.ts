// The calls of BotService that change something. Each takes a reason, is durable in the registry before it is done, and
// answers after the journal has it (API-11).

import type { CallContext } from "nice-grpc-common";
import type { Result } from "../../base/result.ts";
import { callerOf, requireBot } from "../../rpc/caller.ts";
import { notNow, optionalEnum, requiredReason, requiredText } from "../../rpc/fields.ts";
import type {
  BotServiceImplementation,
  CreateBotResponse,
  SendCommandRequest,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { Leg } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Asker, Changed, Proposed } from "../fleet/asked-change.ts";
import { gatesOf } from "../fleet/bot-view.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import type { FleetRefusal } from "../fleet/refusal.ts";
import { readCommand } from "./bot-command.ts";
import { botMessage, changeMessage, problemMessage } from "./bot-messages.ts";
import { botIdOf, granted, requiredBot } from "./bot-refusals.ts";
import { readFlow, sendFlow } from "./flow-commands.ts";

export const CONFIG_LENGTH_MAX = 200_000;
const POLICIES = ["all", "opening", "none"] as const;

export type BotChanges = Pick<
  BotServiceImplementation,
  | "createBot"
  | "updateBot"
  | "deleteBot"
  | "startBot"
  | "pauseBot"
  | "resumeBot"
  | "stopBot"
  | "flattenBot"
  | "sendCommand"
>;

/** Every change of a bot. `operatorUrl`: where a browser may command the bots; empty where it may not. */
export function botChanges(fleet: Fleet, operatorUrl: string): BotChanges {
  const bot = ({ bot: changed }: Changed) => ({ bot: botMessage(changed, operatorUrl) });
  const asked = (given: { readonly botId: string; readonly reason: string }, context: CallContext) => {
    const id = botIdOf(given.botId);
    requireBot(context, id);
    return { id, who: askerOf(context, given.reason) };
  };
  return {
    createBot: async (request, context) => {
      const { id, who } = asked(request, context);
      const text = configOf(request.config);
      return proposal(await fleet.create({ id, text, dryRun: request.dryRun }, who), request.dryRun, operatorUrl);
    },
    updateBot: async (request, context) => {
      const { id, who } = asked(request, context);
      const { dryRun, revision } = request;
      if (!Number.isSafeInteger(revision) || revision < 1)
        throw invalidField("revision", "must be the revision you saw");
      const text = configOf(request.config);
      return proposal(await fleet.update({ id, text, revision, dryRun }, who), dryRun, operatorUrl);
    },
    deleteBot: async (request, context) => {
      const { id, who } = asked(request, context);
      const { dryRun } = request;
      const removed = granted(await fleet.delete({ id, dryRun }, who));
      return { ...bot(removed), diff: [], errors: [] };
    },
    startBot: async (request, context) => {
      const { id, who } = asked(request, context);
      return bot(granted(await fleet.startBot(id, who)));
    },
    pauseBot: async (request, context) => {
      const { id, who } = asked(request, context);
      const leg = optionalEnum("leg", request.leg, Leg);
      const on = leg === Leg.LONG ? "L" : leg === Leg.SHORT ? "S" : "both";
      return bot(granted(await fleet.pause({ id, cancelEntries: request.cancelEntries, leg: on }, who)));
    },
    resumeBot: async (request, context) => {
      const { id, who } = asked(request, context);
      return bot(granted(await fleet.resume(id, who)));
    },
    stopBot: async (request, context) => {
      const { id, who } = asked(request, context);
      const policy = POLICIES.find((each) => each === request.cancelOnExit) ?? null;
      if (policy === null && request.cancelOnExit !== "") {
        throw invalidField("cancel_on_exit", `must be ${POLICIES.join(", ")}, or empty for what is configured`);
      }
      return bot(granted(await fleet.stop({ id, cancelOnExit: policy }, who)));
    },
    flattenBot: async (request, context) => {
      const { id, who } = asked(request, context);
      return bot(granted(await fleet.flatten(id, who)));
    },
    sendCommand: async (request, context) => {
      const { id, who } = asked(request, context);
      return { sequence: await send(fleet, id, request, who) };
    },
  };
}

/** Who calls, for the journal: name of the key, request id, address, and the reason with the operator's note. */
export function askerOf(context: CallContext, reason: string): Asker {
  const { name, requestId, address, note } = callerOf(context);
  const why = requiredReason(reason);
  return { by: note === "" ? name : `${name} (${note})`, reason: why, requestId, address };
}

export function configOf(text: string): string {
  if (text.trim() === "") throw invalidField("config", "is missing: give the bot's configuration as YAML text");
  if (text.length <= CONFIG_LENGTH_MAX) return text;
  throw invalidField("config", `has ${text.length} characters, at most ${CONFIG_LENGTH_MAX}`);
}

/** With `dryRun` what is wrong with a text is the answer; a real call that was not carried out is refused. */
function proposal(
  result: Result<Proposed, FleetRefusal>,
  dryRun: boolean,
  operatorUrl: string,
): Partial<CreateBotResponse> {
  if (!result.ok && dryRun && result.error.code === "CONFIG") {
    return { diff: [], errors: result.error.problems.map(problemMessage) };
  }
  const { bot, diff } = granted(result);
  const shown = { diff: diff.map(changeMessage), errors: [] };
  return bot === null ? shown : { ...shown, bot: botMessage(bot, operatorUrl) };
}

async function send(fleet: Fleet, id: string, request: SendCommandRequest, who: Asker): Promise<number> {
  const name = requiredText("name", request.name, 40);
  const flow = readFlow(fleet, id, { name, args: request.args });
  if (flow !== null) return await sendFlow(fleet, flow, who);
  const bot = requiredBot(fleet, id);
  const instrument = bot.state?.instrument ?? null;
  if (bot.host === null || instrument === null) throw notNow("CONDITION", `${id} does not run: start it first`);
  const asked = readCommand(name, request.args, instrument);
  switch (asked.kind) {
    case "command":
      if (asked.command.name === "clearGate") gateOf(bot, asked.command.gate);
      return granted(await fleet.command(id, asked.command, who)).sequence;
    case "relattice": {
      const config = bot.bound?.data;
      if (config === undefined) throw notNow("CONDITION", `${id} has no configuration yet`);
      return granted(await fleet.command(id, { name: "relattice", config }, who)).sequence;
    }
    case "update": {
      const { revision } = bot.record;
      const change = { id, text: configOf(asked.config), revision, dryRun: false };
      return granted(await fleet.update(change, who)).sequence;
    }
  }
}

/** A strategy's own gate that is shut. The engine's open when their cause is gone, or by the calls of RiskService. */
function gateOf({ state }: FleetBot, gate: string): void {
  if (state?.blocks.has(gate) === true) {
    throw notNow("CONDITION", `${gate} is the engine's: it opens when its cause is gone, or by CloseCircuitBreaker`);
  }
  const shut = state === null ? [] : gatesOf(state).map(({ name }) => name);
  if (shut.includes(gate)) return;
  throw notNow(
    "CONDITION",
    `gate ${gate} is not shut; ${shut.length === 0 ? "none is" : `these are: ${shut.join(", ")}`}`,
  );
}
