// The bot as it was after one event: the event and what it caused, orders, slots, position, gates and the book it saw.

import type { ReactNode } from "react";
import type { JournalEntry, Slot } from "../../../src/live/messages.ts";
import { useChosen } from "../chosen.ts";
import { averageDigits, useDigits } from "../digits.ts";
import { compare, signOf } from "../money/exact.ts";
import { plain } from "../money/show.ts";
import { Amount, Money, Side, Why } from "../parts/values.tsx";
import { skipWords } from "./ladder.tsx";
import type { Then } from "./replay-tape.ts";

const BOOK_ROWS = 5;

export function StateThen({ then }: { readonly then: Then }): ReactNode {
  return (
    <div className="then">
      <section aria-label="Event and effects">
        <h3>Event #{then.sequence}</h3>
        {then.event === null ? <p className="dim">Nothing was journaled here.</p> : <Entry entry={then.event} open />}
        <h3>{then.effects.length === 0 ? "It caused nothing" : `It caused ${then.effects.length}`}</h3>
        {then.effects.map((effect) => (
          <Entry key={effect.index} entry={effect} open={then.effects.length < 4} />
        ))}
        <p className="dim">As journaled: prices in ticks, quantities in lots.</p>
      </section>
      <section aria-label="Orders and slots then">
        <h3>{then.orders.length} orders open</h3>
        <Orders then={then} />
        <h3>{then.slots.length} slots</h3>
        <Slots slots={then.slots} />
      </section>
      <section aria-label="Position, gates and book then">
        <h3>Position</h3>
        <Position then={then} />
        <h3>Gates</h3>
        {then.gates.length === 0 && <p className="dim">All open.</p>}
        <ul className="gates">
          {then.gates.map(({ name, level, reason, leg }) => (
            <li key={`${name} ${leg} ${level}`}>
              <span>{level}</span>
              <span>
                {name} {leg.toLowerCase()} {reason}
              </span>
            </li>
          ))}
        </ul>
        <h3>Book</h3>
        <Book then={then} />
      </section>
    </div>
  );
}

function Entry({ entry, open }: { readonly entry: JournalEntry; readonly open: boolean }): ReactNode {
  return (
    <details open={open} className="entry">
      <summary>
        <b>{entry.kind}</b>
      </summary>
      <pre>{pretty(entry.body)}</pre>
    </details>
  );
}

/** One key a line; what is no JSON stays as it is. */
function pretty(body: string): string {
  try {
    const read: unknown = JSON.parse(body);
    if (typeof read !== "object" || read === null || Array.isArray(read)) return body;
    return Object.entries(read)
      .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
      .join("\n");
  } catch {
    return body;
  }
}

function Orders({ then }: { readonly then: Then }): ReactNode {
  const digits = useDigits();
  if (then.orders.length === 0) return <p className="dim">None.</p>;
  return (
    <table aria-label="Orders then">
      <tbody>
        {then.orders.map((order) => (
          <tr key={order.clientOrder} data-row>
            <td>
              <Side side={order.side} />
            </td>
            <td className="num">{digits.price(order.price)}</td>
            <td className="num">
              {signOf(order.filled) > 0 && <span className="dim">{digits.qty(order.filled)} of </span>}
              {digits.qty(order.qty)}
            </td>
            <td className="dim">{order.unknown ? "unknown" : order.status.toLowerCase().replace("_", " ")}</td>
            <td>
              <Why id={order.clientOrder} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const words = (slot: Slot): string => {
  if (slot.order !== null) return `${slot.order.side === "BUY" ? "▲ buy" : "▼ sell"} ${slot.state.toLowerCase()}`;
  return slot.skip === "" ? slot.state.toLowerCase() : skipWords(slot.skip);
};

function Slots({ slots }: { readonly slots: readonly Slot[] }): ReactNode {
  const digits = useDigits();
  if (slots.length === 0) return <p className="dim">None yet.</p>;
  return (
    <table aria-label="Slots then">
      <thead>
        <tr>
          <th scope="col" className="num">
            entry
          </th>
          <th scope="col" className="num">
            exit
          </th>
          <th scope="col">state</th>
          <th scope="col" className="num">
            held
          </th>
        </tr>
      </thead>
      <tbody>
        {[...slots]
          .sort((a, b) => compare(b.entry, a.entry))
          .map((slot, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot may be told once for each level it skips
            <tr key={`${slot.slot} ${slot.leg} ${index}`} data-row>
              <td className="num">{digits.price(slot.entry)}</td>
              <td className="num dim">{digits.price(slot.exit)}</td>
              <td className={slot.order === null ? "dim" : slot.order.side === "BUY" ? "buy" : "sell"}>
                {words(slot)}
              </td>
              <td className="num">{signOf(slot.held) === 0 ? "·" : digits.qty(slot.held)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function Position({ then: { position } }: { readonly then: Then }): ReactNode {
  const { instrument } = useChosen();
  if (position === null) return <p className="dim">Not known yet.</p>;
  return (
    <dl className="facts">
      <dt>size</dt>
      <dd>
        <Money value={position.size} />
      </dd>
      <dt>average entry</dt>
      <dd>
        <Amount value={position.entry} digits={averageDigits(instrument)} />
      </dd>
      <dt>mark</dt>
      <dd>{plain(position.mark)}</dd>
      <dt>unrealized</dt>
      <dd>
        <Money value={position.unrealized} digits={4} />
      </dd>
    </dl>
  );
}

function Book({ then: { book } }: { readonly then: Then }): ReactNode {
  const digits = useDigits();
  if (book === null) return <p className="dim">None seen yet.</p>;
  const rows = [
    ...book.asks
      .slice(0, BOOK_ROWS)
      .toReversed()
      .map((level) => ["sell", level] as const),
    ...book.bids.slice(0, BOOK_ROWS).map((level) => ["buy", level] as const),
  ];
  return (
    <table aria-label="Book then">
      <tbody>
        {rows.map(([look, [price, qty]]) => (
          <tr key={`${look} ${price}`}>
            <td className={look}>{look === "buy" ? "bid" : "ask"}</td>
            <td className="num">{digits.price(price)}</td>
            <td className="num dim">{digits.qty(qty)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
