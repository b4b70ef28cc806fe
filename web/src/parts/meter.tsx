// A value against its limit: text first, a bar beside it.

import type { ReactNode } from "react";
import { magnitude, shareBps } from "../money/exact.ts";
import { percent, plain } from "../money/show.ts";

interface MeterProps {
  readonly name: string;
  readonly value: string;
  readonly limit: string;
}

const NEAR_BPS = 8000;

export function Meter({ name, value, limit }: MeterProps): ReactNode {
  const share = shareBps(magnitude(value), magnitude(limit));
  const tone = share === null ? "" : share >= 10_000 ? "over" : share >= NEAR_BPS ? "near" : "";
  return (
    <li>
      <p>
        <span>{name}</span>
        <span>
          {plain(value) === "–" ? value || "–" : plain(value)}
          <span className="dim"> of {plain(limit) === "–" ? limit || "no limit" : plain(limit)}</span>
          {share !== null && <span className={tone === "over" ? "sell" : "dim"}> · {percent(share)}</span>}
        </span>
      </p>
      {share !== null && (
        <div className="meter" aria-hidden="true">
          <i className={tone} style={{ width: `${Math.min(100, share / 100)}%` }} />
        </div>
      )}
    </li>
  );
}
