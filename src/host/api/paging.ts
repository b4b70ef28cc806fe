// Pages of lists that fall or rise by a sort key (API-08), on the tokens of rpc/: a list goes on after the last key it
// told, so rows that came meanwhile neither repeat nor hide others.

import { type PageRequest, pageTokenAfter, readPage } from "../../rpc/paging.ts";
import { WALL_CLOCK } from "../wall-clock.ts";

export interface SortedPage<T> {
  readonly items: T[];
  readonly nextPageToken: string;
}

/**
 * The page of `items` asked for. `list`: method and filter, so that a token fits its own list alone; `keyOf`: unique
 * text by which `items` are sorted, rising or falling. Throws INVALID_ARGUMENT for a token or size that is none.
 */
export function pageOf<T>(
  items: readonly T[],
  request: PageRequest,
  { list, keyOf, falling }: { readonly list: string; readonly keyOf: (item: T) => string; readonly falling: boolean },
): SortedPage<T> {
  const nowMs = WALL_CLOCK.nowMs();
  const { size, after } = readPage(request, list, nowMs);
  const rest = after === null ? items : items.filter((item) => (falling ? keyOf(item) < after : keyOf(item) > after));
  const page = rest.slice(0, size);
  const last = page[page.length - 1];
  const more = rest.length > size && last !== undefined;
  return { items: page, nextPageToken: more ? pageTokenAfter(keyOf(last), list, nowMs) : "" };
}

/** Times and numbers of a sort key, so that texts sort as they do. */
export const sortable = (value: number): string => String(value).padStart(16, "0");
