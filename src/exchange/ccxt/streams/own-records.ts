// Records in a private frame, read one by one. What is there and cannot be read is said so: it may have been an order
// or a fill of ours, and silence would leave it out (TEST-28).

import { isRecord, type Raw } from "../raw.ts";
import type { PrivateNews } from "./stream-table.ts";

export const unreadable = (text: string): PrivateNews => ({ kind: "unreadable", text });

/** News of each record of a list; `read` gives null for one that cannot be read. */
export function ownRecords(
  list: unknown,
  what: string,
  read: (record: Raw) => readonly PrivateNews[] | null,
): readonly PrivateNews[] {
  if (!Array.isArray(list)) return [unreadable(`${what} came without its records`)];
  return list.flatMap((record: unknown): readonly PrivateNews[] => {
    const news = isRecord(record) ? read(record) : null;
    return news ?? [unreadable(`a record of ${what} cannot be read`)];
  });
}
