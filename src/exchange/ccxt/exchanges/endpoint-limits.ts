// Limits of exchanges that count requests by endpoint and user (EXCH-25): a bucket for each endpoint that was named,
// one for all reads that were not, and what the exchange counts across them.

import { listOf, type Raw } from "../raw.ts";
import type { BucketCost, BucketRule, BucketUse, LimitTable, RequestAbout } from "./exchange-table.ts";

export interface EndpointLimits {
  readonly windowMs: number;
  /** Requests, or orders where lists are counted by their orders, in the window: by `POST trade/batch-orders`. */
  readonly endpoints: Readonly<Record<string, number>>;
  /** For every other endpoint, together. */
  readonly others: number;
  /** Across all endpoints. */
  readonly all?: BucketRule;
  /** Across all that place or amend. */
  readonly orders?: BucketRule & { readonly endpoints: readonly string[] };
  /** Orders in a request; 1 where it is none. */
  readonly count?: (params: Raw) => number;
  readonly used?: LimitTable["used"];
}

/** Elements of a list that was sent, under its name or as the body itself. */
export const listLength = (params: Raw, ...names: readonly string[]): number =>
  Math.max(1, ...["list", ...names].map((name) => listOf(params[name]).length));

export function endpointLimits(limits: EndpointLimits): LimitTable {
  const { windowMs, endpoints, others, all, orders } = limits;
  const rules: BucketRule[] = Object.entries(endpoints).map(([name, limit]) => ({ name, limit, windowMs }));
  rules.push({ name: "others", limit: others, windowMs });
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
  const used = limits.used ?? ((): readonly BucketUse[] => []);
  return { buckets: rules, costs, used, told: () => [] };
}
