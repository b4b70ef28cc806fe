// A value against its limit: text first, a bar beside it. Values may carry a unit: "0.002 BTC" of "0.2 BTC".

import type { ReactNode } from "react";
import { isDecimal, magnitude, shareBps } from "../money/exact.ts";
import { percent, plain } from "../money/show.ts";

interface MeterProps {
  readonly name: string;
  readonly value: string;
  readonly limit: string;
  /** The verdict where somebody gave one: a limit may be a least as well as a most. */
  readonly passed?: boolean;
}

const NEAR_BPS = 8000;
const FULL_BPS = 10_000;

/** Number and unit apart; a word stays a word. */
function words(text: string): string {
  const [number = "", ...unit] = text.split(" ");
  return isDecimal(number) ? [plain(number), ...unit].join(" ") : text;
}

function toneOf(share: number | null, passed: boolean | undefined): string {
  if (passed === false) return "over";
  if (share === null || passed === true) return "";
  return share >= FULL_BPS ? "over" : share >= NEAR_BPS ? "near" : "";
}

export function Meter({ name, value, limit, passed }: MeterProps): ReactNode {
  const [part = "", whole = ""] = [value, limit].map((text) => magnitude(text.split(" ")[0] ?? ""));
  const share = isDecimal(part) && isDecimal(whole) ? shareBps(part, whole) : null;
  const tone = toneOf(share, passed);
  const said = share !== null && !(passed === true && share > FULL_BPS);
  return (
    <li>
      <p>
        <span>{name}</span>
        <span>
          {words(value) || "–"}
          {limit === "" ? (
            <span className="dim"> · no limit</span>
          ) : (
            (limit !== value || share !== null) && <span className="dim"> of {words(limit)}</span>
          )}
          {said && <span className={tone === "over" ? "sell" : "dim"}> · {percent(share)}</span>}
        </span>
      </p>
      {said && (
        <div className="meter" aria-hidden="true">
          <i className={tone} style={{ width: `${Math.min(100, share / 100)}%` }} />
        </div>
      )}
    </li>
  );
}
