// A text in parts that each fit into one message: a longer one would end the connection (live.md section 4).

/** Bytes of the text in one message; the rest of its 4 KiB is for what stands around it. */
const PART_BYTES_MAX = 3500;
const PART_CHARACTERS_MAX = 3500;

const bytesOf = (part: string): number => new TextEncoder().encode(JSON.stringify(part)).length;

/** Never empty; joined they are the text. */
export function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    let size = PART_CHARACTERS_MAX;
    while (bytesOf(text.slice(from, from + size)) > PART_BYTES_MAX) size >>= 1;
    parts.push(text.slice(from, from + size));
    from += size;
  }
  return parts.length === 0 ? [""] : parts;
}
