// Gates and phases in a trader's words: why a bot places nothing, since when, and on which leg.

import type { ReactNode } from "react";
import type { Bot, Gate } from "../../../src/live/messages.ts";
import { usePicture } from "../picture/use.ts";
import { Time } from "./values.tsx";

const LEVELS: Readonly<Record<Gate["level"], string>> = {
  RUN: "runs",
  HOLD: "no new entries, resting ones stay",
  REDUCE: "entries cancelled, exits go on",
  FREEZE: "places nothing, resting exits stay",
  HALT: "every order cancelled",
};

const ORDER: readonly Gate["level"][] = ["RUN", "HOLD", "REDUCE", "FREEZE", "HALT"];

export const shutGates = (bot: Bot): readonly Gate[] => bot.gates.filter((gate) => gate.level !== "RUN");

/** The strictest level over all gates. */
export const strictest = (bot: Bot): Gate["level"] =>
  bot.gates.reduce<Gate["level"]>(
    (worst, gate) => (ORDER.indexOf(gate.level) > ORDER.indexOf(worst) ? gate.level : worst),
    "RUN",
  );

export const isDead = (bot: Bot): boolean =>
  bot.phase === "KILLED" || bot.phase === "QUARANTINED" || bot.phase === "FAILED";

/** No engine is heard: what is known of bots is what was told last. */
export const useUnheard = (): boolean =>
  usePicture(({ system }) => {
    const engines = system?.processes.filter(({ kind }) => kind === "engine") ?? [];
    return engines.length > 0 && engines.every(({ state }) => state === "STALE" || state === "DOWN");
  });

export function PhaseTag({ bot }: { readonly bot: Bot }): ReactNode {
  const unheard = useUnheard();
  const runs = bot.phase === "RUNNING" && !unheard;
  const tone = isDead(bot) ? "bad" : runs ? "good" : "note";
  const sign = isDead(bot) ? "■ " : runs ? "● " : "◆ ";
  return (
    <span className={`tag ${tone}`}>
      {sign}
      {bot.phase.toLowerCase()}
      {unheard && ", when last heard"}
    </span>
  );
}

export function Gates({ bot }: { readonly bot: Bot }): ReactNode {
  const shut = shutGates(bot);
  const unheard = useUnheard();
  if (shut.length === 0) {
    const placed = unheard ? "were open when its engine was last heard" : "open: entries and exits are placed";
    return <p className="dim">All gates {placed}.</p>;
  }
  return (
    <ul className="gates">
      {shut.map((gate) => (
        <li key={`${gate.name}${gate.leg}`}>
          <span className={`tag ${gate.level === "HALT" ? "bad" : "note"}`}>{gate.level.toLowerCase()}</span>
          <span>
            <b>{gate.name}</b>
            {gate.leg !== "" && ` ${gate.leg.toLowerCase()} leg`}: {gate.reason || LEVELS[gate.level]}{" "}
            <span className="dim">
              · {LEVELS[gate.level]}
              {gate.since > 0 && (
                <>
                  {" "}
                  since <Time at={gate.since} />
                </>
              )}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
