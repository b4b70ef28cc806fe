// A secret of the configuration (OPS-06): a value that prints as [secret] wherever it is written, logged or turned to
// JSON. Only `reveal` gives it, at the one place that sends it.

import { createHash } from "node:crypto";
import { inspect } from "node:util";

const SHOWN = "[secret]";

export class Secret {
  readonly #value: string;
  /** Where it came from, without a part of it: `env NAME`, `file PATH`, `literal`. */
  readonly source: string;

  constructor(value: string, source: string) {
    this.#value = value;
    this.source = source;
  }

  reveal(): string {
    return this.#value;
  }

  /** SHA-256 of it, 64 hex digits: what may be stored and compared. */
  sha256(): string {
    return createHash("sha256").update(this.#value).digest("hex");
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
