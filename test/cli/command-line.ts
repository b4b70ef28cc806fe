// The command line as a user meets it: real processes through bin/opensqt, with a folder of their own.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Longest life of the process; three minutes unless told. */
  readonly timeoutMs?: number;
}

export const root = resolve(import.meta.dirname, "../..");
const OPENSQT = join(root, "bin", "opensqt");
const TIMEOUT_MS = 180_000;

/** A user's environment without anything that would lead the command elsewhere. */
function environmentOf({ environment = {} }: CallOptions): NodeJS.ProcessEnv {
  const { OPENSQT_CONFIG: _config, OPENSQT_CONFIG_YAML: _yaml, ...rest } = process.env;
  return { ...rest, NO_COLOR: "1", COLUMNS: "120", USER: "tester", ...environment };
}

/** Runs `opensqt` with these words and waits for its end. */
export function opensqt(words: readonly string[], options: CallOptions = {}): Said {
  const { status, stdout, stderr } = spawnSync(OPENSQT, words, {
    cwd: options.cwd ?? tmpdir(),
    env: environmentOf(options),
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout, err: stderr };
}

/** A process that goes on; `ended` resolves with what it said. */
export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Everything it wrote so far. */
  said(): string;
  /** Resolves when stdout or stderr has matched. */
  seen(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Said>;
}

export function startOpensqt(words: readonly string[], options: CallOptions = {}): Running {
  const child = spawn(OPENSQT, words, {
    cwd: options.cwd ?? tmpdir(),
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs ?? TIMEOUT_MS,
  });
  let out = "";
  let err = "";
  const waiting = new Set<() => void>();
  const take = (add: () => void): void => {
    add();
    for (const look of waiting) look();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => take(() => (out += text)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => take(() => (err += text)));
  const ended = new Promise<Said>((done) => child.on("close", (code) => done({ code, out, err })));
  const seen = (pattern: RegExp): Promise<void> =>
    new Promise((done, reject) => {
      const look = (): void => {
        if (!pattern.test(out + err)) return;
        waiting.delete(look);
        done();
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${pattern}: ${out}${err}`)));
    });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), said: () => out + err, seen, ended };
}

/** A folder of the test's own, removed at its end. */
export function withFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "opensqt-cli-"));
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  let result: T;
  try {
    result = work(folder);
  } catch (error) {
    clean();
    throw error;
  }
  if (result instanceof Promise) return result.finally(clean) as T;
  clean();
  return result;
}

/** One clear message and nothing else: the code, words that must stand in it, and no stack of ours. */
export function assertRefused(said: Said, code: number, ...words: readonly (string | RegExp)[]): void {
  assert.equal(said.code, code, `${said.out}${said.err}`);
  assert.equal(said.out, "", "a refusal says nothing on stdout");
  for (const word of words) {
    const there = typeof word === "string" ? said.err.includes(word) : word.test(said.err);
    assert.ok(there, `"${word}" is not in: ${said.err}`);
  }
  assert.doesNotMatch(said.err, /\n {4}at |unexpected fault|undefined|\[object/);
}
