// Feeds: what still speaks, how old its last word is against its limit, and what was done about silence; beside it the
// request budget, the exchange's clock, the dead-man timer and the journal.

import type { ReactNode } from "react";
import type { Feed, Feeds } from "../../../src/live/messages.ts";
import { signed, span } from "../money/show.ts";
import { Meter } from "../parts/meter.tsx";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { Time } from "../parts/values.tsx";
import { useNow, usePicture } from "../picture/use.ts";
import { JournalSum } from "./processes.tsx";

const SIGNS: Readonly<Record<Feed["state"], string>> = {
  LIVE: "● live",
  SUSPECT: "◐ suspect",
  STALE: "○ stale",
  DOWN: "■ down",
};

const tone = (feed: Feed): string =>
  feed.state === "LIVE" ? "buy" : feed.state === "SUSPECT" ? "" : feed.state === "STALE" ? "dim" : "sell";

/** Every feed, with the ages counted on since they were heard. */
export function useFeeds(): readonly Feed[] {
  const feeds = usePicture((picture) => picture.feeds);
  const heard = usePicture((picture) => picture.receipts.get("feeds")) ?? 0;
  const since = Math.max(0, useNow() - heard);
  return [...feeds.values()].flatMap((each) =>
    each.feeds.map((feed) => (feed.state === "LIVE" ? feed : { ...feed, ageMs: feed.ageMs + since })),
  );
}

export function FeedsPanel(): ReactNode {
  const feeds = useFeeds();
  const heard = usePicture((picture) => picture.receipts.has("feeds"));
  return (
    <Panel title="Feeds">
      {!heard ? (
        <Loading source="feeds" />
      ) : feeds.length === 0 ? (
        <Empty>No source is configured. Give live-server a connector or an engine under sources.</Empty>
      ) : (
        <div className="table-scroll" data-rows>
          <table aria-label="Feeds">
            <thead>
              <tr>
                <th scope="col">state</th>
                <th scope="col">source</th>
                <th scope="col">feed</th>
                <th scope="col">instrument</th>
                <th scope="col" className="num">
                  last heard
                </th>
                <th scope="col" className="num">
                  limit
                </th>
                <th scope="col">last action</th>
              </tr>
            </thead>
            <tbody>
              {feeds.map((feed) => (
                <tr key={feed.id} data-row data-feed={feed.id}>
                  <td className={tone(feed)}>{SIGNS[feed.state]}</td>
                  <td>{feed.source}</td>
                  <td>{kindWord(feed.kind)}</td>
                  <td>{feed.symbol}</td>
                  <td className="num">{span(feed.ageMs)}</td>
                  <td className="num dim">{feed.limitMs > 0 ? span(feed.limitMs) : "–"}</td>
                  <td className="dim">{feed.lastAction}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

/** What a connector says of its exchange beside the feeds: keys, clock, the exchange's own timer. */
const kindWord = (kind: string): string => (kind === "UNSPECIFIED" ? "exchange" : kind.toLowerCase());

export function FeedSummary(): ReactNode {
  const feeds = useFeeds();
  const late = feeds.filter((feed) => feed.state !== "LIVE");
  return (
    <Panel title="Feeds in short" pad>
      {feeds.length === 0 ? (
        <p className="dim">No feed has reported yet.</p>
      ) : late.length === 0 ? (
        <p>
          <span className="buy">●</span> All {feeds.length} feeds live.
        </p>
      ) : (
        <ul className="gates">
          {late.map((feed) => (
            <li key={feed.id}>
              <span className={tone(feed)}>{SIGNS[feed.state]}</span>
              <span>
                {feed.source} {kindWord(feed.kind)} {feed.symbol}, {span(feed.ageMs)} old{" "}
                <span className="dim">{feed.lastAction}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

const REAL_TIME_PPM = 1_000_000;

/** How far off the exchange's clock is; where it runs at a rate of its own, that, since an offset only grows. */
function clockWords({ offset, error, ratePpm = REAL_TIME_PPM }: NonNullable<Feeds["clock"]>): string {
  if (ratePpm !== REAL_TIME_PPM) return `runs at ${ratePpm / REAL_TIME_PPM} ×, a simulated market's`;
  return `${signed(String(offset))} ms off, ± ${error} ms`;
}

export function MachineryPanel(): ReactNode {
  const feeds = usePicture((picture) => picture.feeds);
  const hello = usePicture((picture) => picture.hello);
  const holes = usePicture((picture) => picture.holes);
  const all = [...feeds.values()];
  const budget = all.flatMap((each) => each.budget);
  const clock = all.find((each) => each.clock !== null)?.clock;
  const deadMan = all.find((each) => each.deadMan !== null)?.deadMan;
  return (
    <Panel title="Machinery" pad>
      <dl className="facts">
        <dt>live-server</dt>
        <dd>{hello === null ? "–" : `release ${hello.release}`}</dd>
        <dt>messages lost on the way</dt>
        <dd className={holes > 0 ? "sell" : ""}>{holes}</dd>
        <dt>exchange's clock</dt>
        <dd>{clock == null ? "–" : clockWords(clock)}</dd>
        <dt>dead-man timer</dt>
        <dd>
          {deadMan == null ? (
            "none told"
          ) : deadMan.until === 0 ? (
            deadMan.kind
          ) : (
            <>
              {deadMan.kind} until <Time at={deadMan.until} />
            </>
          )}
        </dd>
        <dt>journals</dt>
        <dd>
          <JournalSum />
        </dd>
      </dl>
      <p className="dim" style={{ margin: "8px 0 12px" }}>
        The dead-man timer cancels own orders when the engine goes silent. It does not close positions.
      </p>
      <ul className="limits">
        {budget.map((bucket) => (
          <Meter
            key={bucket.name}
            name={`requests: ${bucket.name}`}
            value={String(bucket.used)}
            limit={String(bucket.limit)}
          />
        ))}
      </ul>
    </Panel>
  );
}
