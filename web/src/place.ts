// The address holds the screen, bot, instrument and interval (UI-08), so a link opens the same view:
// #/bot?bot=eth-grid&interval=5m or #/why/ORDER.

import { useSyncExternalStore } from "react";

export const SCREENS = ["overview", "bot", "money", "risk", "system", "why", "setup"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Place {
  readonly screen: Screen;
  readonly bot: string;
  readonly symbol: string;
  readonly interval: string;
  /** What the Why screen explains. */
  readonly id: string;
  /** The journal number the replay stands at. */
  readonly seq: string;
  /** The tab of a phone's bot screen. */
  readonly tab: string;
}

/** What is badly written in a link stays as it is written. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const isScreen = (text: string): text is Screen => SCREENS.some((screen) => screen === text);

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [first = "", id = ""] = path.split("/");
  const given = new URLSearchParams(query);
  return {
    screen: isScreen(first) ? first : "bot",
    bot: given.get("bot") ?? "",
    symbol: given.get("symbol") ?? "",
    interval: given.get("interval") ?? "",
    id: decoded(id),
    seq: given.get("seq") ?? "",
    tab: given.get("tab") ?? "",
  };
}

/** The address of a place. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams();
  for (const key of ["bot", "symbol", "interval", "tab"] as const) if (place[key] !== "") query.set(key, place[key]);
  if (place.screen === "why" && place.seq !== "") query.set("seq", place.seq);
  const id = place.screen === "why" && place.id !== "" ? `/${encodeURIComponent(place.id)}` : "";
  const text = query.toString();
  return `#/${place.screen}${id}${text === "" ? "" : `?${text}`}`;
}

let current = read();
const listeners = new Set<() => void>();
addEventListener("hashchange", () => {
  current = read();
  for (const listener of listeners) listener();
});

export const currentPlace = (): Place => current;

/** Goes there; `replace` leaves no entry in the history. */
export function go(change: Partial<Place>, replace = false): void {
  const address = addressOf({ ...current, ...change });
  if (address === location.hash) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  current = read();
  for (const listener of listeners) listener();
}

/** The address that explains an order, fill, refusal or alert (UI-07). */
export const whyAddress = (id: string): string => addressOf({ ...current, screen: "why", id, seq: "" });

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
