// The chart as an object: lightweight-charts with candles, volume, order lines, fill arrows and bands. It is told what
// to show and tells what was clicked; it reads nothing by itself. Floats here are pixels' worth of prices only.

import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineStyle,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { ClassicKline } from "../../../src/live/messages.ts";
import { forDrawing } from "../money/exact.ts";
import { clock, dayAndTime } from "../money/show.ts";
import { BandPrimitive, type Bands } from "./bands.ts";
import { type ChartColours, faded } from "./colours.ts";
import { type FillMark, type GridLine, LINES_MAX, type OrderLine } from "./marks.ts";

export interface ChartEvents {
  /** The index of the candle under the crosshair, null outside. */
  readonly onHover: (index: number | null) => void;
  readonly onWhy: (id: string) => void;
  readonly onOldest: () => void;
}

const OLDER_AT_BARS = 20;
const CLICK_PX = 6;
/** Room at the right, in bars, where the lines' words stand clear of the candles. */
const RIGHT_BARS = 22;
const BAR_PX = 8;
const BARS_MAX = 240;

const bar = (candle: ClassicKline): { time: UTCTimestamp; open: number; high: number; low: number; close: number } => ({
  time: candle.time as UTCTimestamp,
  open: forDrawing(candle.open),
  high: forDrawing(candle.high),
  low: forDrawing(candle.low),
  close: forDrawing(candle.close),
});

export class ChartView {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  readonly #markers: ISeriesMarkersPluginApi<Time>;
  readonly #bands = new BandPrimitive();
  readonly #events: ChartEvents;
  #lines = new Map<string, { readonly line: IPriceLine; readonly text: string }>();
  #orders: readonly OrderLine[] = [];
  #shown: readonly ClassicKline[] = [];
  #key = "";
  #cursor = -1;
  #colours: ChartColours;

  constructor(element: HTMLElement, colours: ChartColours, events: ChartEvents) {
    this.#events = events;
    this.#colours = colours;
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontSize: 11 },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.18 } },
      timeScale: { borderVisible: false, timeVisible: true, rightOffset: RIGHT_BARS, minBarSpacing: 1.5 },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      borderVisible: false,
      priceLineStyle: LineStyle.Dotted,
    });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    this.#candles.attachPrimitive(this.#bands);
    this.#markers = createSeriesMarkers(this.#candles, []);
    this.#listen();
    this.paint(colours, false);
  }

  close(): void {
    this.#chart.remove();
  }

  /** Takes the theme's colours and the clock. */
  paint(colours: ChartColours, utc: boolean): void {
    this.#colours = colours;
    this.#chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: colours.ground }, textColor: colours.dim },
      grid: { vertLines: { color: faded(colours.line, 45) }, horzLines: { color: faded(colours.line, 45) } },
      crosshair: {
        vertLine: { color: colours.dim, labelBackgroundColor: colours.dim },
        horzLine: { color: colours.dim, labelBackgroundColor: colours.dim },
      },
      localization: { timeFormatter: (time: Time) => dayAndTime(Number(time) * 1000, utc) },
      timeScale: {
        tickMarkFormatter: (time: Time, type: number) =>
          type < 3 ? dayAndTime(Number(time) * 1000, utc).slice(0, 5) : clock(Number(time) * 1000, utc).slice(0, 5),
      },
    });
    this.#candles.applyOptions({
      upColor: colours.ground,
      downColor: colours.down,
      borderVisible: true,
      borderUpColor: colours.up,
      borderDownColor: colours.down,
      wickUpColor: colours.up,
      wickDownColor: colours.down,
      priceLineColor: colours.dim,
    });
    for (const { line } of this.#lines.values()) this.#candles.removePriceLine(line);
    this.#lines = new Map();
    const all = this.#shown;
    this.#shown = [];
    this.setCandles(this.#key, all, null);
  }

  /** Candles of the series named by `key`, oldest first; only what changed is redrawn. */
  setCandles(key: string, candles: readonly ClassicKline[], digits: number | null): void {
    if (digits !== null)
      this.#candles.applyOptions({ priceFormat: { type: "price", precision: digits, minMove: 10 ** -digits } });
    const from = key === this.#key ? this.#changedFrom(candles) : 0;
    // the chart takes its last bar anew and those after it; what changed before that is drawn whole
    const drawn = this.#shown.at(-1)?.time ?? Number.POSITIVE_INFINITY;
    const isTail = from > 0 && (candles[from]?.time ?? drawn) >= drawn;
    if (isTail) for (const candle of candles.slice(from)) this.#draw(candle);
    else {
      this.#candles.setData(candles.map(bar));
      this.#volume.setData(candles.map((candle) => this.#volumeBar(candle)));
    }
    const other = key !== this.#key;
    this.#key = key;
    this.#shown = candles;
    if (other) this.fit();
  }

  /** Order lines and the grid's own; above 60 orders only ticks remain (UI-09). */
  setLines(orders: readonly OrderLine[], grid: readonly GridLine[]): void {
    this.#orders = orders;
    const wanted = new Map<string, { price: number; title: string; color: string; dashed: boolean }>();
    const { buy, sell, accent, dim } = this.#colours;
    if (orders.length <= LINES_MAX) {
      for (const order of orders) {
        const color = order.side === "BUY" ? buy : sell;
        wanted.set(order.id, { price: order.price, title: order.title, color, dashed: true });
      }
    }
    for (const line of grid) {
      const color = line.name === "average entry" ? accent : dim;
      wanted.set(`grid ${line.name}`, { price: line.price, title: line.name, color, dashed: false });
    }
    for (const [id, { line }] of this.#lines) {
      if (wanted.has(id)) continue;
      this.#candles.removePriceLine(line);
      this.#lines.delete(id);
    }
    for (const [id, { price, title, color, dashed }] of wanted) {
      const text = `${price} ${title} ${color}`;
      const known = this.#lines.get(id);
      if (known?.text === text) continue;
      const options = {
        price,
        title: "",
        color,
        lineWidth: 1 as const,
        lineStyle: dashed ? LineStyle.Dashed : LineStyle.LargeDashed,
        axisLabelVisible: false,
      };
      if (known === undefined) this.#lines.set(id, { line: this.#candles.createPriceLine(options), text });
      else {
        known.line.applyOptions(options);
        this.#lines.set(id, { line: known.line, text });
      }
    }
  }

  setFills(marks: readonly FillMark[]): void {
    const { buy, sell } = this.#colours;
    this.#markers.setMarkers(
      marks.map((mark): SeriesMarker<Time> => {
        const text = mark.count > 1 ? { text: String(mark.count) } : {};
        const time = mark.time as UTCTimestamp;
        return mark.side === "BUY"
          ? { time, id: mark.id, position: "belowBar", shape: "arrowUp", color: buy, ...text }
          : { time, id: mark.id, position: "aboveBar", shape: "arrowDown", color: sell, ...text };
      }),
    );
  }

  setBands(bands: Bands): void {
    this.#bands.show(bands);
  }

  /** Moves the crosshair one candle; answers the index it stands on. */
  walk(step: number): number | null {
    const count = this.#shown.length;
    if (count === 0) return null;
    const from = this.#cursor < 0 ? (step < 0 ? count : count - 1) : this.#cursor;
    this.#cursor = Math.max(0, Math.min(count - 1, from + step));
    const candle = this.#shown[this.#cursor];
    if (candle === undefined) return null;
    this.#chart.setCrosshairPosition(forDrawing(candle.close), candle.time as UTCTimestamp, this.#candles);
    return this.#cursor;
  }

  zoom(factor: number): void {
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    const half = ((range.to - range.from) * factor) / 2;
    this.#chart.timeScale().setVisibleLogicalRange({ from: range.to - 2 * half, to: range.to });
  }

  /** The newest hundred and twenty candles. */
  fit(): void {
    const count = this.#shown.length;
    this.#chart.timeScale().setVisibleLogicalRange({ from: count - this.#bars(), to: count + this.#bars() * 0.2 });
    this.#chart.priceScale("right").applyOptions({ autoScale: true });
  }

  #bars(): number {
    const room = Math.min(BARS_MAX, Math.floor(this.#chart.timeScale().width() / BAR_PX));
    return Math.max(30, Math.min(room, this.#shown.length + 8));
  }

  /** The index of the first candle that is not the one drawn there. */
  #changedFrom(candles: readonly ClassicKline[]): number {
    const index = candles.findIndex((candle, at) => candle !== this.#shown[at]);
    // fewer than before are drawn whole
    if (index === -1) return candles.length < this.#shown.length ? 0 : candles.length;
    return index;
  }

  #draw(candle: ClassicKline): void {
    this.#candles.update(bar(candle));
    this.#volume.update(this.#volumeBar(candle));
  }

  #volumeBar(candle: ClassicKline): { time: UTCTimestamp; value: number; color: string } {
    const rose = forDrawing(candle.close) >= forDrawing(candle.open);
    const color = faded(rose ? this.#colours.up : this.#colours.down, 30);
    return { time: candle.time as UTCTimestamp, value: forDrawing(candle.volume), color };
  }

  #listen(): void {
    this.#chart.subscribeCrosshairMove((param) => {
      const at = param.time === undefined ? null : Number(param.time);
      const index = at === null ? -1 : this.#shown.findIndex((candle) => candle.time === at);
      this.#events.onHover(index === -1 ? null : index);
    });
    this.#chart.subscribeClick((param) => {
      if (typeof param.hoveredObjectId === "string") {
        this.#events.onWhy(param.hoveredObjectId);
        return;
      }
      const y = param.point?.y;
      if (y === undefined) return;
      const near = this.#orders
        .map((order) => ({ order, away: Math.abs((this.#candles.priceToCoordinate(order.price) ?? -99) - y) }))
        .filter(({ away }) => away <= CLICK_PX)
        .sort((a, b) => a.away - b.away)[0];
      if (near !== undefined) this.#events.onWhy(near.order.id);
    });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < OLDER_AT_BARS) this.#events.onOldest();
    });
  }
}
