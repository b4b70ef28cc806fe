// An engine whose every step is told to the watchdog, in runs and in replays (OPS-17): one that never ends has a name.

import type { Engine } from "../context.ts";
import type { StepMarks } from "../watchdog.ts";

export const markedBy = (engine: Engine, marks: StepMarks, bot: string): Engine => ({
  ...engine,
  step: (state, event) => {
    marks.began(bot, state.seq + 1);
    try {
      return engine.step(state, event);
    } finally {
      marks.ended();
    }
  },
});
