// The state as bytes and as a hash (DUR-18, DUR-20). `decodeState(encodeState(s))` gives a state that steps alike.

import { BugError } from "../base/assert.ts";
import { decodeCanonical, encodeCanonical, sha256 } from "../base/canonical.ts";
import { type BotState, STATE_VERSION } from "./state.ts";
import { STATE_VERSION_MIN, upcastState } from "./state-upcast.ts";

/** Canonical text of the whole state. */
export const encodeState = (state: BotState): string => encodeCanonical(state);

/** SHA-256 of the canonical text: equal states, equal hashes, on any machine. */
export const stateHash = (state: BotState): string => sha256(encodeState(state));

/** Reads a snapshot's text, an older one too. Errors: a newer version of the state; text that is not a state. */
export function decodeState(text: string): BotState {
  const state = decodeCanonical(text) as unknown;
  if (typeof state !== "object" || state === null || !("version" in state)) throw new BugError("this is not a state");
  const { version } = state;
  if (typeof version !== "number" || version < STATE_VERSION_MIN || version > STATE_VERSION)
    throw new BugError(`state version ${String(version)} is not ${STATE_VERSION}`);
  const newest: unknown = upcastState({ ...state }, version, STATE_VERSION);
  return newest as BotState;
}
