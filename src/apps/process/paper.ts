// The simulated exchange of a configuration, opened: by the connector, and by a market-maker that has it in itself.

import type { Clock } from "../../base/clock.ts";
import type { SimulatedExchangeConfig } from "../../config/process/exchange-shapes.ts";
import { openPaperExchange, type PaperExchange } from "../../exchange/paper-exchange.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Log } from "../../observe/log.ts";

export interface PaperOptions {
  readonly config: SimulatedExchangeConfig;
  /** Every market keeps itself in a folder of its own below. */
  readonly folder: string;
  readonly log: Log;
  /** The exchange's memory could not be written; called once. */
  readonly onLost: (error: unknown) => void;
  /** What the market is paced by; the machine's own unless given. */
  readonly machine?: Clock;
  /** A real exchange whose market is followed, and its instruments. */
  readonly followed?: { readonly port: ExchangePort; readonly instruments: readonly Instrument[] };
}

const LOADING_EVERY_MS = 2_000;

/** Errors: DataError, PaperExchangeError, JournalError LOCK_HELD. */
export async function openPaper({
  config,
  folder,
  log,
  onLost,
  machine = MONOTONIC_CLOCK,
  followed,
}: PaperOptions): Promise<PaperExchange> {
  const [first] = config.instruments;
  let toldMs = performance.now();
  const paper = await openPaperExchange({
    dataDir: folder,
    instruments: followed?.instruments.map((instrument) => ({ instrument, startPrice: null })) ?? config.instruments,
    ...(followed === undefined ? {} : { follow: followed.port }),
    data: first?.data ?? null,
    seed: config.seed,
    speed: config.speed,
    balances: config.balances,
    margin: config.margin,
    fees: first?.fees ?? null,
    latency: config.latency,
    fill: config.fill,
    machine,
    unixMs: () => Date.now(),
    onLost,
    onProgress: ({ bytesDone, bytesTotal }) => {
      if (performance.now() - toldMs < LOADING_EVERY_MS) return;
      toldMs = performance.now();
      log.info(`loading the recording: ${Math.floor((100 * bytesDone) / Math.max(1, bytesTotal))} %`, {
        code: "loading",
      });
    },
  });
  log.info(`simulated exchange: ${paper.words}`, { code: "exchange", folder: paper.folder });
  return paper;
}
