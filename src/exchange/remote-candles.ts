// The closed candles of one instrument through a connector: each is told once, in order, and those that closed while
// the stream was lost are read.

import type { Instrument } from "../market/instrument.ts";
import type { Candle } from "../rpc/generated/opensqt/market_maker/v1/resources.ts";
import type { CandleEvent, CandleInterval } from "../trading/event.ts";
import type { Unstamped } from "./port.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { unavailable } from "./remote-outcomes.ts";
import { RemoteStream } from "./remote-stream.ts";
import { portCandle } from "./wire/market-view.ts";

export interface RemoteCandlesOptions {
  readonly connection: RemoteConnection;
  readonly symbol: string;
  readonly interval: CandleInterval;
  readonly instrument: () => Instrument | null;
  readonly onCandle: (candle: Unstamped<CandleEvent>) => void;
  readonly onState: (state: "stale" | "fresh", why: string) => void;
}

export class RemoteCandles {
  private readonly options: RemoteCandlesOptions;
  private readonly stream: { again(): void; close(): Promise<void> };
  private openAtMs = 0;
  private closed = false;

  constructor(options: RemoteCandlesOptions) {
    this.options = options;
    const { connection, symbol, interval, onState } = options;
    const request = { exchange: connection.exchange, symbols: [symbol], interval };
    this.stream = new RemoteStream({
      timers: connection.timers,
      open: (_token, signal) => connection.client.subscribeKlines(request, { signal }),
      onState,
      onWhole: (again) => {
        if (again) void this.readMissed();
      },
      onItem: ({ candle }) => this.hear(candle),
    });
  }

  /** As {@link RemoteStream.again}. */
  again(): void {
    this.stream.again();
  }

  close(): Promise<void> {
    this.closed = true;
    return this.stream.close();
  }

  private hear(candle: Candle | undefined): void {
    const instrument = this.options.instrument();
    const event = candle === undefined || instrument === null ? null : portCandle(candle, instrument);
    if (event === null || !event.closed || event.openAtMs <= this.openAtMs) return;
    this.openAtMs = event.openAtMs;
    this.options.onCandle(event);
  }

  private async readMissed(): Promise<void> {
    const { connection, symbol, interval } = this.options;
    if (this.openAtMs === 0) return;
    const request = { exchange: connection.exchange, symbol, interval, fromMs: this.openAtMs, limit: 1_500 };
    try {
      const { candles } = await connection.client.getHistoricalKlines(request);
      if (!this.closed) for (const candle of candles) this.hear(candle);
    } catch (error) {
      if (!this.closed) connection.log.warn("candles were not read", { why: unavailable(error).text });
    }
  }
}
