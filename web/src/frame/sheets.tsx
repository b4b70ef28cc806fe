// The sheets of the header: all keys, and what makes a sound.

import type { ReactNode } from "react";
import { choose, useChoices } from "../choices.ts";
import { Sheet } from "../parts/sheet.tsx";
import { fillSound, wakeSound } from "../sound.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["1 – 7", "screens"],
  ["[  ]", "previous, next bot"],
  ["/", "search order, fill, bot"],
  ["i", "interval list"],
  ["← →", "chart: candle by candle, read out"],
  ["+ − 0", "chart: zoom in, out, fit"],
  ["j k", "next, previous row"],
  ["Enter", "why, for the row"],
  ["e", "to the explanation"],
  ["s", "sound"],
  ["t", "theme"],
  ["Shift K", "kill dialog; it never acts alone"],
  ["?", "this list"],
  ["Esc", "close, back"],
];

export function KeysSheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { keys, utc } = useChoices();
  return (
    <Sheet title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, says]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label className="choice">
        <input type="checkbox" checked={keys} onChange={(event) => choose({ keys: event.target.checked })} />
        keys are on
      </label>
      <label className="choice">
        <input type="checkbox" checked={utc} onChange={(event) => choose({ utc: event.target.checked })} />
        times in UTC
      </label>
      <footer>
        <button type="button" onClick={onClose}>
          close
        </button>
      </footer>
    </Sheet>
  );
}

export function SoundSheet({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { sound, fillSound: onFills, alertSound, volume } = useChoices();
  const turn = (on: boolean): void => {
    wakeSound();
    choose({ sound: on });
    if (on) fillSound("BUY");
  };
  return (
    <Sheet title="Sound" onClose={onClose}>
      <p className="dim">Two short tones a fill, rising for a buy, falling for a sell; three for a critical alert.</p>
      <label className="choice">
        <input type="checkbox" checked={sound} onChange={(event) => turn(event.target.checked)} />
        sound is on
      </label>
      <label className="choice">
        <input type="checkbox" checked={onFills} onChange={(event) => choose({ fillSound: event.target.checked })} />
        fills
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={alertSound}
          onChange={(event) => choose({ alertSound: event.target.checked })}
        />
        critical alerts
      </label>
      <label className="choice">
        volume
        <input
          type="range"
          min={0}
          max={100}
          value={volume}
          onChange={(event) => choose({ volume: event.target.valueAsNumber })}
        />
      </label>
      <footer>
        <button type="button" onClick={onClose}>
          close
        </button>
      </footer>
    </Sheet>
  );
}
