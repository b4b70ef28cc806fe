// The grid's ladder: every slot by price, its order and age, its exit, and why a level has no order. The price marker
// stands between the rows around it.

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";
import type { Slot } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { type Digits, useDigits } from "../digits.ts";
import { compare, signOf } from "../money/exact.ts";
import { span } from "../money/show.ts";
import { useOrderAge } from "../order-age.ts";
import { Empty, Loading, Panel } from "../parts/panel.tsx";
import { rowHeight, Spacer } from "../parts/table.tsx";
import { Why } from "../parts/values.tsx";
import { ageOf } from "../picture/freshness.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { useLastPrice } from "../price.ts";

const FILTERS = ["all", "orders", "held", "skipped"] as const;
type Filter = (typeof FILTERS)[number];

const WORDS: Readonly<Record<Slot["state"], string>> = {
  EMPTY: "empty",
  HELD: "held",
  SENT: "sent",
  LIVE: "live",
  CANCEL: "cancelling",
  UNKNOWN: "unknown",
};

/** Why a level has no order, in words (GRID-25). */
const SKIPS: Readonly<Record<string, string>> = {
  "skip.occupied": "slot is taken",
  "skip.cell": "another slot covers it",
  "skip.cap": "enough slots held",
  "skip.quota": "enough orders open",
  "skip.too_small": "order too small",
  "skip.too_large": "order too large",
  "skip.cooldown": "cooling down",
  "skip.gate": "a gate is shut",
  "skip.range": "out of range",
  "skip.band": "outside the price band",
  "skip.fees": "fees eat the gap",
};

export const skipWords = (code: string): string => SKIPS[code] ?? SKIPS[`skip.${code}`] ?? code;

const keeps: Readonly<Record<Filter, (slot: Slot) => boolean>> = {
  all: () => true,
  orders: (slot) => slot.order !== null,
  held: (slot) => signOf(slot.held) !== 0,
  skipped: (slot) => slot.skip !== "",
};

/** Where a slot stands: at its order's price while one rests, else where its next order would be. */
const placeOf = (slot: Slot): string => slot.order?.price ?? (signOf(slot.held) > 0 ? slot.exit : slot.entry);

/** Without levels that are skipped because their own slot is at work, unless they are what one looks for. */
function tidied(slots: readonly Slot[], filter: Filter): readonly Slot[] {
  if (filter === "skipped") return slots;
  const busy = new Set(slots.filter((slot) => slot.order !== null || signOf(slot.held) !== 0).map((slot) => slot.slot));
  return slots.filter((slot) => slot.skip === "" || slot.order !== null || !busy.has(slot.slot));
}

/** A slot may be told once for each leg and once more for a level it skips; no two rows may share a key. */
function keysOf(slots: readonly Slot[]): readonly string[] {
  const seen = new Map<string, number>();
  return slots.map((slot) => {
    const name = `${slot.slot} ${slot.leg} ${slot.width}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${name} ${count}`;
  });
}

export function LadderPanel(): ReactNode {
  const { botId, bot, exchange, symbol } = useChosen();
  const slots = usePicture((picture) => picture.slots.get(botId));
  const ageOfOrder = useOrderAge();
  const [filter, setFilter] = useState<Filter>("all");
  const price = useLastPrice();
  const digits = useDigits();
  const age = ageOf(store.get(), ["BOOK", "ORDERS"], symbol, useNow());
  const rows = useMemo(
    () => [...tidied(slots?.slots ?? [], filter)].filter(keeps[filter]).sort((a, b) => compare(placeOf(b), placeOf(a))),
    [slots, filter],
  );
  const below = rows.findIndex((slot) => price !== "" && compare(placeOf(slot), price) < 0);
  const marker = below === -1 ? rows.length : below;
  const scroll = useRef<HTMLDivElement>(null);
  // a ladder may have a thousand levels, told four times a second: only those in sight are drawn
  const virtual = useVirtualizer({
    count: rows.length + 1,
    getScrollElement: () => scroll.current,
    estimateSize: rowHeight,
    overscan: 12,
  });
  const aside = (
    <>
      <label>
        <span className="unseen">show slots</span>
        <select
          value={filter}
          onChange={(event) => setFilter(FILTERS.find((each) => each === event.target.value) ?? "all")}
        >
          {FILTERS.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <button type="button" className="plain" onClick={() => virtual.scrollToIndex(marker, { align: "center" })}>
        to price
      </button>
    </>
  );
  const alone = usePicture((picture) => picture.ready && picture.bots.size === 0);
  const title = bot !== undefined && bot.strategy !== "grid" ? `Strategy ${bot.strategy}` : "Ladder";
  if (bot !== undefined && bot.strategy !== "grid") {
    return (
      <Panel title={title} className="ladder-panel" age={age} pad>
        <Empty>The panel of {bot.strategy} bots is not in this release. Orders, fills and Why work for it.</Empty>
      </Panel>
    );
  }
  const keys = keysOf(rows);
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const beneath = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <Panel title={title} className="ladder-panel" age={age} aside={aside}>
      {alone ? (
        <Empty>No engine is connected: the ladder is a bot's. Account, orders and prices are shown all the same.</Empty>
      ) : slots === undefined ? (
        <Loading source="the bot's slots" lines={12} />
      ) : rows.length === 0 ? (
        <Empty>
          {filter === "all"
            ? "No slots yet: the grid fixes its anchor with the first accepted price."
            : `No slot is ${filter}.`}
        </Empty>
      ) : (
        <div className="table-scroll" ref={scroll} data-rows>
          <table aria-label="Slots by price" aria-rowcount={rows.length + 2} className="ladder">
            <thead>
              <tr>
                <th scope="col" className="num">
                  price
                </th>
                <th scope="col">order</th>
                <th scope="col" className="num">
                  qty
                </th>
                <th scope="col" className="num">
                  held
                </th>
                <th scope="col" className="num">
                  exit at
                </th>
                <th scope="col" className="num">
                  age
                </th>
              </tr>
            </thead>
            <tbody>
              {above > 0 && <Spacer height={above} span={6} />}
              {items.map(({ index }) => {
                if (index === marker) return <PriceMarker key="price" price={digits.price(price)} />;
                const at = index < marker ? index : index - 1;
                const slot = rows[at];
                if (slot === undefined) return null;
                const old = (id: string): number | null => ageOfOrder({ exchange, id, clientOrder: id });
                return <Row key={keys[at]} slot={slot} place={index + 2} ageOf={old} digits={digits} />;
              })}
              {beneath > 0 && <Spacer height={beneath} span={6} />}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const PriceMarker = ({ price }: { readonly price: string }): ReactNode => (
  <tr className="mark">
    <td colSpan={6}>{price !== "–" ? `▸ ${price}` : "no price yet"}</td>
  </tr>
);

interface RowProps {
  readonly slot: Slot;
  /** Its number among all rows, from 1. */
  readonly place: number;
  /** By the order's own name; null where nobody knows. */
  readonly ageOf: (id: string) => number | null;
  readonly digits: Digits;
}

function Row({ slot, place, ageOf: old, digits }: RowProps): ReactNode {
  const { order } = slot;
  const side = order === null ? "" : order.side === "BUY" ? "buy" : "sell";
  const isExit = order !== null && compare(order.price, slot.exit) === 0 && compare(slot.exit, slot.entry) !== 0;
  return (
    <tr
      data-row
      aria-rowindex={place}
      className={order === null ? "idle" : `has-order side-${side}`}
      data-slot={slot.slot}
    >
      <td className="num entry">{digits.price(placeOf(slot))}</td>
      <td>
        {order === null ? (
          <span title={slot.skip}>
            {slot.skip === "" ? `${slot.leg.toLowerCase()} ${WORDS[slot.state]}` : skipWords(slot.skip)}
          </span>
        ) : (
          <Why id={order.id}>
            <span className={side}>
              {side === "buy" ? "▲ buy" : "▼ sell"} {isExit ? "exit" : "entry"}
            </span>
            {slot.state === "LIVE" ? "" : ` · ${WORDS[slot.state]}`}
          </Why>
        )}
      </td>
      <td className="num">
        {order === null ? "" : digits.qty(order.qty)}
        {order !== null && signOf(order.filled) > 0 && <span className="dim"> · {digits.qty(order.filled)}</span>}
      </td>
      <td className="num">{signOf(slot.held) === 0 ? <span className="dim">·</span> : digits.qty(slot.held)}</td>
      <td className="num dim">{digits.price(slot.exit)}</td>
      <td className="num dim">{order === null ? cooling(slot) : ageWord(old(order.id))}</td>
    </tr>
  );
}

const ageWord = (ms: number | null): string => (ms === null ? "" : span(ms));

const cooling = (slot: Slot): string => (slot.cooldownUntil > 0 ? "cooling" : "");
