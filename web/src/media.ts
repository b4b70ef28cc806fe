// Media queries of the browser, each asked once and then only listened to. Chromium tells of a change when it draws
// its next frame, and tells nobody if the answer was read between the change and that frame.

export interface Media {
  readonly matches: () => boolean;
  /** Calls the listener after each change; what it returns ends that. */
  readonly onChange: (listener: () => void) => () => void;
}

export function watchMedia(query: string): Media {
  const list = matchMedia(query);
  let now = list.matches;
  // before every other listener of this list, which are told in the order they came
  list.addEventListener("change", (event) => {
    now = event.matches;
  });
  return {
    matches: () => now,
    onChange: (listener) => {
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
  };
}
