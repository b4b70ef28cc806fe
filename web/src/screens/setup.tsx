// Setup: the difference a configuration would make, asked of the engine before it is applied with a reason; preview and
// doctor by command. The page holds no configuration of its own.

import { type ReactNode, useState } from "react";
import { useChosen } from "../chosen.ts";
import { Control, Locked, Result, useDoor, useUnlocked } from "../door/controls.tsx";
import { type Answer, type Body, call, text } from "../door/door.ts";
import { Empty, Panel } from "../parts/panel.tsx";
import { Command, Sheet } from "../parts/sheet.tsx";

const rowsOf = (body: Body, name: string): readonly Body[] => {
  const list = body[name];
  return Array.isArray(list) ? list.filter((each): each is Body => typeof each === "object" && each !== null) : [];
};

const textOf = (body: Body, name: string): string => text(body[name]);

export function SetupScreen(): ReactNode {
  const { botId, bot } = useChosen();
  const [config, setConfig] = useState("");
  const [answer, setAnswer] = useState<Answer | "asked" | null>(null);
  const [locked, setLocked] = useState(false);
  const unlocked = useUnlocked(botId);
  const door = useDoor(botId);
  const body = { botId, config, revision: bot?.revision ?? 0 };
  const compare = async (): Promise<void> => {
    if (!unlocked || door === null) {
      setLocked(true);
      return;
    }
    setAnswer("asked");
    setAnswer(await call(door, "UpdateBot", { ...body, reason: "compare", dryRun: true }));
  };
  const shown = answer !== null && answer !== "asked" && answer.ok ? answer.body : null;
  return (
    <div className="columns">
      <Panel title={`Change ${botId}`} pad className="wide">
        <label className="field">
          <span>Configuration of the bot, YAML; schema help: opensqt config schema</span>
          <textarea
            rows={12}
            spellCheck={false}
            value={config}
            placeholder={"strategy: grid\n..."}
            onChange={(event) => {
              setConfig(event.target.value);
              setAnswer(null);
            }}
          />
        </label>
        <div className="controls" style={{ margin: "10px 0" }}>
          <button type="button" className="main" disabled={config.trim() === ""} onClick={() => void compare()}>
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
      </Panel>
      <Panel title="Preview" pad>
        <p className="dim">
          Every order a configuration would place now, the levels it skips and why, capital, break-even and worst case:
        </p>
        <Command text="opensqt preview --config FILE" />
      </Panel>
      <Panel title="Doctor" pad>
        <p className="dim">
          Checks configuration, keys, clock, disk and exchange, and says what to do about each finding:
        </p>
        <Command text="opensqt doctor" />
      </Panel>
      <Panel title="Running now" pad>
        {bot === undefined ? (
          <Empty>No bot yet.</Empty>
        ) : (
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
        )}
      </Panel>
    </div>
  );
}

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
