// How components read the picture: slices by selector, and a clock for ages that ticks once a second for all.

import { useSyncExternalStore } from "react";
import { type Picture, serverNow } from "./picture.ts";
import { store } from "./store.ts";

/** A slice of the picture; the selector must return something kept in it, not something made anew. */
export function usePicture<T>(select: (picture: Picture) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

const ticking = new Set<() => void>();
let now = performance.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribeClock(listener: () => void): () => void {
  ticking.add(listener);
  if (timer === undefined) now = performance.now();
  timer ??= setInterval(() => {
    now = performance.now();
    for (const tick of ticking) tick();
  }, 1000);
  return () => {
    ticking.delete(listener);
    if (ticking.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The page's monotonic clock in ms, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribeClock, () => now);
}

/** The server's wall clock in ms, renewed each second: a person's own clock may be wrong. */
export function useServerNow(): number {
  return serverNow(store.get(), useNow());
}
