// Position and result of the chosen bot, as the ledger has them, beside what the exchange says.

import type { ReactNode } from "react";
import { useChosen } from "../chosen.ts";
import { averageDigits } from "../digits.ts";
import { compare, negated, signOf } from "../money/exact.ts";
import { plain, shareText, signed } from "../money/show.ts";
import { Loading, Panel } from "../parts/panel.tsx";
import { Amount, Money, Time } from "../parts/values.tsx";
import { ageOf } from "../picture/freshness.ts";
import { instrumentKey } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { useLastPrice } from "../price.ts";

export function PositionPanel(): ReactNode {
  const { bot, botId, exchange, symbol, instrument } = useChosen();
  const position = usePicture((picture) => picture.positions.get(instrumentKey({ exchange, symbol })));
  const pnl = usePicture((picture) => picture.pnl.get(botId));
  const slots = usePicture((picture) => picture.slots.get(botId));
  const risk = usePicture((picture) => picture.risks.get(botId));
  const price = useLastPrice();
  const age = ageOf(store.get(), ["POSITIONS", "ACCOUNT"], symbol, useNow());
  const alone = usePicture((picture) => picture.ready && picture.bots.size === 0);
  if (bot === undefined) {
    return (
      <Panel title="Position" age={age} pad>
        {alone ? (
          <dl className="facts">
            <dt>size, says the exchange</dt>
            <dd className="large">
              <Money value={position?.amount ?? "0"} />
            </dd>
            <dt>average entry</dt>
            <dd>{plain(position?.entryPrice ?? "")}</dd>
            <dt>unrealized</dt>
            <dd>
              <Money value={position?.unrealizedPnL ?? ""} />
            </dd>
          </dl>
        ) : (
          <Loading source="the bot" />
        )}
      </Panel>
    );
  }
  const differs = position !== undefined && compare(position.amount, bot.position) !== 0;
  return (
    <Panel title="Position" age={age} pad>
      <dl className="facts">
        <dt>size</dt>
        <dd className="large">
          <Money value={bot.position} /> <span className="dim">{signOf(bot.position) === 0 ? "flat" : ""}</span>
        </dd>
        <dt>average entry</dt>
        <dd>
          <Amount value={position?.entryPrice ?? slots?.averageEntry ?? ""} digits={averageDigits(instrument)} />
        </dd>
        <dt>price</dt>
        <dd>{plain(price)}</dd>
        <dt>unrealized</dt>
        <dd>
          <Money value={pnl?.unrealized ?? bot.unrealized} digits={4} />
        </dd>
        <dt>realized, gross</dt>
        <dd>
          <Money value={pnl?.realizedGross ?? ""} digits={4} />
        </dd>
        <dt>fees</dt>
        <dd>
          <Money value={negated(pnl?.fees ?? "")} digits={4} />
        </dd>
        <dt>funding</dt>
        <dd>
          <Money value={pnl?.funding ?? ""} digits={4} />
        </dd>
        <dt>liquidation</dt>
        <dd>
          {risk === undefined || risk.liquidationDistance === ""
            ? "none near"
            : `${shareText(risk.liquidationDistance)} away`}
        </dd>
        <dt>exchange says</dt>
        <dd className={differs ? "sell" : ""}>
          {position === undefined ? "–" : signed(position.amount)}
          {position !== undefined && (differs ? " ≠ ledger" : " = ledger")}
        </dd>
        <dt>tied to the balance</dt>
        <dd>
          {pnl === undefined || pnl.tiedAt <= 0 ? "not yet" : <Time at={pnl.tiedAt} />}
          {pnl !== undefined && pnl.tiedAt > 0 && ` · off by ${pnl.tieDifference || "0"}`}
        </dd>
      </dl>
    </Panel>
  );
}
