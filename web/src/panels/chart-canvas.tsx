// The drawn half of the chart panel, loaded when first needed: the chart library is most of what the page weighs.

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Bot, ClassicKline, ConsoleOrder, Slots } from "../../../src/live/messages.ts";
import type { Bands } from "../chart/bands.ts";
import { chartColours, faded } from "../chart/colours.ts";
import { holdChart } from "../chart/command.ts";
import { fillMarks, gridLines, LINES_MAX, type OrderLine, orderLines } from "../chart/marks.ts";
import { ChartView } from "../chart/view.ts";
import { useChoices } from "../choices.ts";
import { forDrawing } from "../money/exact.ts";
import { dayAndTime, plain } from "../money/show.ts";
import { shutGates } from "../parts/gates.tsx";
import { store } from "../picture/store.ts";
import { usePicture } from "../picture/use.ts";
import { go } from "../place.ts";
import { useLastPrice } from "../price.ts";
import { useTheme } from "../theme.ts";
import { link } from "../wire/link.ts";

const PAGE = 500;

interface Shown {
  readonly slots: Slots | undefined;
  readonly bot: Bot | undefined;
  readonly hidden: readonly string[];
  readonly lines: readonly OrderLine[];
  readonly last: ClassicKline | undefined;
  /** The price now, where the last candle does not tell it; else empty. */
  readonly mark: string;
}

/** Window, gate periods and words of the lines, in today's colours; nearest to the price first. */
function bandsOf({ slots, bot, hidden, lines, last, mark }: Shown): Bands {
  const colours = chartColours();
  const [low, high] = [forDrawing(slots?.windowLow ?? ""), forDrawing(slots?.windowHigh ?? "")];
  const shut = bot === undefined || hidden.includes("gates") ? [] : shutGates(bot).filter((gate) => gate.since > 0);
  const orders = hidden.includes("orders")
    ? []
    : lines.map(({ price, side, title }) => ({
        price,
        text: title,
        colour: side === "BUY" ? colours.buy : colours.sell,
      }));
  const own = hidden.includes("lines") ? [] : gridLines(slots, mark);
  const named = own.map(({ price, name }) => ({ price, text: name, colour: colours.dim }));
  const near = forDrawing(last?.close ?? "0");
  const many = lines.length > LINES_MAX;
  return {
    window: Number.isFinite(low) && Number.isFinite(high) && !hidden.includes("window") ? { low, high } : null,
    windowColour: faded(colours.accent, 7),
    gateFrom: shut.length === 0 ? null : Math.floor(Math.min(...shut.map((gate) => gate.since)) / 60_000) * 60,
    gateColour: faded(colours.dim, 10),
    ticks: many ? orders : [],
    labels: [...(many ? [] : orders), ...named].sort((a, b) => Math.abs(a.price - near) - Math.abs(b.price - near)),
    ground: colours.ground,
  };
}

interface CanvasProps {
  readonly candles: readonly ClassicKline[];
  readonly seriesKey: string;
  readonly digits: number;
  readonly orders: readonly ConsoleOrder[];
  readonly symbols: readonly string[];
  readonly of: { readonly exchange: string; readonly symbol: string; readonly interval: string };
  readonly bot: Bot | undefined;
  readonly botId: string;
}

export function Canvas({ candles, seriesKey, digits, orders, symbols, of, bot, botId }: CanvasProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<ChartView | null>(null);
  const older = useRef<() => void>(() => undefined);
  const [hover, setHover] = useState<number | null>(null);
  const [spoken, setSpoken] = useState("");
  const theme = useTheme();
  const { utc, hiddenLayers } = useChoices();
  const slots = usePicture((picture) => picture.slots.get(botId));
  const fills = usePicture((picture) => picture.fills);
  const lines = useMemo(() => orderLines(orders, ""), [orders]);
  const price = useLastPrice();
  const mark = price === candles.at(-1)?.close ? "" : price;
  const latest = useRef(candles);
  latest.current = candles;

  useEffect(() => {
    if (place.current === null) return;
    const chart = new ChartView(place.current, chartColours(), {
      onHover: setHover,
      onWhy: (id) => go({ screen: "why", id }),
      onOldest: () => older.current(),
    });
    view.current = chart;
    const letGo = holdChart({
      walk: (step) => {
        const index = chart.walk(step);
        const candle = index === null ? undefined : latest.current[index];
        if (candle !== undefined) setSpoken(sentence(candle));
        setHover(index);
      },
      zoom: (factor) => chart.zoom(factor),
      fit: () => chart.fit(),
      intervals: () => document.getElementById("interval")?.focus(),
    });
    return () => {
      letGo();
      chart.close();
      view.current = null;
    };
  }, []);

  older.current = useOlder(of, seriesKey, candles);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours read from the page
  useEffect(() => view.current?.paint(chartColours(), utc), [theme, utc]);
  useEffect(() => view.current?.setCandles(seriesKey, candles, digits), [seriesKey, candles, digits]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours read from the page
  useEffect(() => {
    view.current?.setLines(
      hiddenLayers.includes("orders") ? [] : lines,
      hiddenLayers.includes("lines") ? [] : gridLines(slots, mark),
    );
    view.current?.setBands(bandsOf({ slots, bot, hidden: hiddenLayers, lines, mark, last: latest.current.at(-1) }));
  }, [lines, slots, bot, hiddenLayers, theme, mark]);
  const times = useMemo(() => candles.map((candle) => candle.time), [candles]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme decides the colours read from the page
  useEffect(() => {
    const own = fills.filter((fill) => symbols.includes(fill.symbol) && (fill.bot === botId || botId === ""));
    const marks = hiddenLayers.includes("fills") ? [] : fillMarks(own, times, "");
    view.current?.setFills(marks);
    place.current?.setAttribute("data-fills", String(marks.reduce((sum, { count }) => sum + count, 0)));
  }, [fills, times, hiddenLayers, botId, theme]);

  const shown = hover === null ? candles.at(-1) : candles[hover];
  return (
    <>
      <Legend candle={shown} utc={utc} count={lines.length} />
      <div
        ref={place}
        className="chart-canvas"
        role="img"
        aria-label={`Candles of ${of.symbol}, ${of.interval}, with ${lines.length} open orders. The same as text is under Data.`}
        data-candles={candles.length}
        data-orders={lines.length}
        data-lines={lines.map((line) => line.title).join("; ")}
      />
      <a
        className="chart-credit"
        href="https://www.tradingview.com/"
        rel="noreferrer"
        target="_blank"
        title="TradingView Lightweight Charts™, Copyright (c) 2025 TradingView, Inc."
      >
        Chart: TradingView Lightweight Charts™
      </a>
      <p className="unseen" aria-live="polite">
        {spoken}
      </p>
    </>
  );
}

/** Loads a page of older candles, one at a time, until there are no more. */
function useOlder(of: CanvasProps["of"], key: string, candles: readonly ClassicKline[]): () => void {
  const loading = useRef(false);
  return () => {
    const first = candles[0];
    if (loading.current || first === undefined || store.get().candlesEnd.has(key)) return;
    loading.current = true;
    void link.candles(of, first.time, PAGE).finally(() => {
      loading.current = false;
    });
  };
}

const sentence = (candle: ClassicKline): string =>
  `${dayAndTime(candle.time * 1000, false)}: open ${candle.open}, high ${candle.high}, low ${candle.low}, close ${candle.close}, volume ${candle.volume}`;

interface LegendProps {
  readonly candle: ClassicKline | undefined;
  readonly utc: boolean;
  readonly count: number;
}

function Legend({ candle, utc, count }: LegendProps): ReactNode {
  if (candle === undefined) return null;
  return (
    <div className="chart-legend">
      <span>{dayAndTime(candle.time * 1000, utc)}</span>
      <span>
        O <b>{plain(candle.open)}</b>
      </span>
      <span>
        H <b>{plain(candle.high)}</b>
      </span>
      <span>
        L <b>{plain(candle.low)}</b>
      </span>
      <span>
        C <b>{plain(candle.close)}</b>
      </span>
      <span>
        V <b>{plain(candle.volume)}</b>
      </span>
      {count > LINES_MAX && <span>{count} open orders, as ticks</span>}
    </div>
  );
}
