// Bytes as grpc-js wants them, and how many a message may have (API-10).

/** The fills of a long silence are one answer; nobody asks for much. */
export const REQUEST_BYTES_MAX = 4 * 1024 * 1024;
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A Buffer over the same bytes: a view, not a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
