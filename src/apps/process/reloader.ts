// Reads a process's configuration again on SIGHUP and when a file of it changes (API-30), for the callers and keys in
// it. What is wrong is said and changes nothing; what is no key takes effect with the next start.

import type { Result } from "../../base/result.ts";
import { renderProblems } from "../../config/load.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import type { ConfigOrigin } from "../../config/process/shapes.ts";
import type { ConfigSource } from "../../config/source.ts";
import { type FileWatch, watchFiles } from "../../rpc/file-watch.ts";
import type { ProcessFrame } from "./process-frame.ts";

export interface Reloading<C extends ConfigOrigin> {
  /** As it was read at the start. */
  readonly first: C;
  /** Reads all of it again. */
  readonly read: () => Result<C, readonly ConfigProblem[]>;
  readonly source: ConfigSource;
}

export class Reloader<C extends ConfigOrigin> {
  private readonly parts: Reloading<C>;
  private readonly frame: Pick<ProcessFrame, "log" | "owners" | "stop">;
  private apply: ((config: C) => void) | null = null;
  /** A word that came while the process still starts. */
  private pending = false;
  private watched: readonly string[];
  private watch: FileWatch;

  constructor(parts: Reloading<C>, frame: Pick<ProcessFrame, "log" | "owners" | "stop">) {
    this.parts = parts;
    this.frame = frame;
    this.watched = this.filesOf(parts.first);
    this.watch = this.watching();
    frame.owners.add("key files", () => this.watch.close());
    frame.stop.onHangup(() => this.reload("SIGHUP"));
  }

  /** Who takes new callers and keys, once there is somebody. */
  into(apply: (config: C) => void): void {
    this.apply = apply;
    if (this.pending) this.reload("SIGHUP during the start");
  }

  private filesOf({ watchedFiles }: C): readonly string[] {
    const { source } = this.parts;
    return "path" in source ? [source.path, ...watchedFiles] : watchedFiles;
  }

  private watching(): FileWatch {
    return watchFiles(this.watched, () => this.reload("a file changed"));
  }

  /** Other files than before. A watch of the same ones stays: it knows of a change that came while they were read. */
  private watchOthers(config: C): void {
    const files = this.filesOf(config);
    if (files.join("\n") === this.watched.join("\n")) return;
    this.watch.close();
    this.watched = files;
    this.watch = this.watching();
  }

  private reload(by: string): void {
    const { log } = this.frame;
    this.pending = this.apply === null;
    if (this.apply === null) return;
    const read = this.parts.read();
    if (!read.ok) {
      const problems = renderProblems(read.error);
      log.error(`configuration not read again, the old keys stay: ${problems}`, { code: "reload-refused", by });
      return;
    }
    const config = read.value;
    log.conceal(config.secrets.map((secret) => secret.reveal()));
    this.watchOthers(config);
    try {
      this.apply(config);
      log.info("callers and keys read again", { code: "reloaded", by });
    } catch (error) {
      log.error(`callers are read again, but not everything: ${String(error)}`, { code: "reload-failed", by });
    }
  }
}

/** A copy of the environment, with the keys a process removes from its own once they are read (OPS-64). */
export function takeEnvironment(): Readonly<NodeJS.ProcessEnv> {
  const copy = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("OPENSQT_KEY_")) delete process.env[name];
  return copy;
}
