// What is fuzzed: one decoder of foreign bytes, small real messages it reads, and what of its errors is expected
// (TEST-26, TEST-27). A target makes no judgement; the oracle does.

import type fc from "fast-check";

/** An open decoder: sockets and files it needs stand until `close`. */
export interface Decoder {
  /** Reads one message. What it gives is searched for unsafe numbers; it throws or rejects as the decoder does. */
  read(bytes: Uint8Array): unknown;
  close?(): void | Promise<void>;
}

export interface FuzzTarget {
  readonly name: string;
  /** Small real messages, made by the project's own parts. */
  readonly corpus: readonly (string | Uint8Array)[];
  /** Messages near the schema. */
  readonly near?: fc.Arbitrary<string | Uint8Array>;
  /** Whether the decoder may fail with this error. */
  readonly isTyped: (error: unknown) => boolean;
  readonly open: () => Decoder | Promise<Decoder>;
  /** Calls of the decoder that one message makes; 1 unless told. */
  readonly calls?: number;
  /** What it answers depends on what it was told before. */
  readonly remembers?: boolean;
  /** Messages of this target for each hundred of the cheap ones. */
  readonly share?: number;
}

/** The decoder broke its own law: what it read does not encode again, or a message was passed over in silence. */
export class BrokenLaw extends Error {
  override readonly name = "BrokenLaw";
}

export const bytesOf = (message: string | Uint8Array): Uint8Array =>
  typeof message === "string" ? Buffer.from(message, "utf8") : message;

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** For decoders whose every answer is a value. */
export const nothingThrown = (): boolean => false;
