// Keys of the console (live.md section 12). They do nothing while typing, in a dialog, or with Ctrl, Alt or Meta, and
// can be switched off (UI-13).

import { chartInSight } from "./chart/command.ts";
import { choose, currentChoices } from "./choices.ts";
import { botIds, chosenNow } from "./chosen.ts";
import type { Sheet } from "./frame/header.tsx";
import { store } from "./picture/store.ts";
import { currentPlace, go, SCREENS } from "./place.ts";
import { wakeSound } from "./sound.ts";
import { turnTheme } from "./theme.ts";

function typing(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, select, textarea, dialog, [contenteditable]") !== null;
}

function nextBot(step: number): void {
  const ids = botIds(store.get());
  const at = ids.indexOf(chosenNow().botId);
  const id = ids[(at + step + ids.length) % Math.max(1, ids.length)];
  if (id === undefined) return;
  choose({ bot: id });
  go({ bot: id, symbol: "" });
}

/** Moves the focus to the link of the next or previous row of the table in use, or of the first one on screen. */
function walkRows(step: number): void {
  const here = document.activeElement?.closest("[data-row]") ?? null;
  const table =
    here?.closest("[data-rows]") ?? document.querySelector("[data-rows] [data-why]")?.closest("[data-rows]");
  const links = [...(table?.querySelectorAll<HTMLElement>("[data-row] [data-why]") ?? [])];
  const at = links.findIndex((each) => each.closest("[data-row]") === here);
  const next = links[Math.max(0, Math.min(links.length - 1, at + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function search(): void {
  if (!location.hash.startsWith("#/why")) go({ screen: "why", id: "" });
  focusSearch(FRAMES_MAX);
}

/** Two seconds, for a screen that is still to be drawn. */
const FRAMES_MAX = 120;

function focusSearch(frames: number): void {
  requestAnimationFrame(() => {
    const box = document.getElementById("search");
    if (box !== null) box.focus();
    else if (frames > 0) focusSearch(frames - 1);
  });
}

function toggleSound(): void {
  wakeSound();
  choose({ sound: !currentChoices().sound });
}

type Act = (event: KeyboardEvent) => void;

function actions(onSheet: (sheet: Sheet) => void): Readonly<Record<string, Act>> {
  const screens = SCREENS.map((screen, index): [string, Act] => [String(index + 1), () => go({ screen, tab: "" })]);
  return {
    ...Object.fromEntries(screens),
    "[": () => nextBot(-1),
    "]": () => nextBot(1),
    "/": search,
    i: () => chartInSight()?.intervals(),
    ArrowLeft: () => chartInSight()?.walk(-1),
    ArrowRight: () => chartInSight()?.walk(1),
    "+": () => chartInSight()?.zoom(0.75),
    "=": () => chartInSight()?.zoom(0.75),
    "-": () => chartInSight()?.zoom(1.33),
    "0": () => chartInSight()?.fit(),
    j: () => walkRows(1),
    k: () => walkRows(-1),
    e: () => document.querySelector<HTMLElement>("#chain button")?.focus(),
    s: toggleSound,
    t: turnTheme,
    K: () => onSheet("kill"),
    "?": () => onSheet("keys"),
    Escape: () => {
      if (currentPlace().screen === "why") history.back();
    },
  };
}

/** Listens until the returned function is called. */
export function startKeys(onSheet: (sheet: Sheet) => void): () => void {
  const byKey = actions(onSheet);
  const hear = (event: KeyboardEvent): void => {
    if (!currentChoices().keys || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    // a dialog whose button went away holds no focus, and is open all the same
    if (document.querySelector("dialog[open]") !== null) return;
    if (event.key.startsWith("Arrow") && document.activeElement?.closest("#chain, [role=tablist]") != null) return;
    const act = byKey[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act(event);
  };
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}
