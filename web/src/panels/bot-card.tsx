// A bot on the overview: what it does, what it made today, why it waits when it waits.

import type { ReactNode } from "react";
import type { Bot } from "../../../src/live/messages.ts";
import { plain, span } from "../money/show.ts";
import { Gates, isDead, PhaseTag, shutGates } from "../parts/gates.tsx";
import { Money } from "../parts/values.tsx";
import { ageOf } from "../picture/freshness.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { addressOf, currentPlace } from "../place.ts";
import { Sparkline } from "./sparkline.tsx";

export function BotCard({ bot }: { readonly bot: Bot }): ReactNode {
  const pnl = usePicture((picture) => picture.pnl.get(bot.id));
  const curve = usePicture((picture) => picture.curves.get(bot.id)) ?? [];
  const age = ageOf(store.get(), ["BOOK", "ORDERS"], bot.symbol, useNow());
  return (
    <article className={`card${isDead(bot) ? " killed" : ""}${age.stale ? " stale" : ""}`} data-bot={bot.id}>
      <header>
        <h2>
          <a href={addressOf({ ...currentPlace(), screen: "bot", bot: bot.id })}>{bot.id}</a>
        </h2>
        <PhaseTag bot={bot} />
        <span className="dim">
          {bot.strategy} · {bot.symbol}
        </span>
      </header>
      <div>
        <Money value={pnl?.today ?? ""} digits={4} className="net" />
        <p className="dim">net today{age.stale ? ` · ${span(age.ageMs)} old` : ""}</p>
      </div>
      <div className="dim">
        <Sparkline points={curve} />
      </div>
      <dl className="facts">
        <dt>position</dt>
        <dd>
          <Money value={bot.position} />
        </dd>
        <dt>net, all time</dt>
        <dd>
          <Money value={pnl?.net ?? ""} digits={4} />
        </dd>
        <dt>open orders</dt>
        <dd>
          {bot.live}
          {bot.unknown > 0 && <span className="sell"> · {bot.unknown} unknown</span>}
        </dd>
        <dt>slots held</dt>
        <dd>{bot.held}</dd>
        <dt>budget</dt>
        <dd>{plain(bot.budget)}</dd>
        <dt>up for</dt>
        <dd>
          {span(bot.uptime)}
          {bot.lag > 1000 && <span className="sell"> · {span(bot.lag)} behind</span>}
        </dd>
      </dl>
      {shutGates(bot).length > 0 && <Gates bot={bot} />}
    </article>
  );
}
