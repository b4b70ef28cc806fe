// What a fleet refuses, as the statuses of the API (api.md section 6). Nothing was done, so the outcome is `not_sent`;
// what the bot itself refused after it was journaled is `rejected`.

import type { Result } from "../../base/result.ts";
import { absent, requiredText } from "../../rpc/fields.ts";
import { invalidField, RpcRefusal } from "../../rpc/refusal.ts";
import type { StatusName } from "../../rpc/status.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import type { FleetRefusal, FleetRefusalCode } from "../fleet/refusal.ts";

const STATUSES: { readonly [code in FleetRefusalCode]: readonly [status: StatusName, reason: string] } = {
  UNKNOWN_BOT: ["NOT_FOUND", "ABSENT"],
  EXISTS: ["ALREADY_EXISTS", "DUPLICATE_ID"],
  TAG_TAKEN: ["ALREADY_EXISTS", "TAG_TAKEN"],
  STALE_REVISION: ["ABORTED", "STALE_REVISION"],
  CONDITION: ["FAILED_PRECONDITION", "CONDITION"],
  CONFIG: ["INVALID_ARGUMENT", "INVALID"],
  LIMIT: ["RESOURCE_EXHAUSTED", "TOO_MANY_BOTS"],
  UNAVAILABLE: ["UNAVAILABLE", "UNAVAILABLE"],
  CANNOT_WRITE: ["UNAVAILABLE", "CANNOT_WRITE"],
  CLOSING: ["UNAVAILABLE", "SHUTDOWN"],
};

export function refusalOfFleet({ code, text, problems }: FleetRefusal): RpcRefusal {
  const [status, reason] = STATUSES[code];
  const violations = problems.map(({ line, key, text: said }) => {
    return { field: key === "" ? "config" : `config.${key}`, description: line > 0 ? `line ${line}: ${said}` : said };
  });
  return new RpcRefusal({ status, reason, message: text, outcome: "not_sent", violations });
}

/** The value, or the refusal thrown. */
export function granted<T>(result: Result<T, FleetRefusal>): T {
  if (result.ok) return result.value;
  throw refusalOfFleet(result.error);
}

const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The text of a bot's id, checked. */
export function botIdOf(value: string): string {
  const id = requiredText("bot_id", value, 32);
  if (ID.test(id)) return id;
  throw invalidField("bot_id", "must be 1 to 32 of a-z, 0-9 and -");
}

/** The bot a request names. Throws INVALID_ARGUMENT, NOT_FOUND. */
export function requiredBot(fleet: Fleet, value: string): FleetBot {
  const id = botIdOf(value);
  const bot = fleet.bot(id);
  if (bot === null) throw absent(`there is no bot ${id}`);
  return bot;
}
