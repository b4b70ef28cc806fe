// The net result over time (uplot), with its parts to switch on; drawdown as its own curve. The figures beside it are
// the exact ones: the picture only shows their course.

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { PnlPoint } from "../../../src/live/messages.ts";
import { chartColours, faded } from "../chart/colours.ts";
import { useChoices } from "../choices.ts";
import { forDrawing } from "../money/exact.ts";
import { clock, dayAndTime } from "../money/show.ts";
import { Segments } from "../parts/segments.tsx";
import { useTheme } from "../theme.ts";

const RANGES = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, all: Number.POSITIVE_INFINITY } as const;
type Range = keyof typeof RANGES;
const DAY_S = 86_400;
/** Between two labels of time, with seconds, px: nearer they run into each other. */
const LABEL_WIDTH = 72;
const PARTS = ["net", "realized", "fees", "funding", "unrealized", "drawdown"] as const;
type Part = (typeof PARTS)[number];

/** Columns for drawing: times in s, then one array a part. */
function columnsOf(points: readonly PnlPoint[]): uPlot.AlignedData {
  const column = (index: number): number[] => points.map((point) => forDrawing(String(point[index])));
  const net = column(5);
  let peak = Number.NEGATIVE_INFINITY;
  const drawdown = net.map((value) => {
    peak = Math.max(peak, value);
    return value - peak;
  });
  const fees = column(2).map((value) => -value);
  return [points.map((point) => point[0] / 1000), net, column(1), fees, column(3), column(4), drawdown];
}

function optionsOf(size: { width: number; height: number }, shown: readonly Part[], utc: boolean): uPlot.Options {
  const colours = chartColours();
  const strokes: Readonly<Record<Part, string>> = {
    net: colours.text,
    realized: colours.buy,
    fees: colours.sell,
    funding: colours.accent,
    unrealized: colours.dim,
    drawdown: colours.sell,
  };
  const dashes: Readonly<Partial<Record<Part, number[]>>> = {
    fees: [6, 3],
    funding: [2, 3],
    unrealized: [8, 3, 2, 3],
    drawdown: [1, 2],
  };
  const axis = { stroke: colours.dim, grid: { stroke: faded(colours.line, 60), width: 1 }, ticks: { show: false } };
  return {
    ...size,
    legend: { show: false },
    cursor: { points: { size: 5 } },
    padding: [8, 32, 0, 0],
    axes: [
      {
        ...axis,
        size: 30,
        space: LABEL_WIDTH,
        values: (_plot, splits, _axis, _space, step) =>
          splits.map((at) =>
            step >= DAY_S ? dayAndTime(at * 1000, utc).slice(0, 5) : clock(at * 1000, utc).slice(0, step < 60 ? 8 : 5),
          ),
      },
      { ...axis, size: 58 },
    ],
    series: [
      {},
      ...PARTS.map((part) => ({
        label: part,
        show: shown.includes(part),
        stroke: strokes[part],
        width: part === "net" ? 1.75 : 1,
        ...(dashes[part] === undefined ? {} : { dash: dashes[part] }),
        ...(part === "net" ? { fill: faded(colours.dim, 10) } : {}),
      })),
    ],
  };
}

interface CurveProps {
  readonly points: readonly PnlPoint[];
  readonly height?: number;
}

export function Curve({ points, height = 260 }: CurveProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [range, setRange] = useState<Range>("day");
  const [shown, setShown] = useState<readonly Part[]>(["net"]);
  const theme = useTheme();
  const { utc } = useChoices();
  const last = points.at(-1);
  const inRange = useMemo(
    () => points.filter((point) => point[0] >= (last?.[0] ?? 0) - RANGES[range]),
    [points, range, last],
  );
  const data = useMemo(() => columnsOf(inRange), [inRange]);
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours read from the page
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const size = (): { width: number; height: number } => ({ width: Math.max(240, element.clientWidth), height });
    const made = new uPlot(optionsOf(size(), shown, utc), latest.current, element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize(size()));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shown, theme, utc, height]);
  useEffect(() => plot.current?.setData(data), [data]);
  const toggle = (part: Part): void =>
    setShown(shown.includes(part) ? shown.filter((each) => each !== part) : [...shown, part]);
  return (
    <>
      <div className="controls" style={{ padding: "0 14px 4px" }}>
        <Segments label="range" choices={["hour", "day", "week", "all"]} value={range} onChange={setRange} />
        <fieldset className="segments" aria-label="parts">
          {PARTS.map((part) => (
            <button key={part} type="button" aria-pressed={shown.includes(part)} onClick={() => toggle(part)}>
              {part}
            </button>
          ))}
        </fieldset>
      </div>
      <div
        className="curve"
        ref={place}
        role="img"
        aria-label={
          last === undefined
            ? "Result over time: no points yet"
            : `Result over time: ${inRange.length} points, net ${last[5]} at ${dayAndTime(last[0], utc)}`
        }
      />
    </>
  );
}
