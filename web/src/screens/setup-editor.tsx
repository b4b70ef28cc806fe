// The text of a bot's configuration, with what the key at the cursor means and the list of all keys. Typing here changes
// nothing but the preview.

import { type ReactNode, useState } from "react";
import type { ConfigKey } from "../../../src/live/messages.ts";
import { Fault, Loading } from "../parts/panel.tsx";
import type { OwnText } from "./setup-draft.ts";

/** The name of the key on the line the cursor stands in. */
function keyAt(text: string, cursor: number): string {
  const start = text.lastIndexOf("\n", cursor - 1) + 1;
  const [line = ""] = text.slice(start).split("\n", 1);
  return /^[\s-]*([A-Za-z][\w-]*)\s*:/.exec(line)?.[1] ?? "";
}

const named = (keys: readonly ConfigKey[], name: string): readonly ConfigKey[] =>
  name === "" ? [] : keys.filter(({ key }) => key === name || key.endsWith(`.${name}`));

export function Editor({ draft, onChange }: { readonly draft: OwnText; readonly onChange: () => void }): ReactNode {
  const [cursor, setCursor] = useState(0);
  if (draft.own === null) {
    if (draft.fault !== "") return <Fault what={draft.fault} next="Asked again when this screen is opened again." />;
    return <Loading source="the bot's configuration" lines={12} />;
  }
  const changed = draft.text !== draft.own;
  const here = named(draft.keys, keyAt(draft.text, cursor));
  return (
    <>
      <label className="field">
        <span>Configuration of the bot, YAML{changed ? " · changed, not applied" : " · as it is in force"}</span>
        <textarea
          className="config-text"
          rows={Math.min(28, Math.max(14, draft.text.split("\n").length + 1))}
          spellCheck={false}
          autoComplete="off"
          value={draft.text}
          onChange={(event) => {
            draft.change(event.target.value);
            onChange();
          }}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
        />
      </label>
      <p className="key-help dim" data-key-help>
        {here.length === 0
          ? "Put the cursor on a key to read what it means."
          : here.map((each) => (
              <span key={each.key}>
                <code>{each.key}</code> {each.meaning}; {each.range}
                {each.default === "" ? "" : `, default ${each.default}`}.{" "}
              </span>
            ))}
      </p>
      <div className="controls">
        <button type="button" onClick={() => void navigator.clipboard?.writeText(draft.text)}>
          copy configuration
        </button>
        <button
          type="button"
          disabled={!changed}
          onClick={() => {
            draft.reset();
            onChange();
          }}
        >
          back to what is in force
        </button>
      </div>
      <Keys keys={draft.keys} />
    </>
  );
}

function Keys({ keys }: { readonly keys: readonly ConfigKey[] }): ReactNode {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = keys.filter(({ key, meaning }) => `${key} ${meaning}`.toLowerCase().includes(wanted));
  return (
    <details className="all-keys">
      <summary>All {keys.length} keys</summary>
      <label className="field">
        <span>Find a key</span>
        <input value={filter} onChange={(event) => setFilter(event.target.value)} />
      </label>
      <dl>
        {shown.map((each) => (
          <div key={each.key}>
            <dt>
              <code>{each.key}</code>
            </dt>
            <dd>
              {each.meaning}{" "}
              <span className="dim">
                · {each.type}, {each.range}
                {each.default === "" ? "" : `, default ${each.default}`}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
