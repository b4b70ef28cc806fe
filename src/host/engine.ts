// The pure engine as a value: what a host drives and a replay repeats.

import { decodeState, encodeState } from "../engine/snapshot.ts";
import { STATE_VERSION_MIN } from "../engine/state-upcast.ts";
import { initialState, step } from "../engine/step.ts";
import type { Engine } from "./context.ts";

export const productionEngine: Engine = {
  stateVersionMin: STATE_VERSION_MIN,
  initial: initialState,
  step: (state, event) => step(state, event),
  encode: encodeState,
  decode: decodeState,
};
