// A real exchange behind a connector, through ccxt: keys from the configuration, one process a key, and the exchange's
// own time.

import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { PacedClock } from "../../base/paced-clock.ts";
import type { ConnectorConfig } from "../../config/process/shapes.ts";
import { openCcxtPort } from "../../exchange/ccxt/ccxt-port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { JournalLock } from "../../journal/lock.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { Exchange } from "./exchange.ts";

type RealConnector = Extract<ConnectorConfig, { readonly simulated: null }>;

/** Errors: LOCK_HELD where another connector of this machine uses the key, and those of {@link openCcxtPort}. */
export async function openReal({ real, environment }: RealConnector, frame: ProcessFrame): Promise<Exchange> {
  const { log, owners } = frame;
  const { exchange, market, symbols, credentials, endpoints, exclusive, allowWithdrawKeys } = real;
  if (credentials !== null) {
    // two connectors of one key would spend one budget twice, and fence each other's bots (EXCH-50)
    const holder = { host: hostname(), pid: process.pid, sinceMs: Date.now() };
    const folder = join(tmpdir(), "opensqt-keys", credentials.apiKey.sha256().slice(0, 32));
    const lock = new JournalLock(folder, `API key of ${exchange}`, holder);
    owners.add("key", () => lock.release());
  }
  // a clock nobody can set back; how far it is from the exchange's is measured
  const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
  const port = await openCcxtPort({
    exchange,
    market,
    symbols,
    credentials:
      credentials === null
        ? null
        : {
            apiKey: credentials.apiKey.reveal(),
            secret: credentials.secret.reveal(),
            passphrase: credentials.passphrase?.reveal() ?? null,
          },
    environment,
    endpoints,
    expect: { leverage: real.leverage, marginMode: real.marginMode },
    exclusive,
    allowWithdrawKeys,
    clock,
    log,
  });
  const where = environment === "live" ? "live money" : environment;
  const words = `${exchange} ${market}, ${where}${credentials === null ? ", market data only" : ""}`;
  log.info(words, { code: "exchange" });
  return { name: exchange, port, symbols, clock, ratePpm: 1_000_000, words, ended: () => false, held: null };
}
