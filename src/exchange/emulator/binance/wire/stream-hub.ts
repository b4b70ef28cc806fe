// Who listens to which stream. Each event becomes text once for all raw listeners and once for all that want it
// wrapped; a stream nobody listens to costs one look at a map.

import type { FrameTraits } from "../../protocol.ts";

export interface StreamListener {
  /** True: frames come as `{"stream":…,"data":…}`. */
  readonly wrapped: boolean;
  send(text: string, traits: FrameTraits): void;
}

export class StreamHub {
  private readonly streams = new Map<string, Set<StreamListener>>();
  private readonly watched: (stream: string, listened: boolean) => void;

  /** `watched` is told when a stream gets its first listener, and when it lost its last. */
  constructor(watched: (stream: string, listened: boolean) => void) {
    this.watched = watched;
  }

  add(stream: string, listener: StreamListener): void {
    const listeners = this.streams.get(stream);
    if (listeners !== undefined) {
      listeners.add(listener);
      return;
    }
    this.streams.set(stream, new Set([listener]));
    this.watched(stream, true);
  }

  remove(stream: string, listener: StreamListener): void {
    const listeners = this.streams.get(stream);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.streams.delete(stream);
    this.watched(stream, false);
  }

  listened(stream: string): boolean {
    return this.streams.has(stream);
  }

  /** Sends one event; `json` is made only where somebody listens. */
  publish(stream: string, traits: FrameTraits, json: () => string): void {
    const listeners = this.streams.get(stream);
    if (listeners === undefined) return;
    const raw = json();
    let wrapped: string | null = null;
    for (const listener of listeners) {
      if (listener.wrapped) wrapped ??= `{"stream":${JSON.stringify(stream)},"data":${raw}}`;
      listener.send(listener.wrapped && wrapped !== null ? wrapped : raw, traits);
    }
  }
}
