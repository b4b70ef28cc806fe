// The nightly tie-out (DUR-63): what the bots' ledgers say is held against what the exchange says, position by position
// and in sum. It reports; it corrects nothing. The journals themselves are verified beside the bots (nightly.ts).

import type { ExchangePort } from "../../exchange/port.ts";
import type { AccountHost } from "../account/account-host.ts";
import { figuresOf } from "../account/figures.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import type { FlowEnd } from "./flow.ts";
import type { Deed } from "./work.ts";

/** Looks in a row that must show the same difference: between a fill and its booking the two are apart for a moment. */
const LOOKS_MIN = 3;

export interface TieOutParts {
  readonly bots: () => readonly FleetBot[];
  readonly port: Pick<ExchangePort, "account">;
  readonly account: () => Pick<AccountHost, "state">;
}

export function tieOut(parts: TieOutParts): Deed {
  const seen = new Map<string, number>();
  return {
    again: true,
    look: async () => ({ is: "not-so", text: "" }),
    act: async () => ({ result: "unknown", text: "" }),
    settle: async (flow) => {
      const apart = await differences(parts);
      const looks = (seen.get(`${flow.id} ${apart.join("; ")}`) ?? 0) + 1;
      seen.set(`${flow.id} ${apart.join("; ")}`, looks);
      if (apart.length > 0 && looks < LOOKS_MIN) return null;
      seen.clear();
      return reported(apart);
    },
  };
}

function reported(apart: readonly string[]): FlowEnd {
  if (apart.length > 0) return { result: "unknown", text: `${apart.join("; ")}. Nothing was corrected` };
  return { result: "done", text: "the books of all bots and the exchange agree" };
}

/** Positions one by one, and the quote asset over all bots less what belongs to none of them (RISK-17). */
async function differences({ bots, port, account }: TieOutParts): Promise<readonly string[]> {
  const apart: string[] = [];
  let cash: bigint | null = 0n;
  let total: bigint | null = null;
  for (const { id, host } of bots()) {
    const { instrument = null } = host?.state ?? {};
    if (host === null || instrument === null) {
      cash = null; // its money is somewhere in the total, and nobody tells how much
      continue;
    }
    const told = await new Promise<Parameters<Parameters<ExchangePort["account"]>[1]>[0]>((resolve) => {
      port.account(instrument.symbol, resolve);
    });
    if (told.result !== "ok") {
      apart.push(`the account of ${id} could not be read: ${told.text}`);
      continue;
    }
    total = told.quoteTotal;
    const own = figuresOf(id, host.state).cash;
    cash = cash === null || own === null ? null : cash + own;
    const held = told.positions.find(({ symbol }) => symbol === instrument.symbol)?.lots ?? 0;
    const { position } = host.state.ledger;
    if (instrument.kind === "perpetual" && held !== position) {
      apart.push(`${id} holds ${position} lots by its ledger, ${held} by the exchange`);
    }
  }
  const { unallocated } = account().state;
  if (total !== null && cash !== null && unallocated !== null && total - cash !== unallocated) {
    apart.push(`the exchange holds ${total - cash - unallocated} (10^-18) of the quote asset that no book explains`);
  }
  return apart;
}
