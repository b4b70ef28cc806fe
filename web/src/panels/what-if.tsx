// What-if: the past of a bot once more under another configuration, started and cancelled through the engine's door and
// shown as two columns. Looking at one needs no key; without a key the command stands where the buttons lock.

import { type ReactNode, useState } from "react";
import { Locked, Result, useDoor, useUnlocked } from "../door/controls.tsx";
import { type Answer, call } from "../door/door.ts";
import { Icon } from "../parts/icons.tsx";
import { Empty, Fault, Panel } from "../parts/panel.tsx";
import { Command, Sheet } from "../parts/sheet.tsx";
import { type OwnText, useOwnText } from "../screens/setup-draft.ts";
import { Editor } from "../screens/setup-editor.tsx";
import { type Told, useWhatIf, type Watched } from "./what-if-job.ts";
import { WhatIfSides } from "./what-if-sides.tsx";

const COMMAND = "opensqt what-if FOLDER --config FILE";

export function WhatIfPanel({ bot }: { readonly bot: string }): ReactNode {
  const draft = useOwnText();
  const job = useWhatIf(bot);
  return (
    <Panel title="What-if" className="wide">
      <div className="what-if">
        <div className="pad">
          <p className="dim">
            The market this bot saw, played once more to another configuration, beside the running bot. Nothing is
            traded and nothing is changed. What a text would do now stands at Setup.
          </p>
          <Editor draft={draft} onChange={() => undefined} />
          <Start bot={bot} draft={draft} job={job} />
          <p className="dim">In the terminal; FOLDER is the bot's below its data directory:</p>
          <Command text={COMMAND} />
        </div>
        <div>
          <Outcome job={job} />
        </div>
      </div>
    </Panel>
  );
}

interface StartProps {
  readonly bot: string;
  readonly draft: OwnText;
  readonly job: Watched;
}

function Start({ bot, draft, job }: StartProps): ReactNode {
  const [answer, setAnswer] = useState<Answer | "asked" | null>(null);
  const [locked, setLocked] = useState(false);
  const unlocked = useUnlocked(bot);
  const door = useDoor(bot);
  const { told, look } = job;
  const running = told?.state === "running" ? told : null;
  const send = async (
    rpc: "StartWhatIf" | "CancelWhatIf",
    body: { readonly [field: string]: string },
  ): Promise<void> => {
    if (!unlocked || door === null) {
      setLocked(true);
      return;
    }
    setAnswer("asked");
    setAnswer(await call(door, rpc, body));
    look();
  };
  const refused = answer !== null && (answer === "asked" || !answer.ok);
  return (
    <>
      <div className="controls what-if-start">
        {running === null ? (
          <button
            type="button"
            className={unlocked ? "main" : "locked"}
            disabled={draft.own === null || draft.text.trim() === "" || answer === "asked"}
            onClick={() => void send("StartWhatIf", { botId: bot, config: draft.text })}
          >
            {!unlocked && <Icon name="lock" />}
            Start what-if
            {!unlocked && <span className="unseen"> (locked)</span>}
          </button>
        ) : (
          <button type="button" onClick={() => void send("CancelWhatIf", { jobId: running.job })}>
            {!unlocked && <Icon name="lock" />}
            Cancel what-if
            {!unlocked && <span className="unseen"> (locked)</span>}
          </button>
        )}
      </div>
      {refused && <Result answer={answer} />}
      {locked && (
        <Sheet title="What-if" onClose={() => setLocked(false)}>
          <Locked
            says="The engine plays the bot's journal to the text in a process of its own, at low priority."
            command={COMMAND}
            onClose={() => setLocked(false)}
          />
        </Sheet>
      )}
    </>
  );
}

function Outcome({ job: { told, fault } }: { readonly job: Watched }): ReactNode {
  if (fault !== "") return <Fault what={fault} next="Asked again when this screen is opened again." />;
  if (told === null) return <Empty>Asking the engine for the last what-if …</Empty>;
  return (
    <div data-what-if={told.state}>
      <Standing told={told} />
      {told.result !== null && <WhatIfSides result={told.result} />}
    </div>
  );
}

function Standing({ told: { state, progress, fault } }: { readonly told: Told }): ReactNode {
  switch (state) {
    case "none":
      return <Empty>No what-if of this bot yet: change the text and start one.</Empty>;
    case "running":
      return (
        <div className="pad">
          <label>
            <span role="status">
              {progress === 0
                ? "Proving the journal …"
                : `Playing both configurations, ${Math.floor(progress / 100)} %`}
            </span>
            <progress max={10_000} value={progress} />
          </label>
        </div>
      );
    case "failed":
      return (
        <p className="result bad" role="alert">
          The what-if came to nothing: {fault}
        </p>
      );
    case "cancelled":
      return <Empty>The last what-if was cancelled; nothing of it is kept.</Empty>;
    case "done":
      return null;
  }
}
