// What happened when, as marks on the line of time: fills, gates that shut and alerts, as far as the page was told them.

import { type ReactNode, useMemo } from "react";
import { useChoices } from "../choices.ts";
import { clock, plain } from "../money/show.ts";
import { shutGates } from "../parts/gates.tsx";
import { usePicture } from "../picture/use.ts";
import type { Range } from "./replay-tape.ts";

export interface Mark {
  readonly id: string;
  readonly kind: "fill" | "gate" | "alert";
  /** Ms of the market's time. */
  readonly at: number;
  readonly sign: string;
  readonly look: string;
  readonly text: string;
}

const SHOWN_MAX = 400;

/** Of one bot, oldest first, inside the journal's range. */
export function useMarks(bot: string, range: Range | null): readonly Mark[] {
  const fills = usePicture((picture) => picture.fills);
  const alerts = usePicture((picture) => picture.alerts);
  const state = usePicture((picture) => picture.bots.get(bot));
  return useMemo(() => {
    if (range === null) return [];
    const ofFills = fills
      .filter((fill) => fill.bot === bot)
      .map(({ id, at, side, qty, price }): Mark => {
        const [sign, look] = side === "BUY" ? ["▲", "buy"] : ["▼", "sell"];
        return { id, kind: "fill", at, sign, look, text: `${side.toLowerCase()} ${plain(qty)} @ ${plain(price)}` };
      });
    const ofAlerts = alerts
      .filter((alert) => alert.bot === bot || alert.bot === "")
      .map(({ id, at, title }): Mark => ({ id, kind: "alert", at, sign: "!", look: "", text: title }));
    const ofGates = (state === undefined ? [] : shutGates(state)).map(({ name, since, reason }): Mark => {
      return { id: name, kind: "gate", at: since, sign: "▮", look: "dim", text: `gate ${name}: ${reason}` };
    });
    return [...ofFills, ...ofAlerts, ...ofGates]
      .filter(({ at }) => at >= range.first && at <= range.last)
      .sort((a, b) => a.at - b.at)
      .slice(-SHOWN_MAX);
  }, [fills, alerts, state, bot, range]);
}

interface MarkRowProps {
  readonly marks: readonly Mark[];
  readonly range: Range;
  readonly onSeek: (at: number) => void;
}

/** For the pointer: the keyboard walks the same marks with the buttons beside "event". */
export function MarkRow({ marks, range, onSeek }: MarkRowProps): ReactNode {
  const { utc } = useChoices();
  const span = Math.max(1, range.last - range.first);
  return (
    <div className="marks" aria-hidden="true">
      {marks.map((mark) => (
        <button
          key={`${mark.kind} ${mark.id}`}
          type="button"
          tabIndex={-1}
          className={`${mark.look} mark-${mark.kind}`}
          title={`${clock(mark.at, utc)} ${mark.text}`}
          style={{ left: `${((mark.at - range.first) / span) * 100}%` }}
          onClick={() => onSeek(mark.at)}
        >
          {mark.sign}
        </button>
      ))}
    </div>
  );
}
