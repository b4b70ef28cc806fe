// Any JSON brought into the compact shape that the scanner reads. For the rare message that has another.

// The lib of this TypeScript does not yet know JSON.parse's source text access (ES2026), which Node has.
const sourceJson = JSON as JSON & {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/**
 * Any JSON in the compact shape: no blanks, no needless escapes, doubled keys resolved, numbers as they were written.
 * Null for text that is not JSON.
 */
export function normalise(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
  if (!text.trimStart().startsWith("{")) return null;
  try {
    const value: unknown = sourceJson.parse(text, (_key: string, item: unknown, context: { source?: string }) =>
      typeof item === "number" && context.source !== undefined ? sourceJson.rawJSON(context.source) : item,
    );
    return Buffer.from(JSON.stringify(value), "utf8");
  } catch {
    return null; // not JSON, or nested too deep to be written: unreadable either way
  }
}
