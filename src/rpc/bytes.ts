// Bytes as grpc-js wants them.

/** A Buffer over the same bytes: a view, not a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
