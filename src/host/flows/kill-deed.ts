// The kill switch of the whole account with its proof as a flow (DUR-63): latched first, then waited for until every
// bot has proved it. Cancelling, proving and flattening stay with the bots and their journals.

import type { AccountState } from "../../risk/account/state.ts";
import type { AccountHost } from "../account/account-host.ts";
import type { Deed } from "./work.ts";

/** `facts.flatten`. Told through whoever hands commands of the account to the bots. */
export function killDeed(account: () => Pick<AccountHost, "state">, latch: (flatten: boolean, by: Told) => void): Deed {
  const isLatched = (flatten: boolean): boolean => {
    const { kill } = account().state;
    return kill !== null && (kill.flatten || !flatten);
  };
  const wanted = (facts: { readonly [name: string]: unknown }): boolean => facts["flatten"] === true;
  return {
    again: true,
    look: async () => ({ is: "not-so", text: "" }),
    act: async ({ facts, by, reason }) => {
      if (!isLatched(wanted(facts))) latch(wanted(facts), { by, reason });
      return { result: "unknown", text: "" };
    },
    settle: async () => {
      const { state } = account();
      if (state.kill === null) return { result: "absent", text: "the kill switch was reset meanwhile" };
      if (!state.kill.reported) return null;
      const open = unproved(state);
      if (open.length === 0) return { result: "done", text: "no own order is open, as every bot has proved" };
      return { result: "unknown", text: `${open.join(", ")} could not prove it: look at the exchange` };
    },
  };
}

interface Told {
  readonly by: string;
  readonly reason: string;
}

const unproved = ({ bots }: AccountState): string[] =>
  [...bots].flatMap(([id, { running, held, killReport }]) =>
    killReport?.proved === true || (!running && killReport === null && held === 0n) ? [] : [id],
  );
