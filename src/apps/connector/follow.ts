// The public market of a real exchange, opened without keys for a paper exchange to follow.

import { PacedClock } from "../../base/paced-clock.ts";
import type { FollowedExchangeConfig } from "../../config/process/exchange-shapes.ts";
import { openCcxtPort, type RecordOptions } from "../../exchange/ccxt/ccxt-port.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Log } from "../../observe/log.ts";

export interface Followed {
  readonly port: ExchangePort;
  readonly instruments: readonly Instrument[];
}

/** Errors: those of {@link openCcxtPort}, UNREACHABLE where there is no network. */
export async function openFollowed(
  follow: FollowedExchangeConfig,
  { log, record }: { readonly log: Log; readonly record: RecordOptions | null },
): Promise<Followed> {
  const { exchange, market, symbols, endpoints } = follow;
  const port = await openCcxtPort({
    exchange,
    market,
    symbols,
    credentials: null,
    environment: endpoints === null ? "live" : "emulator",
    endpoints,
    record,
    clock: new PacedClock(MONOTONIC_CLOCK, Date.now(), 1),
    log,
  });
  try {
    const told = await Promise.all(symbols.map((symbol) => instrumentOf(port, symbol)));
    const leverage = market === "spot" ? 1 : follow.leverage;
    return { port, instruments: told.map((instrument) => ({ ...instrument, leverage })) };
  } catch (error) {
    port.close();
    throw error;
  }
}

function instrumentOf(port: ExchangePort, symbol: string): Promise<Instrument> {
  return new Promise((resolve, reject) => {
    port.instrument(symbol, (result) => {
      if (result.result === "ok") resolve(result.instrument);
      else reject(new Error(`${port.name} does not describe ${symbol}: ${result.text}; is it traded there?`));
    });
  });
}
