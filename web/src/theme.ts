// Light and dark follow the system until one is fixed (UI-16). The document carries which, so CSS and chart agree.

import { useSyncExternalStore } from "react";
import { choose, currentChoices, onChoice } from "./choices.ts";
import { watchMedia } from "./media.ts";

const systemLight = watchMedia("(prefers-color-scheme: light)");

export function currentTheme(): "dark" | "light" {
  const { theme } = currentChoices();
  if (theme !== "system") return theme;
  return systemLight.matches() ? "light" : "dark";
}

function write(): void {
  document.documentElement.dataset["theme"] = currentTheme();
}

/** Keeps the document's theme as chosen, from now on. */
export function startTheme(): void {
  write();
  onChoice(write);
  systemLight.onChange(write);
}

export const turnTheme = (): void => choose({ theme: currentTheme() === "dark" ? "light" : "dark" });

export function useTheme(): "dark" | "light" {
  return useSyncExternalStore((listener) => {
    const stops = [onChoice(listener), systemLight.onChange(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }, currentTheme);
}
