// Single values as people read them: money with its sign, sides with shape and word, links to the explanation, times.

import type { ReactNode } from "react";
import { useChoices } from "../choices.ts";
import { isDecimal, signOf } from "../money/exact.ts";
import { dayAndTime, moment, plain, readable, signed } from "../money/show.ts";
import { serverNow } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { whyAddress } from "../place.ts";

interface MoneyProps {
  readonly value: string;
  /** Digits shown; the exact value stands in the title. */
  readonly digits?: number;
  readonly unit?: string;
  readonly className?: string;
}

/** A gain or a loss: the sign is written, the colour repeats it. */
export function Money({ value, digits, unit, className = "" }: MoneyProps): ReactNode {
  const sign = isDecimal(value) ? signOf(value) : 0;
  const tone = sign < 0 ? "sell" : sign > 0 ? "buy" : "";
  return (
    <span className={`${tone} ${className}`} title={value === "" ? "not known" : value}>
      {signed(value, digits)}
      {unit !== undefined && unit !== "" && <span className="dim"> {unit}</span>}
    </span>
  );
}

/** ▲ buy, ▼ sell: shape, word and colour (UI-15). */
export function Side({ side }: { readonly side: "BUY" | "SELL" }): ReactNode {
  return side === "BUY" ? <span className="buy">▲ buy</span> : <span className="sell">▼ sell</span>;
}

/** Something that can be explained, as a link (UI-07). */
export function Why({ id, children }: { readonly id: string; readonly children?: ReactNode }): ReactNode {
  return (
    <a href={whyAddress(id)} data-why={id} title={`Why ${id}`}>
      {children ?? short(id)}
    </a>
  );
}

/** Long ids keep their ends, which is where they differ. */
export const short = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 5)}…${id.slice(-7)}`);

export function Time({ at, day = false }: { readonly at: number; readonly day?: boolean }): ReactNode {
  const { utc } = useChoices();
  if (at <= 0) return <span className="dim">–</span>;
  const nowMs = serverNow(store.get(), performance.now());
  return <time dateTime={new Date(at).toISOString()}>{day ? dayAndTime(at, utc) : moment(at, { utc, nowMs })}</time>;
}

/** An amount without a sign of its own, rounded for reading; the exact one stands in the title. */
export function Amount({ value, digits }: { readonly value: string; readonly digits: number }): ReactNode {
  return <span title={value === "" ? "not known" : value}>{plain(readable(value, digits))}</span>;
}
