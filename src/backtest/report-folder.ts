// The folder of a report while it is written: everything goes into a hidden sibling, which takes the real name in one
// rename when it is whole. What stands under the real name is a whole report or nothing.

import * as fs from "node:fs";
import * as path from "node:path";

export type ReportErrorCode = "REPORT_EXISTS" | "REPORT_NOT_WRITABLE" | "DISK_FULL" | "REPORT_FAILED";

/** What went wrong with writing a report, and what to do. */
export class ReportError extends Error {
  override readonly name = "ReportError";
  readonly code: ReportErrorCode;
  /** Exit code of the design's table: 13 cannot write, 2 for a folder that is in the way. */
  readonly exitCode: number;

  constructor(code: ReportErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.exitCode = code === "REPORT_EXISTS" ? 2 : 13;
  }

  static from(cause: unknown, what: string): ReportError {
    if (cause instanceof ReportError) return cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (code === "ENOSPC" || code === "EDQUOT") {
      const text = `${what}: the disk is full. Nothing was left behind; free some space or give another --out, and run again.`;
      return new ReportError("DISK_FULL", text, cause);
    }
    if (["EACCES", "EROFS", "EPERM", "ENOTDIR", "EEXIST", "ENAMETOOLONG"].includes(code)) {
      const text = `${what}: cannot write there (${reason}). Give another --out.`;
      return new ReportError("REPORT_NOT_WRITABLE", text, cause);
    }
    return new ReportError("REPORT_FAILED", `${what}: ${reason}`, cause);
  }
}

export class ReportFolder {
  /** Where the report will stand. */
  readonly target: string;
  private readonly unfinished: string;
  private readonly overwrite: boolean;
  private open = true;

  /**
   * Makes the hidden sibling at once, so that a folder that cannot be written is known before the run, not after.
   * `draft` tells apart several runs of one process for one report, of which one is published.
   */
  constructor(target: string, options: { readonly overwrite: boolean; readonly draft?: string }) {
    this.target = path.resolve(target);
    this.overwrite = options.overwrite;
    const parent = path.dirname(this.target);
    const prefix = `.${path.basename(this.target)}.unfinished-`;
    const draft = options.draft === undefined ? "" : `-${options.draft}`;
    this.unfinished = path.join(parent, `${prefix}${process.pid}${draft}`);
    if (!this.overwrite && fs.existsSync(this.target)) {
      const text = `${target} exists already. A report is never overwritten unasked: give another --out, or --overwrite.`;
      throw new ReportError("REPORT_EXISTS", text);
    }
    this.guard(() => {
      fs.mkdirSync(parent, { recursive: true });
      removeAbandoned(parent, prefix);
      fs.rmSync(this.unfinished, { recursive: true, force: true });
      fs.mkdirSync(this.unfinished);
    });
  }

  /** Writes one whole file of the report. */
  write(name: string, content: string): void {
    this.guard(() => {
      const file = fs.openSync(path.join(this.unfinished, name), "w");
      try {
        fs.writeFileSync(file, content);
        fs.fsyncSync(file);
      } finally {
        fs.closeSync(file);
      }
    });
  }

  /** Opens a file of the report that grows with the run. */
  stream(name: string): ReportStream {
    return this.guard(() => new ReportStream(path.join(this.unfinished, name), (work) => this.guard(work)));
  }

  /** The report is whole: it takes its name. */
  publish(): void {
    this.guard(() => {
      if (this.overwrite && fs.existsSync(this.target)) {
        const old = `${this.unfinished}-old`;
        fs.renameSync(this.target, old);
        fs.renameSync(this.unfinished, this.target);
        fs.rmSync(old, { recursive: true, force: true });
      } else {
        fs.renameSync(this.unfinished, this.target);
      }
    });
    this.open = false;
  }

  /** The run failed: nothing of it stays. Never throws. */
  discard(): void {
    if (!this.open) return;
    this.open = false;
    try {
      fs.rmSync(this.unfinished, { recursive: true, force: true });
    } catch {
      // a hidden folder stays behind; the next run to the same place removes it
    }
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      this.discard();
      throw ReportError.from(cause, `report ${this.target}`);
    }
  }
}

const FLUSH_CHARACTERS = 1 << 16;

/** A file written line by line through a buffer: the memory of a run does not grow with its fills. */
export class ReportStream {
  private readonly file: number;
  private readonly guard: (work: () => void) => void;
  private text = "";
  private closed = false;

  constructor(file: string, guard: (work: () => void) => void) {
    this.file = fs.openSync(file, "w");
    this.guard = guard;
  }

  line(text: string): void {
    this.text += text;
    this.text += "\n";
    if (this.text.length >= FLUSH_CHARACTERS) this.flush();
  }

  close(): void {
    if (this.closed) return;
    this.flush();
    this.closed = true;
    this.guard(() => {
      fs.fsyncSync(this.file);
      fs.closeSync(this.file);
    });
  }

  /** Gives the file back without caring for its content. */
  abandon(): void {
    if (this.closed) return;
    this.closed = true;
    fs.closeSync(this.file);
  }

  private flush(): void {
    if (this.text === "") return;
    const text = this.text;
    this.text = "";
    this.guard(() => fs.writeFileSync(this.file, text));
  }
}

// a run that was killed leaves its hidden folder; it is removed when its process is gone
function removeAbandoned(parent: string, prefix: string): void {
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (Number.isSafeInteger(pid) && isAlive(pid)) continue;
    fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
