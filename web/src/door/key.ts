// The operator's keys, one a door: in memory only, gone with a reload, forgotten at once by Lock (UI-05). Nothing here
// is ever written to the browser's storage, to an address or to a log.

import { useSyncExternalStore } from "react";

let keys: ReadonlyMap<string, string> = new Map();
const listeners = new Set<() => void>();

function set(next: ReadonlyMap<string, string>): void {
  keys = next;
  for (const listener of listeners) listener();
}

export const keyFor = (door: string): string | undefined => keys.get(door);
export const keep = (door: string, key: string): void => set(new Map(keys).set(door, key));
export const lock = (): void => set(new Map());

export function forget(door: string): void {
  const next = new Map(keys);
  next.delete(door);
  set(next);
}

/** Which doors are unlocked now. */
export const useKeys = (): ReadonlyMap<string, string> =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => keys,
  );
