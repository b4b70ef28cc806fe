// Gates and phases in a trader's words: why a bot places nothing, since when, and on which leg.

import type { ReactNode } from "react";
import type { Bot, Gate } from "../../../src/live/messages.ts";
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

export function PhaseTag({ bot }: { readonly bot: Bot }): ReactNode {
  const tone = isDead(bot) ? "bad" : bot.phase === "RUNNING" ? "good" : "note";
  const sign = isDead(bot) ? "■ " : bot.phase === "RUNNING" ? "● " : "◆ ";
  return (
    <span className={`tag ${tone}`}>
      {sign}
      {bot.phase.toLowerCase()}
    </span>
  );
}

export function Gates({ bot }: { readonly bot: Bot }): ReactNode {
  const shut = shutGates(bot);
  if (shut.length === 0) return <p className="dim">All gates open: entries and exits are placed.</p>;
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
