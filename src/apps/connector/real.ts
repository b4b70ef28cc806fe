// A real exchange behind a connector, through ccxt: keys from the configuration, one process a key, and the exchange's
// own time.

import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { PacedClock } from "../../base/paced-clock.ts";
import type { Result } from "../../base/result.ts";
import { type ConfigProblem, renderProblems } from "../../config/problem.ts";
import type { ConnectorConfig } from "../../config/process/shapes.ts";
import { type CcxtCredentials, openCcxtPort } from "../../exchange/ccxt/ccxt-port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { JournalLock } from "../../journal/lock.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { Exchange } from "./exchange.ts";

/** Reads the configuration again, with the secrets it names. */
export type ReadConnector = () => Result<ConnectorConfig, readonly ConfigProblem[]>;

type RealConnector = Extract<ConnectorConfig, { readonly simulated: null }>;

/** Errors: LOCK_HELD where another connector of this machine uses the key, and those of {@link openCcxtPort}. */
export async function openReal(
  { real, environment }: RealConnector,
  read: ReadConnector,
  frame: ProcessFrame,
): Promise<Exchange> {
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
    credentials: credentials === null ? null : revealed(credentials),
    credentialsAgain: async () => keysAgain(read),
    environment: environment === "testnet" ? "demo" : environment,
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

type Keys = NonNullable<RealConnector["real"]["credentials"]>;

const revealed = ({ apiKey, secret, passphrase }: Keys): CcxtCredentials => ({
  apiKey: apiKey.reveal(),
  secret: secret.reveal(),
  passphrase: passphrase?.reveal() ?? null,
});

/** Keys from where the configuration says they are, read now (EXCH-52). Errors say what is wrong with the file. */
function keysAgain(read: ReadConnector): CcxtCredentials {
  const loaded = read();
  if (!loaded.ok) throw new Error(renderProblems(loaded.error));
  const credentials = loaded.value.real?.credentials ?? null;
  if (credentials === null) throw new Error("the configuration names no keys any more; give credentials");
  return revealed(credentials);
}
