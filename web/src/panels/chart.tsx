// Chart panel: candles with the bot's orders, fills and grid on them; the same content as text under Data (UI-09).

import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Bot, ClassicKline, Slots } from "../../../src/live/messages.ts";
import type { Bands } from "../chart/bands.ts";
import { chartColours, faded } from "../chart/colours.ts";
import { holdChart } from "../chart/command.ts";
import { fillMarks, gridLines, LINES_MAX, type OrderLine, orderLines } from "../chart/marks.ts";
import { ChartView } from "../chart/view.ts";
import { choose, useChoices } from "../choices.ts";
import { useChosen } from "../chosen.ts";
import { digitsOf, forDrawing } from "../money/exact.ts";
import { dayAndTime, plain } from "../money/show.ts";
import { shutGates } from "../parts/gates.tsx";
import { Loading, Panel } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { ageOf } from "../picture/freshness.ts";
import { candleKey } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { go } from "../place.ts";
import { useLastPrice } from "../price.ts";
import { useTheme } from "../theme.ts";
import { link } from "../wire/link.ts";
import { ChartData } from "./chart-data.tsx";

const NONE: readonly ClassicKline[] = [];
const LAYERS = ["orders", "fills", "window", "lines", "gates"] as const;
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

/** Asks for the series when it is not there, and keeps it coming. */
function useSeries(exchange: string, symbol: string, interval: string): readonly ClassicKline[] {
  const key = candleKey({ exchange, symbol, interval });
  const open = usePicture((picture) => picture.ready);
  useEffect(() => {
    if (!open || symbol === "") return;
    const of = { exchange, symbol, interval };
    link.want({ type: "subscribe", topics: ["kline"], of });
    if ((store.get().candles.get(key)?.length ?? 0) < 200) void link.candles(of, 0, PAGE);
    return () => {
      if (interval !== "1m") link.want({ type: "unsubscribe", topics: ["kline"], of });
    };
  }, [open, exchange, symbol, interval, key]);
  return usePicture((picture) => picture.candles.get(key)) ?? NONE;
}

export function ChartPanel(): ReactNode {
  const { exchange, symbol, interval, instrument, bot, botId } = useChosen();
  const intervals = usePicture((picture) => picture.hello?.intervals) ?? ["1m"];
  const { hiddenLayers } = useChoices();
  const [tab, setTab] = useState<"Chart" | "Data">("Chart");
  const candles = useSeries(exchange, symbol, interval);
  const now = useNow();
  const age = ageOf(store.get(), ["BOOK", "CANDLES"], symbol, now);
  const orders = usePicture((picture) => picture.orders);
  const name = instrument?.name ?? symbol;
  const symbols = useMemo(() => [symbol, name], [symbol, name]);
  const own = useMemo(
    () =>
      [...orders.values()].filter(
        (order) => symbols.includes(order.symbol) && (order.bot === botId || order.foreign || botId === ""),
      ),
    [orders, symbols, botId],
  );
  const toggle = (layer: string): void =>
    choose({
      hiddenLayers: hiddenLayers.includes(layer)
        ? hiddenLayers.filter((each) => each !== layer)
        : [...hiddenLayers, layer],
    });
  const aside = (
    <>
      <details className="layers">
        <summary>layers</summary>
        <div>
          {LAYERS.map((layer) => (
            <label key={layer}>
              <input type="checkbox" checked={!hiddenLayers.includes(layer)} onChange={() => toggle(layer)} />
              {layer}
            </label>
          ))}
        </div>
      </details>
      <label>
        <span className="unseen">interval</span>
        <select id="interval" value={interval} onChange={(event) => go({ interval: event.target.value }, true)}>
          {intervals.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <Segments label="show as" choices={["Chart", "Data"]} value={tab} onChange={setTab} />
    </>
  );
  const title = symbol === "" ? "Chart" : `Chart ${symbol}`;
  return (
    <Panel title={title} className="chart-panel" aside={aside} age={age}>
      {candles.length === 0 ? (
        <Loading source={`candles of ${symbol || "an instrument"}`} lines={9} />
      ) : tab === "Chart" ? (
        <Canvas
          candles={candles}
          seriesKey={candleKey({ exchange, symbol, interval })}
          digits={digitsOf(instrument?.tick ?? candles.at(-1)?.close ?? "0.01")}
          orders={own}
          symbols={symbols}
          of={{ exchange, symbol, interval }}
          bot={bot}
          botId={botId}
        />
      ) : (
        <ChartData candles={candles} orders={own} title={`${symbol}, ${interval}`} />
      )}
    </Panel>
  );
}

interface CanvasProps {
  readonly candles: readonly ClassicKline[];
  readonly seriesKey: string;
  readonly digits: number;
  readonly orders: Parameters<typeof orderLines>[0] extends Iterable<infer T> ? readonly T[] : never;
  readonly symbols: readonly string[];
  readonly of: { readonly exchange: string; readonly symbol: string; readonly interval: string };
  readonly bot: Bot | undefined;
  readonly botId: string;
}

function Canvas({ candles, seriesKey, digits, orders, symbols, of, bot, botId }: CanvasProps): ReactNode {
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
    view.current?.setFills(hiddenLayers.includes("fills") ? [] : fillMarks(own, times, ""));
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
