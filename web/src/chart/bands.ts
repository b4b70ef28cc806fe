// Drawn behind the candles: the grid window as a shaded band of prices, gate periods as bands of time, and, when there
// are too many order lines, their ticks at the price axis (UI-09).

import type {
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  PrimitivePaneViewZOrder,
  SeriesAttachedParameter,
  Time,
  UTCTimestamp,
} from "lightweight-charts";

export interface Bands {
  readonly window: { readonly low: number; readonly high: number } | null;
  readonly windowColour: string;
  /** Starts of shut gates that last until now, seconds. */
  readonly gateFrom: number | null;
  readonly gateColour: string;
  readonly ticks: readonly { readonly price: number; readonly colour: string }[];
  /** Words at the right end of lines, most important first: one that has no room is left out. */
  readonly labels: readonly { readonly price: number; readonly colour: string; readonly text: string }[];
  readonly ground: string;
}

const LABEL_PX = 13;
/** Below this width the price axis alone tells the price. */
const NARROW_PX = 480;
const LABEL_FONT = "10.5px ui-sans-serif, system-ui, sans-serif";

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

export class BandPrimitive implements ISeriesPrimitive<Time> {
  #bands: Bands = { window: null, windowColour: "", gateFrom: null, gateColour: "", ticks: [], labels: [], ground: "" };
  #chart: IChartApi | null = null;
  #series: ISeriesApi<"Candlestick"> | null = null;
  #update: (() => void) | null = null;
  readonly #views: readonly IPrimitivePaneView[] = [
    {
      zOrder: (): PrimitivePaneViewZOrder => "bottom",
      renderer: () => ({ draw: (target: Target) => this.#draw(target) }),
    },
    {
      zOrder: (): PrimitivePaneViewZOrder => "top",
      renderer: () => ({ draw: (target: Target) => this.#label(target) }),
    },
  ];

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter<Time>): void {
    this.#chart = chart as IChartApi;
    this.#series = series as ISeriesApi<"Candlestick">;
    this.#update = requestUpdate;
  }

  detached(): void {
    this.#chart = null;
    this.#series = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  show(bands: Bands): void {
    this.#bands = bands;
    this.#update?.();
  }

  /** Text just above its line, never over another's. */
  #label(target: Target): void {
    const series = this.#series;
    if (series === null) return;
    // biome-ignore lint/correctness/useHookAtTopLevel: no React hook; the chart library names it so
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const taken: number[] = [];
      context.font = LABEL_FONT;
      context.textAlign = "right";
      context.textBaseline = "middle";
      const narrow = mediaSize.width < NARROW_PX;
      for (const { price, colour, text: whole } of this.#bands.labels) {
        const text = narrow ? whole.replace(/ @ [\d,.]+/, "") : whole;
        const y = series.priceToCoordinate(price);
        if (y === null || y < LABEL_PX || y > mediaSize.height - LABEL_PX) continue;
        if (taken.some((other) => Math.abs(other - y) < LABEL_PX)) continue;
        taken.push(y);
        const width = context.measureText(text).width;
        context.fillStyle = this.#bands.ground;
        context.fillRect(mediaSize.width - width - 12, y - LABEL_PX / 2, width + 8, LABEL_PX);
        context.fillStyle = colour;
        context.fillText(text, mediaSize.width - 8, y + 0.5);
      }
    });
  }

  #draw(target: Target): void {
    const [chart, series] = [this.#chart, this.#series];
    if (chart === null || series === null) return;
    // biome-ignore lint/correctness/useHookAtTopLevel: no React hook; the chart library names it so
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      const { window, windowColour, gateFrom, gateColour, ticks } = this.#bands;
      if (gateFrom !== null) {
        const left = chart.timeScale().timeToCoordinate(gateFrom as UTCTimestamp) ?? 0;
        context.fillStyle = gateColour;
        context.fillRect(left, 0, mediaSize.width - left, mediaSize.height);
      }
      if (window !== null) {
        const [top, bottom] = [series.priceToCoordinate(window.high), series.priceToCoordinate(window.low)];
        if (top !== null && bottom !== null) {
          context.fillStyle = windowColour;
          context.fillRect(0, top, mediaSize.width, bottom - top);
        }
      }
      for (const tick of ticks) {
        const y = series.priceToCoordinate(tick.price);
        if (y === null) continue;
        context.fillStyle = tick.colour;
        context.fillRect(mediaSize.width - 14, y, 14, 1);
      }
    });
  }
}
