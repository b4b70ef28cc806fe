// Open orders as the exchange and the journal know them; foreign and unknown ones are marked apart.

import { type ReactNode, useMemo, useState } from "react";
import type { ConsoleOrder } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { type Digits, useDigits } from "../digits.ts";
import { compare, difference, magnitude, shareBps } from "../money/exact.ts";
import { percent, span } from "../money/show.ts";
import { useOrderAge } from "../order-age.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { Side, Why } from "../parts/values.tsx";
import { ageOf } from "../picture/freshness.ts";
import { orderKey } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { useLastPrice } from "../price.ts";

const mark = (order: ConsoleOrder): string =>
  order.unknown ? "unknown" : order.foreign ? "foreign" : order.reduceOnly ? "reduce" : order.slot;

interface Beside {
  /** Of the chosen instrument, which `price` is of. */
  readonly isOf: (order: ConsoleOrder) => boolean;
  readonly price: string;
  readonly digits: Digits;
  /** Ms since the order was placed, null where nobody says. */
  readonly ageOf: (order: ConsoleOrder) => number | null;
}

function columns({ isOf, price, digits, ageOf: old }: Beside): readonly Column<ConsoleOrder>[] {
  const away = (row: ConsoleOrder): number | null =>
    isOf(row) ? shareBps(magnitude(difference(row.price, price)), price) : null;
  return [
    { id: "side", head: "side", value: (row) => row.side, cell: (row) => <Side side={row.side} /> },
    {
      id: "price",
      head: "price",
      value: (row) => row.price,
      cell: (row) => <Why id={row.clientOrder || row.id}>{digits.price(row.price)}</Why>,
      num: true,
    },
    { id: "qty", head: "quantity", value: (row) => row.qty, cell: (row) => digits.qty(row.qty), num: true },
    { id: "filled", head: "filled", value: (row) => row.filled, cell: (row) => digits.qty(row.filled), num: true },
    { id: "away", head: "away", value: (row) => away(row) ?? -1, cell: (row) => awayWord(away(row)), num: true },
    { id: "age", head: "age", value: (row) => -row.at, cell: (row) => ageWord(old(row)), num: true },
    { id: "slot", head: "slot", value: mark },
    {
      id: "id",
      head: "order",
      value: (row) => row.clientOrder || row.id,
      cell: (row) => <Why id={row.clientOrder || row.id} />,
    },
  ];
}

const awayWord = (bps: number | null): string => (bps === null ? "–" : percent(bps));
const ageWord = (ms: number | null): string => (ms === null ? "–" : span(ms));

export function OrdersPanel({ everyBot = false }: { readonly everyBot?: boolean }): ReactNode {
  const { botId, exchange, symbol, instrument } = useChosen();
  const orders = usePicture((picture) => picture.orders);
  const heard = usePicture((picture) => picture.receipts.has("orders"));
  const [wanted, setWanted] = useState("");
  const price = useLastPrice();
  const now = useNow();
  const age = ageOf(store.get(), ["ORDERS"], symbol, now);
  const rows = useMemo(
    () =>
      [...orders.values()]
        .sort((a, b) => compare(b.price, a.price))
        .filter(
          (order) =>
            (everyBot || botId === "" || order.bot === botId || order.foreign) &&
            `${order.id} ${order.clientOrder} ${order.side} ${mark(order)}`
              .toLowerCase()
              .includes(wanted.toLowerCase()),
        ),
    [orders, botId, everyBot, wanted],
  );
  const digits = useDigits();
  const aged = useOrderAge();
  const isOf = (order: ConsoleOrder): boolean =>
    order.exchange === exchange && (order.symbol === instrument?.name || order.symbol === symbol);
  const list = columns({ isOf, price, digits, ageOf: aged });
  return (
    <Panel
      title="Open orders"
      age={age}
      aside={
        <label>
          <span className="unseen">filter orders</span>
          <input size={9} placeholder="filter" value={wanted} onChange={(event) => setWanted(event.target.value)} />
        </label>
      }
    >
      {heard ? (
        <Table
          label="Open orders"
          columns={list}
          rows={rows}
          idOf={orderKey}
          classOf={(row) => (row.foreign || row.unknown ? "foreign" : "")}
          empty={
            <Empty>
              {wanted === "" ? "No open orders. The gates say why none is placed." : `No order matches ${wanted}.`}
            </Empty>
          }
        />
      ) : (
        <Loading source="open orders" />
      )}
    </Panel>
  );
}
