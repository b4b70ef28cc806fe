// How one source is, from what its streams and its health say: a named state with its age and the next try (LIVE-01,
// LIVE-15). Every loss and every return is one line in the log (LIVE-16).

import type { CheckResult } from "../../observe/liveness.ts";
import type { Log } from "../../observe/log.ts";
import { SOURCE_LIMIT_MS } from "../feed-board.ts";
import type { FeedState } from "../messages.ts";
import type { PictureWriter } from "../picture-writer.ts";
import { Repeated } from "../repeated.ts";
import { withoutAddresses } from "./words.ts";

interface Stream {
  heardMs: number | null;
  state: "waiting" | "live" | "lost";
  complete: boolean;
  text: string;
}

export interface SourceWatchOptions {
  readonly name: string;
  readonly address: string;
  readonly picture: PictureWriter;
  readonly monotonicMs: () => number;
  readonly log: Log;
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`);

export class SourceWatch {
  private readonly options: SourceWatchOptions;
  private readonly streams = new Map<string, Stream>();
  private readonly repeated: Repeated;
  private receivedMs: number | null = null;
  private health = "";
  private told: FeedState = "DOWN";
  private contact = "connecting";

  constructor(options: SourceWatchOptions) {
    this.options = options;
    this.repeated = new Repeated(options.monotonicMs);
    this.tell();
  }

  /** A stream that belongs to this source; it counts until `without`. */
  expect(stream: string): void {
    this.streams.set(stream, { heardMs: null, state: "waiting", complete: false, text: "" });
  }

  without(stream: string): void {
    this.streams.delete(stream);
    this.tell();
  }

  heard(stream: string): void {
    this.receivedMs = this.options.monotonicMs();
    const known = this.streams.get(stream);
    if (known === undefined) return;
    known.heardMs = this.receivedMs;
    if (known.state === "live") return;
    known.state = "live";
    known.text = "";
    this.tell();
  }

  /** When this stream last said anything, heartbeats included. */
  heardMs(stream: string): number | null {
    return this.streams.get(stream)?.heardMs ?? null;
  }

  complete(stream: string): void {
    const known = this.streams.get(stream);
    if (known !== undefined) known.complete = true;
    this.tell();
  }

  lost(stream: string, cause: string, nextTryMs: number): void {
    const known = this.streams.get(stream);
    if (known === undefined) return;
    known.state = "lost";
    known.text = `${stream}: ${withoutAddresses(cause)}, next try in ${seconds(nextTryMs)}`;
    this.repeated.line(`${stream}|${cause}`, (repeats) => {
      const { name, address, log } = this.options;
      const fields = { source: name, address, stream, cause, nextTryMs: Math.round(nextTryMs), repeats };
      log.warn("a stream of a source was lost", { code: "stream-lost", ...fields });
    });
    this.tell();
  }

  /** Before there are streams: what the first contact says. */
  contacted(text: string): void {
    this.contact = text;
    this.tell();
  }

  /** Empty when it serves. */
  healthSays(text: string): void {
    this.health = text;
    this.tell();
  }

  /** Once a second: silence is a state too. */
  tend(): void {
    if (this.state() !== this.told) this.tell();
  }

  check(): CheckResult {
    const { name } = this.options;
    const waiting = [...this.streams].filter(([, { complete, state }]) => !complete || state !== "live");
    const state = this.state();
    const ok = state === "LIVE" && this.streams.size > 0 && waiting.length === 0;
    const awaited =
      waiting.length > 0 ? `waiting for ${waiting.map(([stream]) => stream).join(", ")}` : this.text(state);
    const ageMs = this.receivedMs === null ? null : Math.round(this.options.monotonicMs() - this.receivedMs);
    return { name: `source ${name}`, ok, text: ok ? "connected" : awaited, ageMs, limitMs: SOURCE_LIMIT_MS };
  }

  private state(): FeedState {
    const states = [...this.streams.values()].map(({ state }) => state);
    if (!states.includes("live")) return "DOWN";
    const ageMs = this.options.monotonicMs() - (this.receivedMs ?? 0);
    if (ageMs > SOURCE_LIMIT_MS || this.health !== "") return "STALE";
    return states.includes("lost") ? "SUSPECT" : "LIVE";
  }

  private text(state: FeedState): string {
    const lost = [...this.streams.values()].find((stream) => stream.state === "lost");
    if (lost !== undefined) return lost.text;
    if (this.health !== "") return this.health;
    if (state === "STALE") return "silent";
    return state === "LIVE" ? "connected" : this.contact;
  }

  private tell(): void {
    const { name, address, picture, log } = this.options;
    const state = this.state();
    const text = this.text(state);
    if (state !== this.told) {
      const was = this.told;
      this.told = state;
      const fields = { source: name, address, state, was, cause: text };
      if (state === "LIVE") log.info("a source is there", { code: "source-live", ...fields });
      else log.warn("a source is not as it should be", { code: "source-lost", ...fields });
    }
    picture.source({ name, state, receivedMs: () => this.receivedMs, lastAction: text });
  }
}
