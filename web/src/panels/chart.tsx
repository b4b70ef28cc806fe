// Chart panel: candles with the bot's orders, fills and grid on them; the same content as text under Data (UI-09).

import { type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import type { ClassicKline } from "../../../src/live/messages.ts";
import { choose, useChoices } from "../choices.ts";
import { useChosen } from "../chosen.ts";
import { digitsOf } from "../money/exact.ts";
import { later } from "../parts/later.ts";
import { Loading, Panel } from "../parts/panel.tsx";
import { Segments } from "../parts/segments.tsx";
import { ageOf } from "../picture/freshness.ts";
import { candleKey } from "../picture/picture.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { go } from "../place.ts";
import { link } from "../wire/link.ts";
import { ChartData } from "./chart-data.tsx";

const Canvas = later(async () => (await import("./chart-canvas.tsx")).Canvas);

const NONE: readonly ClassicKline[] = [];
const LAYERS = ["orders", "fills", "window", "lines", "gates"] as const;
const PAGE = 500;

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
        (order) =>
          order.exchange === exchange &&
          symbols.includes(order.symbol) &&
          (order.bot === botId || order.foreign || botId === ""),
      ),
    [orders, exchange, symbols, botId],
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
        <Suspense fallback={<Loading source="the chart" lines={9} />}>
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
        </Suspense>
      ) : (
        <ChartData candles={candles} orders={own} title={`${symbol}, ${interval}`} />
      )}
    </Panel>
  );
}
