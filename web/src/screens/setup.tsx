// Setup: the bot's configuration as it is, what a change of it would place, and the difference it would make, asked of the
// engine before it is applied with a reason. Reading needs no key; the page holds no configuration of its own.

import { type ReactNode, useState } from "react";
import type { Bot } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { Control, Locked, Result, useDoor, useUnlocked } from "../door/controls.tsx";
import { type Answer, type Body, call, text } from "../door/door.ts";
import { PreviewPanel } from "../panels/preview.tsx";
import { Empty, Panel } from "../parts/panel.tsx";
import { Command, Sheet } from "../parts/sheet.tsx";
import { type Draft, useDraft } from "./setup-draft.ts";
import { Editor } from "./setup-editor.tsx";

const rowsOf = (body: Body, name: string): readonly Body[] => {
  const list = body[name];
  return Array.isArray(list) ? list.filter((each): each is Body => typeof each === "object" && each !== null) : [];
};

const textOf = (body: Body, name: string): string => text(body[name]);

export function SetupScreen(): ReactNode {
  const { botId, bot } = useChosen();
  const draft = useDraft();
  const [compared, setCompared] = useState<Compared | null>(null);
  if (botId === "") return <Empty>No bot yet. Add one with: opensqt bot add FILE.</Empty>;
  return (
    <div className="setup">
      <div>
        <Panel title={`Change ${botId}`} pad>
          <Editor draft={draft} onChange={() => setCompared(null)} />
          <Change draft={draft} compared={compared} setCompared={setCompared} />
        </Panel>
        <Panel title="Running now" pad>
          {bot === undefined ? <Empty>The bot has not reported yet.</Empty> : <Running bot={bot} />}
        </Panel>
        <Panel title="Doctor" pad>
          <p className="dim">
            The findings of the preview are about the text. Keys, clock, disk and exchange of a machine are checked by:
          </p>
          <Command text="opensqt doctor" />
        </Panel>
      </div>
      <PreviewPanel draft={draft} />
    </div>
  );
}

/** What was compared with what, and the engine's word about it. */
interface Compared {
  readonly botId: string;
  readonly config: string;
  readonly revision: number;
  readonly answer: Answer | "asked";
}

interface ChangeProps {
  readonly draft: Draft;
  readonly compared: Compared | null;
  readonly setCompared: (compared: Compared) => void;
}

/** The difference first, then, where it shows no error, the way to apply it. */
function Change({ draft, compared, setCompared }: ChangeProps): ReactNode {
  const { botId, bot } = useChosen();
  const [locked, setLocked] = useState(false);
  const unlocked = useUnlocked(botId);
  const door = useDoor(botId);
  const body = { botId, config: draft.text, revision: bot?.revision ?? 0 };
  const compare = async (): Promise<void> => {
    if (!unlocked || door === null) {
      setLocked(true);
      return;
    }
    setCompared({ ...body, answer: "asked" });
    const answer = await call(door, "UpdateBot", { ...body, reason: "compare", dryRun: true });
    setCompared({ ...body, answer });
  };
  const { config, revision } = body;
  // of another bot, another text or an older revision it says nothing: somebody else may have applied a change meanwhile
  const answer =
    compared?.botId === botId && compared.config === config && compared.revision === revision ? compared.answer : null;
  const shown = answer !== null && answer !== "asked" && answer.ok ? answer.body : null;
  return (
    <>
      <div className="controls" style={{ margin: "10px 0" }}>
        <button
          type="button"
          className="main"
          disabled={draft.text.trim() === "" || draft.text === draft.own}
          onClick={() => void compare()}
        >
          Show the difference
        </button>
        {shown !== null && rowsOf(shown, "errors").length === 0 && (
          <Control
            bot={botId}
            label="Apply"
            rpc="UpdateBot"
            says="Takes this configuration, as the difference shows; journaled with your reason."
            body={{ ...body, dryRun: false }}
            command={`opensqt bot update --bot ${botId} --reason "..." FILE`}
            undo="apply the old text again"
          />
        )}
      </div>
      {shown === null ? <Result answer={answer} /> : <Difference body={shown} />}
      {locked && (
        <Sheet title="Show the difference" onClose={() => setLocked(false)}>
          <Locked
            says="The engine compares the text with what runs now and shows each key with what its change means."
            command={`opensqt bot update --bot ${botId} --dry-run --reason "..." FILE`}
            onClose={() => setLocked(false)}
          />
        </Sheet>
      )}
    </>
  );
}

const Running = ({ bot }: { readonly bot: Bot }): ReactNode => (
  <dl className="facts">
    <dt>strategy</dt>
    <dd>{bot.strategy}</dd>
    <dt>instrument</dt>
    <dd>
      {bot.exchange} {bot.symbol}
    </dd>
    <dt>configuration</dt>
    <dd>
      <code>{bot.configHash.slice(0, 16)}</code>
    </dd>
    <dt>revision</dt>
    <dd>{bot.revision}</dd>
    <dt>journal sequence</dt>
    <dd>{bot.sequence}</dd>
  </dl>
);

function Difference({ body }: { readonly body: Body }): ReactNode {
  const errors = rowsOf(body, "errors");
  const changes = rowsOf(body, "diff");
  if (errors.length > 0) {
    return (
      <ul className="gates">
        {errors.map((error) => (
          <li key={textOf(error, "key") + textOf(error, "message")} className="sell">
            line {textOf(error, "line")} {textOf(error, "key")}: {textOf(error, "message")}
          </li>
        ))}
      </ul>
    );
  }
  if (changes.length === 0) return <p>Nothing would change.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">key</th>
          <th scope="col">now</th>
          <th scope="col">then</th>
          <th scope="col">takes effect</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={textOf(change, "key")}>
            <td>{textOf(change, "key")}</td>
            <td className="dim">{textOf(change, "old")}</td>
            <td>{textOf(change, "new")}</td>
            <td>{textOf(change, "change")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
