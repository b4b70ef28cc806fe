// Parts of the page that are fetched when they are first shown. Live-server may be away just then: they are asked for
// again until they come, and only one that stays away is a fault of its screen.

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import { waitMs } from "../wire/waits.ts";

/** About two minutes: a page of an older release waits for what is there no more. */
const TRIES_MAX = 12;

/** `fetchPart` imports the part; it is called again where that fails. Errors: those of the last import. */
export function later<P>(fetchPart: () => Promise<ComponentType<P>>): LazyExoticComponent<ComponentType<P>> {
  return lazy(async () => {
    for (let tries = 0; ; tries += 1) {
      try {
        return { default: await fetchPart() };
      } catch (error) {
        if (tries >= TRIES_MAX) throw error;
        await new Promise((resolve) => setTimeout(resolve, waitMs(tries, Math.random())));
      }
    }
  });
}
