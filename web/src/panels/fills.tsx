// Fills, newest first, with the last day's buys and sells by hour. Amounts come from the fills themselves (UI-12).

import { type ReactNode, useMemo, useState } from "react";
import type { Fill } from "../../../src/live/messages.ts";
import { useChoices } from "../choices.ts";
import { useChosen } from "../chosen.ts";
import { type Digits, useDigits } from "../digits.ts";
import { compare, difference, magnitude, shareBps } from "../money/exact.ts";
import { dayAndTime, percent, plain, signed } from "../money/show.ts";
import { useSourceAge } from "../parts/age.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Money, Side, Time, Why } from "../parts/values.tsx";
import { usePicture, useServerNow } from "../picture/use.ts";
import { useLastPrice } from "../price.ts";

/** Fills of one telling (live.md section 4). */
const TOLD_AT_ONCE = 200;
const HOUR_MS = 3_600_000;

function columns(away: ReadonlySet<string>, digits: Digits): readonly Column<Fill>[] {
  return [
    { id: "at", head: "time", value: (row) => row.at, cell: (row) => <Time at={row.at} /> },
    { id: "side", head: "side", value: (row) => row.side, cell: (row) => <Side side={row.side} /> },
    {
      id: "price",
      head: "price",
      value: (row) => row.price,
      cell: (row) => <Why id={row.id}>{digits.price(row.price)}</Why>,
      num: true,
    },
    { id: "qty", head: "quantity", value: (row) => row.qty, cell: (row) => digits.qty(row.qty), num: true },
    {
      id: "realized",
      head: "realized",
      value: (row) => row.realized,
      cell: (row) => <Money value={row.realized} digits={4} />,
      num: true,
    },
    {
      id: "fee",
      head: "fee",
      value: (row) => row.fee,
      cell: (row) => (
        <span title={row.fee}>
          {signed(row.fee, 4).replace("+", "")} <span className="dim">{row.feeAsset}</span>
        </span>
      ),
      num: true,
    },
    { id: "maker", head: "as", value: (row) => (row.maker ? "maker" : "taker") },
    {
      id: "id",
      head: "fill",
      value: (row) => row.id,
      cell: (row) => (
        <>
          <Why id={row.id} />
          {row.cycle && <span className="dim"> ↻ cycle</span>}
          {away.has(row.id) && <span className="tag note">while away</span>}
        </>
      ),
    },
  ];
}

/** Buys above, sells below, one bar an hour, oldest first. */
function Hours({ fills }: { readonly fills: readonly Fill[] }): ReactNode {
  const { utc } = useChoices();
  const nowHour = Math.floor(Math.max(useServerNow(), fills[0]?.at ?? 0) / HOUR_MS);
  const oldest = fills.at(-1)?.at ?? 0;
  // a page is told the newest fills alone: earlier hours may have had more than it knows
  const isCut = fills.length >= TOLD_AT_ONCE && oldest > (nowHour - 23) * HOUR_MS;
  const known = isCut ? `, of those since ${dayAndTime(oldest, utc)} that this page knows` : "";
  const hours = Array.from({ length: 24 }, (_, index) => {
    const hour = nowHour - 23 + index;
    const inHour = fills.filter((fill) => Math.floor(fill.at / HOUR_MS) === hour);
    const buys = inHour.filter((fill) => fill.side === "BUY").length;
    return { hour, buys, sells: inHour.length - buys };
  });
  const most = Math.max(1, ...hours.flatMap(({ buys, sells }) => [buys, sells]));
  const total = hours.reduce((sum, { buys, sells }) => ({ buys: sum.buys + buys, sells: sum.sells + sells }), {
    buys: 0,
    sells: 0,
  });
  return (
    <div>
      <div className="bars" role="img" aria-label={`Last 24 hours: ${total.buys} buys, ${total.sells} sells${known}`}>
        {hours.map(({ hour, buys, sells }) => (
          <span key={hour} title={`${buys} buys, ${sells} sells`}>
            <i style={{ height: `${(buys / most) * 100}%` }} />
            <i style={{ height: `${(sells / most) * 100}%` }} />
          </span>
        ))}
      </div>
      <p className="dim bars-words">
        Last 24 hours by hour: buys {total.buys}, sells {total.sells}
        {known}.
      </p>
    </div>
  );
}

/** "Nearest buy 2998.00 is 0.07 % away." */
function useNearest(): string {
  const { botId } = useChosen();
  const orders = usePicture((picture) => picture.orders);
  const price = useLastPrice();
  const nearest = [...orders.values()]
    .filter((order) => order.bot === botId && price !== "")
    .sort((a, b) => compare(magnitude(difference(a.price, price)), magnitude(difference(b.price, price))))[0];
  if (nearest === undefined)
    return price === "" ? "The nearest order is told with the first price." : "No order rests either.";
  const away = shareBps(magnitude(difference(nearest.price, price)), price) ?? 0;
  return `Nearest ${nearest.side.toLowerCase()} ${plain(nearest.price)} is ${percent(away)} away.`;
}

export function FillsPanel({ hours = false }: { readonly hours?: boolean }): ReactNode {
  const { botId } = useChosen();
  const all = usePicture((picture) => picture.fills);
  const away = usePicture((picture) => picture.away);
  const heard = usePicture((picture) => picture.receipts.has("fills"));
  const [wanted, setWanted] = useState("");
  const nearest = useNearest();
  const own = useMemo(() => all.filter((fill) => fill.bot === botId || botId === ""), [all, botId]);
  const rows = useMemo(
    () =>
      wanted === ""
        ? own
        : own.filter((fill) =>
            `${fill.id} ${fill.order} ${fill.clientOrder} ${fill.side}`.toLowerCase().includes(wanted.toLowerCase()),
          ),
    [own, wanted],
  );
  const digits = useDigits();
  const list = useMemo(() => columns(away, digits), [away, digits]);
  return (
    <Panel
      title="Fills"
      age={useSourceAge()}
      aside={
        <>
          <label>
            <span className="unseen">filter fills</span>
            <input size={9} placeholder="filter" value={wanted} onChange={(event) => setWanted(event.target.value)} />
          </label>
          <a href={`/api/v1/fills.csv?bot=${encodeURIComponent(botId)}`} download="fills.csv">
            CSV
          </a>
        </>
      }
    >
      {hours && own.length > 0 && <Hours fills={own} />}
      {heard ? (
        <Table
          label="Fills, newest first"
          columns={list}
          rows={rows}
          idOf={(row) => row.id}
          empty={<Empty>{wanted === "" ? `No fills yet. ${nearest}` : `No fill matches ${wanted}.`}</Empty>}
        />
      ) : (
        <Loading source="fills" />
      )}
    </Panel>
  );
}
