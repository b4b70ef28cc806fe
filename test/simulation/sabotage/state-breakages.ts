// Breakages of what the engine knows: that it is held, how much it has, and when it asked to be woken (TEST-17).

import type { Engine } from "../../../src/host/context.ts";
import { lots } from "../../../src/market/amounts.ts";
import { initialKillState } from "../../../src/risk/kill.ts";
import { type Breakage, journal, over, port } from "./breakage.ts";

/** The state is changed before every step. */
const before = (change: (state: Parameters<Engine["step"]>[0]) => void): Breakage["wraps"] => ({
  engine: (inner) =>
    over<Engine>(inner, {
      step: (state, event) => {
        change(state);
        return inner.step(state, event);
      },
    }),
});

export const STATE_BREAKAGES: readonly Breakage[] = [
  {
    name: "a kill is forgotten by the next event",
    caughtBy: "modes",
    faults: [["killSwitch", 90]],
    wraps: before((state) => {
      state.kill = initialKillState();
    }),
  },
  {
    name: "a kill that is to flatten takes what is held for sold",
    caughtBy: "kill-proof",
    faults: [["killSwitch", 20]],
    wraps: before((state) => {
      if (state.kill.phase !== "off" && state.kill.flatten) state.ledger.position = lots(0);
    }),
  },
  {
    name: "a block is forgotten by the next event",
    caughtBy: "modes",
    faults: [
      ["pause", 30],
      ["openBreaker", 30],
    ],
    wraps: before((state) => state.blocks.clear()),
  },
  {
    name: "every fill is taken for twice what it was, and the position is believed to agree",
    caughtBy: "position",
    faults: [],
    wraps: port((inner) => {
      let believed = 0;
      return {
        account: (symbol, done) =>
          inner.account(symbol, (result) => {
            if (result.result !== "ok") return done(result);
            done({ ...result, positions: result.positions.map((each) => ({ ...each, lots: lots(believed) })) });
          }),
        subscribe: (request, listener) =>
          inner.subscribe(request, (message) => {
            if (message.kind !== "fill") return listener(message);
            const quantity = lots(2 * message.quantity);
            believed += message.side === "buy" ? quantity : -quantity;
            listener({ ...message, quantity });
          }),
      };
    }),
  },
  {
    name: "a timer rings five seconds before the time that was decided",
    caughtBy: "time",
    faults: [],
    wraps: journal((inner) => ({
      appendEffects: (turn) =>
        inner.appendEffects({
          ...turn,
          effects: turn.effects.map((each) => {
            const { effect } = each;
            if (effect.kind !== "timer" || effect.atMs === null) return each;
            return { ...each, effect: { ...effect, atMs: effect.atMs + 5_000 } };
          }),
        }),
    })),
  },
];
