// Leverage and margin mode of the account as flows (DUR-37, DUR-63): looked at first, then set once. What a look cannot
// tell is not guessed: then a person is asked to look.

import type { Clock } from "../../base/clock.ts";
import type { AccountSettings, ExchangePort, SettingOutcome } from "../../exchange/port.ts";
import { SEND_DELAY_MS_MAX } from "../settle.ts";
import type { Flow, FlowEnd } from "./flow.ts";
import type { Deed, Look } from "./work.ts";

/** What of a port is asked. */
export type SettingPort = Pick<
  ExchangePort,
  "name" | "settings" | "account" | "instrument" | "requestExpiryMs" | "lookupLagMs"
>;

export interface SettingParts {
  readonly port: SettingPort;
  readonly clock: Clock;
  readonly clockErrorMs: () => number;
}

/** `facts`: symbol, and leverage or mode. */
export function settingDeed(parts: SettingParts, kind: "leverage" | "margin-mode"): Deed {
  const isOver = ({ atMs }: Flow): boolean => {
    const { requestExpiryMs, lookupLagMs } = parts.port;
    const windowMs = SEND_DELAY_MS_MAX + requestExpiryMs + lookupLagMs + parts.clockErrorMs();
    return parts.clock.nowMs() > atMs + windowMs;
  };
  return {
    again: false,
    // the call that sets a margin mode looks by itself: no other call of the port tells it
    look: async (flow) => (kind === "leverage" ? leverageSeen(parts.port, flow) : { is: "not-so", text: "" }),
    act: async (flow) => {
      const { settings } = parts.port;
      if (settings === undefined) return { result: "refused", text: `${parts.port.name} has no such setting` };
      return endOf(await set(settings, flow));
    },
    settle: async (flow) => {
      if (kind === "margin-mode") return isOver(flow) ? UNTOLD : null;
      const seen = await leverageSeen(parts.port, flow);
      if (seen.is === "so") return { result: "done", text: seen.text };
      return seen.is === "not-so" && isOver(flow) ? { result: "absent", text: seen.text } : null;
    },
  };
}

const UNTOLD: FlowEnd = {
  result: "unknown",
  text: "the exchange does not tell the margin mode: look at it there, then ask again",
};

const symbolOf = ({ facts }: Flow): string => String(facts["symbol"] ?? "");

function set(settings: AccountSettings, flow: Flow): Promise<SettingOutcome> {
  const { facts, kind } = flow;
  return new Promise((resolve) => {
    const { leverage, mode } = { leverage: facts["leverage"], mode: facts["mode"] };
    if (kind === "leverage" && typeof leverage === "number") settings.setLeverage(symbolOf(flow), leverage, resolve);
    else if (mode === "cross" || mode === "isolated") settings.setMarginMode(symbolOf(flow), mode, resolve);
    else resolve({ result: "rejected", text: "nothing is named that could be set" });
  });
}

function endOf(outcome: SettingOutcome): FlowEnd {
  switch (outcome.result) {
    case "accepted":
      return { result: "done", text: "" };
    case "unchanged":
      return { result: "done", text: "it was so already" };
    case "rejected":
      return { result: "refused", text: outcome.text };
    case "unknown":
      return outcome;
  }
}

/** Of the position where there is one, else as the instrument is traded. */
async function leverageSeen(port: SettingPort, flow: Flow): Promise<Look> {
  const symbol = symbolOf(flow);
  const wanted = flow.facts["leverage"];
  const account = await new Promise<Parameters<Parameters<ExchangePort["account"]>[1]>[0]>((resolve) => {
    port.account(symbol, resolve);
  });
  if (account.result !== "ok") return { is: "unseen", text: account.text };
  const held = account.positions.find((position) => position.symbol === symbol);
  if (held !== undefined) return seenOf(held.leverage, wanted);
  const told = await new Promise<Parameters<Parameters<ExchangePort["instrument"]>[1]>[0]>((resolve) => {
    port.instrument(symbol, resolve);
  });
  return told.result === "ok" ? seenOf(told.instrument.leverage, wanted) : { is: "unseen", text: told.text };
}

const seenOf = (leverage: number, wanted: unknown): Look => ({
  is: leverage === wanted ? "so" : "not-so",
  text: `leverage is ${leverage}`,
});
