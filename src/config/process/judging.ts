// What judging one process's values needs at hand: where problems go, the environment, and what was read beside the
// file. Secrets and certificates are looked at here and nowhere else (OPS-06, API-26).

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "../expand.ts";
import type { WrittenSecret } from "../key.ts";
import { Secret } from "../secret.ts";

/** Takes a problem at a dotted key. The value is not repeated where it may be a secret. */
export type SayProblem = (key: string, text: string) => void;

export class Judging {
  readonly secrets: Secret[] = [];
  readonly watchedFiles: string[] = [];
  private readonly environment: Environment;
  private readonly takeProblem: SayProblem;
  /** Whether a secret may stand in the file itself: with simulated money only. */
  private readonly literals: boolean;

  constructor(options: { readonly environment: Environment; readonly say: SayProblem; readonly literals: boolean }) {
    this.environment = options.environment;
    this.takeProblem = options.say;
    this.literals = options.literals;
  }

  say(key: string, text: string): void {
    this.takeProblem(key, text);
  }

  /** The secret itself, or null with a problem said when there is none to be had. */
  secret(key: string, written: WrittenSecret | undefined): Secret | null {
    if (written === undefined) return null;
    const secret = this.read(key, written);
    if (secret !== null) this.secrets.push(secret);
    return secret;
  }

  private read(key: string, written: WrittenSecret): Secret | null {
    if (typeof written === "string") {
      if (this.literals) return new Secret(written, "literal");
      this.say(key, "a secret in the file itself is not allowed; give { env: NAME } or { file: PATH }");
      return null;
    }
    if ("env" in written) {
      const value = this.environment[written.env] ?? "";
      if (value !== "") return new Secret(value, `env ${written.env}`);
      this.say(key, `the variable ${written.env} is not set or empty; set it, or give { file: PATH }`);
      return null;
    }
    const text = this.privateFile(key, written.file);
    if (text === null) return null;
    const value = text.trim();
    if (value !== "") return new Secret(value, `file ${written.file}`);
    this.say(key, `${written.file} is empty; write the secret into it`);
    return null;
  }

  /** The text of a regular file that only its owner reads, or null with a problem said. */
  privateFile(key: string, path: string): string | null {
    const text = this.file(key, path);
    if (text === null) return null;
    const mode = statSync(resolve(path)).mode & 0o777;
    if ((mode & 0o066) === 0) return text;
    this.say(key, `${path} may be read or written by others (mode ${mode.toString(8)}); run: chmod 600 ${path}`);
    return null;
  }

  /** The text of a regular file, or null with a problem said. */
  file(key: string, path: string): string | null {
    const full = resolve(path);
    try {
      if (!statSync(full).isFile()) {
        this.say(key, `${path} is no regular file; name one`);
        return null;
      }
      const text = readFileSync(full, "utf8");
      if (!this.watchedFiles.includes(full)) this.watchedFiles.push(full);
      return text;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      const why = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "permission denied" : code;
      this.say(key, `${path} cannot be read (${why}); name a PEM or secret file this process may read`);
      return null;
    }
  }
}
