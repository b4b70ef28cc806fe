// A source as packed bytes: a file, or bytes in memory. Does not look into them.

import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { DataError } from "./error.ts";

export const CHUNK_BYTES = 256 * 1024;

/** A path, or bytes in memory under a name (how a test breaks a copy of a file it must not touch). */
export type Source = string | { readonly name: string; readonly bytes: Uint8Array };

export const sourceName = (source: Source): string => basename(typeof source === "string" ? source : source.name);

/** Packed bytes of a source, from its beginning; `done` counts those handed out. */
export interface Input {
  readonly size: number;
  done: number;
  head(bytes: number): Promise<Uint8Array>;
  chunks(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/** Throws {@link DataError}: missing, directory. */
export async function openInput(source: Source): Promise<Input> {
  if (typeof source !== "string") return new MemoryInput(source.bytes);
  let file: FileHandle | null = null;
  try {
    file = await open(source, "r");
    const facts = await file.stat();
    if (facts.isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    return new FileInput(file, facts.size);
  } catch (error) {
    await file?.close();
    throw DataError.fromSystem(error, sourceName(source), "read");
  }
}

class FileInput implements Input {
  readonly size: number;
  done = 0;
  private readonly file: FileHandle;

  constructor(file: FileHandle, size: number) {
    this.file = file;
    this.size = size;
  }

  async head(bytes: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(bytes);
    const { bytesRead } = await this.file.read(buffer, 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    // ends with the file
    for (;;) {
      const buffer = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await this.file.read(buffer, 0, CHUNK_BYTES, this.done);
      if (bytesRead === 0) return;
      this.done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

class MemoryInput implements Input {
  readonly size: number;
  done = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  async head(bytes: number): Promise<Uint8Array> {
    return this.bytes.subarray(0, bytes);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    while (this.done < this.size) {
      const chunk = this.bytes.subarray(this.done, this.done + CHUNK_BYTES);
      this.done += chunk.length;
      yield chunk;
    }
  }

  async close(): Promise<void> {}
}
