// The pure engine as a value: what a host drives and a replay repeats.

import { decodeState, encodeState } from "../engine/snapshot.ts";
import { initialState, step } from "../engine/step.ts";
import type { Engine } from "./context.ts";

export const productionEngine: Engine = {
  initial: initialState,
  step: (state, event) => step(state, event),
  encode: encodeState,
  decode: decodeState,
};
