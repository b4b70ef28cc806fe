// A small net curve for a card: its course, without figures.

import type { ReactNode } from "react";
import type { PnlPoint } from "../../../src/live/messages.ts";
import { forDrawing } from "../money/exact.ts";

/** A small net curve for a card. */
export function Sparkline({ points }: { readonly points: readonly PnlPoint[] }): ReactNode {
  const step = Math.max(1, Math.floor(points.length / 120));
  const values = points.filter((_, index) => index % step === 0).map((point) => forDrawing(point[5]));
  if (values.length < 2) return <p className="dim">The curve begins with the second point.</p>;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = high - low || 1;
  const line = values
    .map((value, index) => `${(index / (values.length - 1)) * 300},${40 - ((value - low) / spread) * 36}`)
    .join(" ");
  return (
    <svg viewBox="0 0 300 44" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.25" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
