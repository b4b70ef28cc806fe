// Limits of exchanges that count requests by endpoint and user (EXCH-25): a bucket for each endpoint that was named,
// one for all reads that were not, and what the exchange counts across them.

import { listOf, type Raw, wholeOf } from "../raw.ts";
import type { BucketCost, BucketRule, BucketUse, LimitTable, RequestAbout } from "./exchange-table.ts";

export interface EndpointLimits {
  readonly windowMs: number;
  /** Requests, or orders where lists are counted by their orders, in the window: by `POST trade/batch-orders`. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** Endpoints of a window of their own; those of no name are counted by it, too. */
  readonly reads?: { readonly windowMs: number; readonly endpoints: Readonly<Record<string, number>> };
  /** For every other endpoint, together. */
  readonly others: number;
  /** Across all endpoints. */
  readonly all?: BucketRule;
  /** Across all that place or amend. */
  readonly orders?: BucketRule & { readonly endpoints: readonly string[] };
  /** Orders in a request; 1 where it is none. */
  readonly count?: (params: Raw) => number;
  /** Headers that tell the limit of the endpoint asked, and what is left of it; in lower case. */
  readonly headers?: { readonly limit: string; readonly left: string };
}

/** Elements of a list that was sent, under its name or as the body itself. */
export const listLength = (params: Raw, ...names: readonly string[]): number =>
  Math.max(1, ...["list", ...names].map((name) => listOf(params[name]).length));

export function endpointLimits(limits: EndpointLimits): LimitTable {
  const { windowMs, others, all, orders, reads = { windowMs, endpoints: {} } } = limits;
  const endpoints = { ...limits.endpoints, ...reads.endpoints };
  const rules: BucketRule[] = Object.entries(endpoints).map(([name, limit]) => {
    return { name, limit, windowMs: Object.hasOwn(reads.endpoints, name) ? reads.windowMs : windowMs };
  });
  rules.push({ name: "others", limit: others, windowMs: reads.windowMs });
  if (all !== undefined) rules.push(all);
  if (orders !== undefined) rules.push({ name: orders.name, limit: orders.limit, windowMs: orders.windowMs });
  const costs = (about: RequestAbout): readonly BucketCost[] => {
    const route = `${about.method} ${about.path}`;
    const known = Object.hasOwn(endpoints, route);
    const cost = known ? (limits.count?.(about.params) ?? 1) : 1;
    const each: BucketCost[] = [{ bucket: known ? route : "others", cost }];
    if (all !== undefined) each.push({ bucket: all.name, cost: 1 });
    if (orders?.endpoints.includes(route) === true) each.push({ bucket: orders.name, cost });
    return each;
  };
  const used: LimitTable["used"] = (headers, about) => {
    // what is told belongs to the endpoint asked, which the headers do not name; those without a bucket share one
    const route = about === null ? "" : `${about.method} ${about.path}`;
    return Object.hasOwn(endpoints, route) ? usedOf(limits, headers, route) : [];
  };
  return { buckets: rules, costs, used, told: () => [] };
}

function usedOf(
  { headers: names }: EndpointLimits,
  headers: Readonly<Record<string, string>>,
  bucket: string,
): readonly BucketUse[] {
  const limit = wholeOf(headers[names?.limit ?? ""]);
  const left = wholeOf(headers[names?.left ?? ""]);
  return limit === null || left === null || limit < 1 || left < 0 || left > limit
    ? []
    : [{ bucket, used: limit - left, limit }];
}
