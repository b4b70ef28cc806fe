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
}

type Target = Parameters<IPrimitivePaneRenderer["draw"]>[0];

export class BandPrimitive implements ISeriesPrimitive<Time> {
  #bands: Bands = { window: null, windowColour: "", gateFrom: null, gateColour: "", ticks: [] };
  #chart: IChartApi | null = null;
  #series: ISeriesApi<"Candlestick"> | null = null;
  #update: (() => void) | null = null;
  readonly #views: readonly IPrimitivePaneView[] = [
    {
      zOrder: (): PrimitivePaneViewZOrder => "bottom",
      renderer: () => ({ draw: (target: Target) => this.#draw(target) }),
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
