// What a person chose and the browser keeps (UI-08): theme, sound, bot, clock, layout. No key and no secret, ever.

import { useSyncExternalStore } from "react";

export interface Choices {
  readonly theme: "system" | "dark" | "light";
  readonly sound: boolean;
  readonly fillSound: boolean;
  readonly alertSound: boolean;
  /** 0–100. */
  readonly volume: number;
  readonly utc: boolean;
  readonly keys: boolean;
  readonly bot: string;
  readonly hiddenLayers: readonly string[];
  /** Ids of alerts marked as seen. */
  readonly seen: readonly string[];
}

const PLACE = "opensqt.choices";
const DEFAULTS: Choices = {
  theme: "system",
  sound: false,
  fillSound: true,
  alertSound: true,
  volume: 40,
  utc: false,
  keys: true,
  bot: "",
  hiddenLayers: [],
  seen: [],
};

function load(): Choices {
  try {
    const kept: Partial<Choices> = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    // A browser lets no page sound without a click, so sound starts off every time.
    return { ...DEFAULTS, ...kept, sound: false };
  } catch {
    return DEFAULTS;
  }
}

let choices = load();
const listeners = new Set<() => void>();

export const currentChoices = (): Choices => choices;

export function choose(change: Partial<Choices>): void {
  choices = { ...choices, ...change };
  try {
    localStorage.setItem(PLACE, JSON.stringify(choices));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
  for (const listener of listeners) listener();
}

export const onChoice = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useChoices = (): Choices => useSyncExternalStore(onChoice, currentChoices);
