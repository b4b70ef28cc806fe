// Commands that span steps (DUR-63): add and retire a bot, set leverage or margin mode on the exchange, tie out. They
// are recorded by the account machine and carried out through whatever becomes of this process.

import { setTimeout as wait } from "node:timers/promises";
import { notNow } from "../../rpc/fields.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Asker } from "../fleet/asked-change.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import type { AskedFlow } from "../flows/flow-desk.ts";

type Args = Readonly<Record<string, string>>;

/** What most flows take, and a caller may wait for to hear of a refusal at once. */
const ANSWER_MS_MAX = 3_000;
const CONFIG_LENGTH_MAX = 200_000;
const LEVERAGE_MAX = 125;

interface Reader {
  /** Its arguments; each must be given. */
  readonly args: readonly string[];
  readonly read: (bot: string, args: Args, found: FleetBot | null) => AskedFlow;
}

const READERS: Readonly<Record<string, Reader>> = {
  add: {
    args: ["config"],
    read: (bot, { config = "" }, found) => {
      if (found !== null) throw notNow("EXISTS", `there is a bot ${bot} already`);
      if (config.length > CONFIG_LENGTH_MAX) throw invalidField("args.config", "is too long");
      return { flow: "bot-add", bot, facts: { config } };
    },
  },
  retire: {
    args: [],
    read: (bot, _args, found) => {
      known(bot, found);
      return { flow: "bot-remove", bot, facts: {} };
    },
  },
  setLeverage: {
    args: ["leverage"],
    read: (bot, { leverage = "" }, found) => {
      const times = /^[1-9]\d{0,2}$/.test(leverage) ? Number.parseInt(leverage, 10) : 0;
      if (times < 1 || times > LEVERAGE_MAX) throw invalidField("args.leverage", `must be 1 to ${LEVERAGE_MAX}`);
      return { flow: "leverage", bot, facts: { symbol: atRest(bot, found), leverage: times } };
    },
  },
  setMarginMode: {
    args: ["mode"],
    read: (bot, { mode = "" }, found) => {
      if (mode !== "cross" && mode !== "isolated") throw invalidField("args.mode", "must be cross or isolated");
      return { flow: "margin-mode", bot, facts: { symbol: atRest(bot, found), mode } };
    },
  },
  tieOut: { args: [], read: () => ({ flow: "tie-out", bot: "", facts: {} }) },
};

/** Null for a name that is none of these. Throws INVALID_ARGUMENT and FAILED_PRECONDITION naming what is wrong. */
export function readFlow(fleet: Fleet, id: string, asked: { readonly name: string; readonly args: Args }) {
  const reader = Object.hasOwn(READERS, asked.name) ? READERS[asked.name] : undefined;
  if (reader === undefined) return null;
  for (const arg of reader.args) if ((asked.args[arg] ?? "") === "") throw invalidField(`args.${arg}`, "is missing");
  const extra = Object.keys(asked.args).find((arg) => !reader.args.includes(arg));
  if (extra !== undefined) throw invalidField("args", `${asked.name} does not take ${extra.slice(0, 40)}`);
  return reader.read(id, asked.args, fleet.bot(id));
}

/** The number of its record in the account's journal. A flow that is refused at once is a refusal of the call. */
export async function sendFlow({ account }: Fleet, flow: AskedFlow, who: Asker): Promise<number> {
  const flows = account?.flows ?? null;
  if (account === null || flows === null)
    throw notNow("CONDITION", "this process keeps no account: nothing can span steps");
  const asked = flows.ask(flow, who);
  if (!asked.ok) throw notNow("CONDITION", asked.error);
  const sequence = account.host.state.seq;
  const end = await Promise.race([flows.whenOver(asked.value), wait(ANSWER_MS_MAX, null, { ref: false })]);
  if (end?.result === "refused") throw notNow("CONDITION", end.text);
  return sequence;
}

function known(bot: string, found: FleetBot | null): FleetBot {
  if (found === null) throw notNow("UNKNOWN_BOT", `there is no bot ${bot}`);
  return found;
}

/** A running bot counts with the leverage it began with. */
function atRest(bot: string, found: FleetBot | null): string {
  const { stage, record } = known(bot, found);
  if (stage !== "idle")
    throw notNow("CONDITION", `${bot} runs: stop it first, it counts with the setting it began with`);
  return record.instruments[0] ?? "";
}
