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

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === "string");

/** What can be used of something that was kept: another release, or anybody with the browser's tools, wrote it. */
function usableOf(kept: unknown): Choices {
  if (typeof kept !== "object" || kept === null) return DEFAULTS;
  const usable = Object.entries(kept).filter(([key, value]) => {
    if (key === "theme") return value === "system" || value === "dark" || value === "light";
    if (key === "volume") return typeof value === "number" && value >= 0 && value <= 100;
    if (key === "seen" || key === "hiddenLayers") return isTexts(value);
    return key in DEFAULTS && typeof value === typeof DEFAULTS[key as keyof Choices];
  });
  return { ...DEFAULTS, ...Object.fromEntries(usable) };
}

function load(): Choices {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? "{}");
    // A browser lets no page sound without a click, so sound starts off every time.
    return { ...usableOf(kept), sound: false };
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
