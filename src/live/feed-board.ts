// The streams of every source with their ages, and the sources themselves: what is missing is a named state (LIVE-01).
// Ages are told by receipt on this machine's own clock, never by the market's.

import type { Feed, Feeds } from "./messages.ts";
import type { FeedReport, Measures, Received, SourceReport } from "./picture-writer.ts";

/** After this silence of a source its picture is stale (API-17). */
export const SOURCE_LIMIT_MS = 5000;

export class FeedBoard {
  private readonly monotonicMs: () => number;
  private readonly sources = new Map<string, SourceReport>();
  private readonly feedsOf = new Map<string, Map<string, FeedReport>>();
  private readonly measuresOf = new Map<string, Measures>();

  constructor(monotonicMs: () => number) {
    this.monotonicMs = monotonicMs;
  }

  source(report: SourceReport): void {
    this.sources.set(report.name, report);
  }

  replace(source: string, list: readonly FeedReport[]): void {
    this.feedsOf.set(source, new Map(list.map((feed) => [feed.id, feed])));
  }

  put(source: string, feed: FeedReport): void {
    const known = this.feedsOf.get(source) ?? new Map<string, FeedReport>();
    known.set(feed.id, feed);
    this.feedsOf.set(source, known);
  }

  measure(source: string, measures: Measures): void {
    this.measuresOf.set(source, { ...this.measuresOf.get(source), ...measures });
  }

  sourceList(): readonly (SourceReport & { readonly ageMs: number })[] {
    return [...this.sources.values()].map((each) => ({ ...each, ageMs: this.ageOf(each.receivedMs) }));
  }

  /** Whole ms since receipt; −1 = nothing was ever received. */
  private ageOf(received: Received): number {
    const receivedMs = typeof received === "function" ? received() : received;
    return receivedMs === null ? -1 : Math.max(0, Math.round(this.monotonicMs() - receivedMs));
  }

  /** Everything with its age of this moment. A source that is down takes the word of its feeds with it. */
  read(): Feeds {
    const feeds: Feed[] = [];
    for (const { name, state, receivedMs, lastAction } of this.sources.values()) {
      const own = { id: `${name}/SOURCE/`, source: name, kind: "SOURCE", symbol: "", state, lastAction };
      feeds.push({ ...own, ageMs: this.ageOf(receivedMs), limitMs: SOURCE_LIMIT_MS });
      for (const { receivedMs: at, ...feed } of this.feedsOf.get(name)?.values() ?? []) {
        feeds.push({ ...feed, state: state === "LIVE" ? feed.state : state, ageMs: this.ageOf(at) });
      }
    }
    const measures = [...this.measuresOf.values()];
    return {
      feeds,
      budget: measures.flatMap(({ budget }) => budget ?? []),
      clock: measures.find(({ clock }) => clock != null)?.clock ?? null,
      deadMan: measures.find(({ deadMan }) => deadMan != null)?.deadMan ?? null,
      journal: measures.find(({ journal }) => journal != null)?.journal ?? null,
    };
  }
}
