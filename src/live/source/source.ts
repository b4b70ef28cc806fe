// What connectors and engines have in common as sources: one client of a reader, a watch over their health, streams
// that are held for ever, and reads that are repeated. Nothing here can change anything: only Get, List, Explain,
// Subscribe.

import type { Result } from "../../base/result.ts";
import type { Log } from "../../observe/log.ts";
import { connectWaitMs } from "../../rpc/backoff.ts";
import type { RpcClient } from "../../rpc/client.ts";
import { watchHealth } from "../../rpc/health-watch.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { pause } from "../../rpc/timers.ts";
import type { Process } from "../messages.ts";
import type { PictureWriter } from "../picture-writer.ts";
import { Repeated } from "../repeated.ts";
import { type FollowOptions, follow, type Streamed } from "./follow.ts";
import { SourceWatch } from "./source-watch.ts";

export interface SourceOptions {
  readonly name: string;
  readonly client: RpcClient;
  readonly picture: PictureWriter;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly log: Log;
}

export type Asked<T> = Promise<Result<T, string>>;

export abstract class Source {
  readonly name: string;
  readonly watch: SourceWatch;
  protected readonly options: SourceOptions;
  protected readonly ending = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly repeated: Repeated;

  constructor(options: SourceOptions) {
    this.name = options.name;
    this.options = options;
    this.repeated = new Repeated(options.monotonicMs);
    const { name, picture, monotonicMs, log, client } = options;
    this.watch = new SourceWatch({ name, address: client.address, picture, monotonicMs, log });
  }

  /** Everything it has to tell, for ever. */
  start(): void {
    const health = watchHealth({
      client: this.options.client,
      service: "",
      listener: (state, text) => this.watch.healthSays(state === "serving" ? "" : text === "" ? "not serving" : text),
    });
    this.keep(this.untilEnd().then(() => health.close()));
    this.keep(this.run());
  }

  /** `told` null: it is there, or was, and says nothing of itself now. */
  protected tellProcess(kind: Process["kind"], told: Process["told"]): void {
    const { picture, client } = this.options;
    picture.process({ id: this.name, kind, address: client.address, told });
  }

  protected abstract run(): Promise<void>;

  async close(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.running);
    this.options.client.close();
  }

  protected get isEnding(): boolean {
    return this.ending.signal.aborted;
  }

  private untilEnd(): Promise<void> {
    const { signal } = this.ending;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  private keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => {
        this.options.log.error("a source failed", { code: "source-failed", source: this.name, reason: String(error) });
      })
      .finally(() => this.running.delete(kept));
    this.running.add(kept);
  }

  /** Follows one stream until `signal` (or the source) ends. */
  protected hold<T extends Streamed>(
    stream: Omit<FollowOptions<T>, "heard" | "lost" | "unsupported" | "signal"> & { readonly signal?: AbortSignal },
  ): void {
    const { name } = stream;
    const signal =
      stream.signal === undefined ? this.ending.signal : AbortSignal.any([stream.signal, this.ending.signal]);
    this.watch.expect(name);
    const following = follow<T>({
      ...stream,
      signal,
      heard: () => this.watch.heard(name),
      lost: (cause, nextTryMs) => this.watch.lost(name, cause, nextTryMs),
      unsupported: (cause) => {
        const fields = { source: this.name, stream: name, cause };
        this.options.log.info("a source does not have this stream", { code: "stream-unsupported", ...fields });
      },
      snapshot: (items) => {
        stream.snapshot(items);
        this.watch.complete(name);
      },
    });
    this.keep(
      following.then(() => {
        if (!this.isEnding) this.watch.without(name);
      }),
    );
  }

  /** Tries until it works, by the ladder of API-34. False when the source was closed meanwhile. */
  protected async insist(what: string, work: () => Promise<void>): Promise<boolean> {
    for (let failures = 1; !this.isEnding; failures += 1) {
      try {
        await work();
        return true;
      } catch (error) {
        const waitMs = connectWaitMs(failures);
        const cause = refusalOf(error).message;
        const text = `${what}: ${cause}, next try in ${Math.round(waitMs / 1000)} s`;
        this.watch.contacted(text);
        this.once(`insist|${cause}`, text);
        await pause(waitMs, this.ending.signal);
      }
    }
    return false;
  }

  /** Reads again and again while the source lives; a read that fails is said once and tried at the next turn. */
  protected repeat(what: string, everyMs: () => number, work: () => Promise<void>): void {
    const turn = async (): Promise<void> => {
      while (!this.isEnding) {
        await this.tryOnce(what, work);
        await pause(everyMs(), this.ending.signal);
      }
    };
    this.keep(turn());
  }

  /** In the background, once. */
  protected later(what: string, work: () => Promise<void>): void {
    this.keep(this.tryOnce(what, work));
  }

  private async tryOnce(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const cause = refusalOf(error).message;
      if (!this.isEnding) this.once(`${what}|${cause}`, `${what}: ${cause}`);
    }
  }

  private once(key: string, text: string): void {
    this.repeated.line(key, (repeats) => {
      this.options.log.warn("a read of a source failed", {
        code: "read-failed",
        source: this.name,
        cause: text,
        repeats,
      });
    });
  }
}
