// The account machine as an engine: what its loop drives and a replay repeats, as a bot's is.

import { BugError } from "../../base/assert.ts";
import { decodeCanonical, encodeCanonical } from "../../base/canonical.ts";
import { ACCOUNT_STATE_VERSION, type AccountState, initialAccountState } from "../../risk/account/state.ts";
import { accountStep } from "../../risk/account/step.ts";
import type { Engine } from "../context.ts";

/** Name and tag of its journal; no bot's. */
export const ACCOUNT_NAME = "account";
export const ACCOUNT_TAG = "accoun";

/** Whose journal it is: the account machine's, or a bot's. */
export const isAccountJournal = ({ bot, tag }: { readonly bot: string; readonly tag: string }): boolean =>
  bot === ACCOUNT_NAME && tag === ACCOUNT_TAG;

export const accountEngine: Engine<AccountState> = {
  stateVersion: ACCOUNT_STATE_VERSION,
  initial: () => initialAccountState(),
  step: (state, event) => ({ effects: accountStep(state, event), postings: [] }),
  encode: (state) => encodeCanonical(state),
  decode: decodeAccountState,
};

/** Errors: another version of the state; text that is not one. */
function decodeAccountState(text: string): AccountState {
  const state = decodeCanonical(text) as unknown;
  if (typeof state !== "object" || state === null || !("version" in state)) throw new BugError("this is not a state");
  if (state.version !== ACCOUNT_STATE_VERSION) {
    throw new BugError(`account state version ${String(state.version)} is not ${ACCOUNT_STATE_VERSION}`);
  }
  return state as AccountState;
}
