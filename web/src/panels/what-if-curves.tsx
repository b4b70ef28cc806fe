// Both simulated results over time in one picture (uplot): before dashed and dim, after solid, so that they differ in
// shape too. For the eye; the figures stand beside it.

import { type ReactNode, useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { WhatIfSide } from "../../../src/live/messages.ts";
import { chartColours, faded } from "../chart/colours.ts";
import { useChoices } from "../choices.ts";
import { forDrawing } from "../money/exact.ts";
import { clock } from "../money/show.ts";
import { useTheme } from "../theme.ts";

const HEIGHT = 220;
const LABEL_WIDTH = 72;
const DASH = [5, 4];

type Points = WhatIfSide["curve"];

/** Times in s of both, then the result of each where it has one. */
function columnsOf(before: Points, after: Points): uPlot.AlignedData {
  const columns = (points: Points): uPlot.AlignedData => [
    points.map(([at]) => at / 1000),
    points.map(([, net]) => forDrawing(net)),
  ];
  return uPlot.join([columns(before), columns(after)]);
}

function optionsOf(width: number, utc: boolean): uPlot.Options {
  const colours = chartColours();
  const axis = { stroke: colours.dim, grid: { stroke: faded(colours.line, 60), width: 1 }, ticks: { show: false } };
  const times = (_plot: uPlot, splits: readonly number[], _axis: number, _space: number, step: number): string[] =>
    splits.map((at) => clock(at * 1000, utc).slice(0, step < 60 ? 8 : 5));
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 5 } },
    padding: [8, 32, 0, 0],
    axes: [
      { ...axis, size: 30, space: LABEL_WIDTH, values: times },
      { ...axis, size: 58 },
    ],
    series: [
      {},
      { label: "before", stroke: colours.dim, width: 1.25, dash: DASH, spanGaps: true },
      { label: "after", stroke: colours.accent, width: 1.75, spanGaps: true },
    ],
  };
}

export function WhatIfCurves({ before, after }: { readonly before: Points; readonly after: Points }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const { utc } = useChoices();
  const data = useMemo(() => columnsOf(before, after), [before, after]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours read from the page
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const width = (): number => Math.max(240, element.clientWidth);
    const made = new uPlot(optionsOf(width(), utc), data, element);
    const watch = new ResizeObserver(() => made.setSize({ width: width(), height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [data, theme, utc]);
  const end = (points: Points): string => points.at(-1)?.[1] ?? "nothing";
  return (
    <figure className="what-if-curves">
      <div
        className="curve"
        ref={place}
        role="img"
        aria-label={`Result over time: before ends at ${end(before)}, after at ${end(after)}`}
      />
      <figcaption className="dim">result over time: ┄ before, simulated · ━ after, simulated</figcaption>
    </figure>
  );
}
