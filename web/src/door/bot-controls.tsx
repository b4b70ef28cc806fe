// Life cycle of one bot: pause, resume, stop, flatten, and the reset of its kill switch.

import type { ReactNode } from "react";
import type { Bot } from "../../../src/live/messages.ts";
import { Control } from "./controls.tsx";

const LEGS = {
  field: "leg",
  label: "Which leg",
  values: [
    { value: "", label: "both legs" },
    { value: "LEG_LONG", label: "long leg alone" },
    { value: "LEG_SHORT", label: "short leg alone" },
  ],
};

const LEFTOVERS = {
  field: "cancelOnExit",
  label: "Its orders",
  values: [
    { value: "", label: "as its configuration says" },
    { value: "all", label: "cancel all" },
    { value: "opening", label: "cancel entries, leave exits" },
    { value: "none", label: "leave all" },
  ],
};

export function BotControls({ bot }: { readonly bot: Bot }): ReactNode {
  const id = bot.id;
  const body = { botId: id };
  const command = (verb: string): string => `opensqt bot ${verb} --bot ${id} --reason "..."`;
  const paused = bot.phase === "PAUSED" || bot.gates.some((gate) => gate.name === "operator" && gate.level !== "RUN");
  return (
    <div className="controls">
      {paused ? (
        <Control
          bot={id}
          label="Resume"
          rpc="ResumeBot"
          says="Entries are placed again."
          body={body}
          command={command("resume")}
          undo="Pause"
        />
      ) : (
        <Control
          bot={id}
          label="Pause"
          rpc="PauseBot"
          says="No new entries. Exits of what is held go on."
          body={body}
          command={command("pause")}
          undo="Resume"
          options={[{ field: "cancelEntries", label: "cancel resting entries too" }]}
          choice={LEGS}
        />
      )}
      <Control
        bot={id}
        label="Flatten"
        rpc="FlattenBot"
        says={`Closes the position of ${bot.position} at the market, reduce-only, in slices; then the bot is paused.`}
        body={body}
        command={command("flatten")}
        danger
      />
      <Control
        bot={id}
        label="Stop"
        rpc="StopBot"
        says="Stops the bot for good; its orders as cancelOnExit says. It stays stopped until started again."
        body={body}
        command={command("stop")}
        undo={`opensqt bot start --bot ${id}`}
        choice={LEFTOVERS}
        danger
      />
      {bot.phase === "KILLED" && (
        <Control
          bot={id}
          label="Reset kill"
          rpc="ResetKillSwitch"
          says="Lifts the kill switch: the bot may place orders again once its gates open."
          body={{ scope: "SCOPE_BOT", id }}
          command={`opensqt kill reset --bot ${id} --reason "..."`}
          danger
        />
      )}
    </div>
  );
}
