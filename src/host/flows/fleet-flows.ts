// The flows of a fleet: what each kind does with its bots and its exchange, and when the nightly one runs.

import { ACCOUNT_NAME } from "../account/account-engine.ts";
import type { AccountDesk } from "../fleet/account-desk.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { botAdd, botRemove } from "./bot-deeds.ts";
import { FlowDesk } from "./flow-desk.ts";
import { killDeed } from "./kill-deed.ts";
import { localRunner } from "./local-runner.ts";
import { settingDeed } from "./setting-deeds.ts";
import { tieOut } from "./tie-out.ts";

/** Not yet started. */
export function flowsOf(fleet: Fleet, account: AccountDesk): FlowDesk {
  const { options } = fleet;
  const { port, clock, conditions, timings } = options;
  const setting = { port, clock, clockErrorMs: () => conditions().clockErrorMs };
  const host = () => account.host;
  const deeds = {
    leverage: settingDeed(setting, "leverage"),
    "margin-mode": settingDeed(setting, "margin-mode"),
    "bot-add": botAdd(() => fleet),
    "bot-remove": botRemove(() => fleet),
    kill: killDeed(host, (flatten, who) => void account.command({ name: "kill", flatten }, who)),
    "tie-out": tieOut({ bots: () => fleet.bots(), port, account: host }),
  };
  return new FlowDesk({
    account: account.host,
    deeds,
    open: options.account?.flows ?? localRunner,
    clock,
    onAlert: (alert) => options.onAlert(ACCOUNT_NAME, alert),
    onWarning: (text) => options.onWarning(ACCOUNT_NAME, text),
    onEnd: (kind, result, ms) => timings?.flowEnded?.(kind, result, ms),
  });
}
