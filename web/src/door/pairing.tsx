// Unlocking: a code of `opensqt token pair`, or a pasted operator key. Either is held in memory only (UI-05).

import { type ReactNode, useState } from "react";
import { Command, Sheet } from "../parts/sheet.tsx";
import { usePicture } from "../picture/use.ts";
import { pair } from "./door.ts";
import { keep, lock, useKeys } from "./key.ts";

const CODE_LENGTH = 8;

export function PairingDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState("");
  const doors = usePicture((picture) => picture.hello?.doors) ?? [];
  const urls = [...new Set(doors.map((door) => door.url))];
  const keys = useKeys();
  const unlock = async (): Promise<void> => {
    const text = typed.trim();
    if (text.length !== CODE_LENGTH) {
      for (const url of urls) keep(url, text);
      onClose();
      return;
    }
    const faults = await Promise.all(urls.map((url) => pair(url, text)));
    if (faults.some((each) => each === "")) onClose();
    else setFault(faults[0] ?? "The server names no engine to pair with.");
  };
  return (
    <Sheet title={keys.size > 0 ? "Unlocked" : "Unlock the controls"} onClose={onClose}>
      {urls.length === 0 && (
        <p>This server names no engine's door, so this page can only read. If the engine started later, reload.</p>
      )}
      {keys.size > 0 ? (
        <p>The operator's key is in this page's memory, for {[...keys.keys()].join(", ")}. A reload forgets it.</p>
      ) : (
        <>
          <p>Run this on the engine's machine and type the code it prints, within 60 s; or paste an operator key.</p>
          <Command text="opensqt token pair" />
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void unlock();
            }}
          >
            <label className="field">
              <span>Code of 8 characters, or key</span>
              <input
                type="password"
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                required
              />
            </label>
          </form>
          {fault !== "" && (
            <p className="result bad" role="alert">
              {fault}
            </p>
          )}
        </>
      )}
      <footer>
        <button type="button" onClick={onClose}>
          close
        </button>
        {keys.size > 0 ? (
          <button
            type="button"
            className="main"
            onClick={() => {
              lock();
              onClose();
            }}
          >
            Lock
          </button>
        ) : (
          <button type="button" className="main" disabled={typed.trim() === ""} onClick={() => void unlock()}>
            Unlock
          </button>
        )}
      </footer>
    </Sheet>
  );
}
