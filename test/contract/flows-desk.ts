// A process as far as flows need one: the account machine on a store, and its flows with a runner, against a town.

import { AccountHost } from "../../src/host/account/account-host.ts";
import type { HostAlert } from "../../src/host/context.ts";
import type { Flow, FlowEnd, OpenRunner } from "../../src/host/flows/flow.ts";
import { FlowDesk } from "../../src/host/flows/flow-desk.ts";
import { killDeed } from "../../src/host/flows/kill-deed.ts";
import { type SettingPort, settingDeed } from "../../src/host/flows/setting-deeds.ts";
import type { Deed } from "../../src/host/flows/work.ts";
import { WALL_CLOCK } from "../../src/host/wall-clock.ts";
import type { JournalStore } from "../../src/journal/store.ts";
import { accountLimits, usdt } from "../../src/risk/account/account.fixture.ts";

export const ANN = { by: "ann", reason: "because" };

export interface FlowProcess {
  readonly account: AccountHost;
  readonly flows: FlowDesk;
  readonly alerts: HostAlert[];
  readonly warnings: string[];
  /** Ends it as it is: what is under way stays under way. Over when its runner is: DBOS is one in this process. */
  leave(): Promise<void>;
}

export interface ProcessParts {
  readonly store: JournalStore;
  readonly open: OpenRunner;
  readonly port: SettingPort;
  readonly host?: string;
}

/** Not there in these tests: it says so. */
const nobody: Deed = {
  again: true,
  look: async () => ({ is: "unseen", text: "there are no bots here" }),
  act: async () => ({ result: "refused", text: "there are no bots here" }),
  settle: async () => ({ result: "refused", text: "there are no bots here" }),
};

export function startProcess({ store, open, port, host = "here" }: ProcessParts): FlowProcess {
  const alerts: HostAlert[] = [];
  const warnings: string[] = [];
  const made: { flows: FlowDesk | null } = { flows: null };
  const account = new AccountHost({
    folder: "",
    store,
    sync: "send",
    limits: accountLimits({ exposureGrossMax: usdt(1_000) }),
    clock: WALL_CLOCK,
    machine: WALL_CLOCK,
    host,
    pid: process.pid,
    release: "0",
    coreHash: "0",
    reserveBytes: 0,
    deliver: (effect) => {
      if (effect.kind === "flow") made.flows?.begin(effect);
    },
    onAlert: (alert) => alerts.push(alert),
    onWarning: (text) => warnings.push(text),
  });
  const over = Promise.withResolvers<void>();
  const setting = { port, clock: WALL_CLOCK, clockErrorMs: () => 0 };
  const flows = new FlowDesk({
    account,
    deeds: {
      leverage: settingDeed(setting, "leverage"),
      "margin-mode": settingDeed(setting, "margin-mode"),
      kill: killDeed(
        () => account,
        (flatten, who) => void account.command({ name: "kill", flatten }, who),
      ),
      "bot-add": nobody,
      "bot-remove": nobody,
      "tie-out": nobody,
    },
    open: (parts) => {
      const runner = open(parts);
      const close = runner.close.bind(runner);
      return Object.assign(runner, { close: () => close().finally(over.resolve) });
    },
    clock: WALL_CLOCK,
    onAlert: (alert) => alerts.push(alert),
    onWarning: (text) => warnings.push(text),
  });
  made.flows = flows;
  flows.start();
  const leave = async (): Promise<void> => {
    await flows.close();
    await over.promise; // a desk waits for its runner a moment only
    account.close();
  };
  return { account, flows, alerts, warnings, leave };
}

/** Asks for a leverage; how it ends, when it does. */
export function askLeverage({ flows }: FlowProcess, leverage: number, symbol = "ETH"): Promise<FlowEnd> {
  const facts = { symbol, leverage };
  const asked = flows.ask({ flow: "leverage", bot: "", facts }, ANN);
  if (!asked.ok) throw new Error(asked.error);
  return flows.whenOver(asked.value);
}

/** Ids of what the journal has no end of. */
export const openOf = ({ account }: FlowProcess): readonly Flow["id"][] => [...(account.state.flows?.keys() ?? [])];

/** Kinds of what the account's journal has of flows, in order, and how they ended. */
export function flowRecords({ account }: FlowProcess): readonly string[] {
  return [...account.journal.records(0)].flatMap(({ kind, body }) => {
    if (kind === "flow-ended") return [`${kind} ${(JSON.parse(body) as { readonly result: string }).result}`];
    return kind === "flow" || kind === "flow-asked" ? [kind] : [];
  });
}
