// The one place that holds the picture and tells React about it: messages gather until the next animation frame and
// become one change (UI-02). A hidden tab draws no frames, so a timer stands in.

import type { ConsoleMessage } from "../../../src/live/messages.ts";
import { applyAll, type News } from "./apply.ts";
import { emptyPicture, type Picture } from "./picture.ts";

type Listener = () => void;
const HIDDEN_MS = 500;
const WAITING_MAX = 5000;

export class PictureStore {
  #picture: Picture = emptyPicture(performance.now());
  #waiting: ConsoleMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #frame = 0;
  readonly #listeners = new Set<Listener>();
  readonly #newsListeners = new Set<(news: News) => void>();

  readonly get = (): Picture => this.#picture;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hears fills and alerts as they happen, once a frame. */
  onNews(listener: (news: News) => void): () => void {
    this.#newsListeners.add(listener);
    return () => this.#newsListeners.delete(listener);
  }

  /** Takes a message; it shows with the next frame. */
  take(message: ConsoleMessage): void {
    this.#waiting.push(message);
    if (this.#waiting.length > WAITING_MAX) this.#flush();
    if (this.#timer !== null) return;
    // a tab may be hidden between now and its frame
    this.#timer = setTimeout(() => this.#flush(), HIDDEN_MS);
    this.#frame = requestAnimationFrame(() => this.#flush());
  }

  /** Changes the picture at once: for the page's own doings, not for messages. */
  change(next: (picture: Picture) => Picture): void {
    this.#flush();
    this.#picture = next(this.#picture);
    this.#tell();
  }

  #flush(): void {
    if (this.#timer !== null) {
      clearTimeout(this.#timer);
      // a hidden tab draws none: left alone, one would wait for each batch of days
      cancelAnimationFrame(this.#frame);
    }
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const [picture, news] = applyAll(this.#picture, this.#waiting, performance.now());
    this.#waiting = [];
    this.#picture = picture;
    this.#tell();
    if (news.fills.length > 0 || news.alerts.length > 0) for (const hear of this.#newsListeners) hear(news);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const store = new PictureStore();
