// A real exchange behind a connector, through ccxt: keys from the configuration, one process a key, and the exchange's
// own time.

import { PacedClock } from "../../base/paced-clock.ts";
import type { Result } from "../../base/result.ts";
import { type ConfigProblem, renderProblems } from "../../config/problem.ts";
import type { ConnectorConfig } from "../../config/process/shapes.ts";
import { type CcxtCredentials, type CcxtPortOptions, openCcxtPort } from "../../exchange/ccxt/ccxt-port.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { Exchange } from "./exchange.ts";
import { KeyLocks } from "./key-lock.ts";
import { recordOptions } from "./recording.ts";

/** Reads the configuration again, with the secrets it names. */
export type ReadConnector = () => Result<ConnectorConfig, readonly ConfigProblem[]>;

export type RealConnector = Extract<ConnectorConfig, { readonly simulated: null }>;

/** What a connector asks of an exchange, by its configuration; `doctor` asks for the same. */
export function portOptions({ real, environment }: RealConnector): Omit<CcxtPortOptions, "clock" | "log"> {
  const { exchange, market, symbols, credentials, endpoints, exclusive, allowWithdrawKeys } = real;
  return {
    exchange,
    market,
    symbols,
    credentials: credentials === null ? null : revealed(credentials),
    environment: environment === "testnet" ? "demo" : environment,
    endpoints,
    expect: { leverage: real.leverage, marginMode: real.marginMode },
    exclusive,
    allowWithdrawKeys,
  };
}

/** Errors: CommandError 8 where another connector of this machine uses the key, and those of {@link openCcxtPort}. */
export async function openReal(config: RealConnector, read: ReadConnector, frame: ProcessFrame): Promise<Exchange> {
  const { log, owners } = frame;
  const { real, environment } = config;
  const { exchange, market, symbols, credentials } = real;
  const locks = new KeyLocks(config);
  if (credentials !== null) locks.take(credentials.apiKey);
  owners.add("key", () => locks.release());
  // a clock nobody can set back; how far it is from the exchange's is measured
  const clock = new PacedClock(MONOTONIC_CLOCK, Date.now(), 1);
  const stopped = new AbortController();
  void frame.stop.asked.then(() => stopped.abort());
  const port = await openCcxtPort({
    ...portOptions(config),
    signal: stopped.signal,
    record: recordOptions(config, frame),
    credentialsAgain: async () => {
      const keys = keysAgain(read);
      log.conceal(secretsOf(keys));
      locks.take(keys.apiKey);
      return revealed(keys);
    },
    clock,
    log,
  });
  const where = environment === "live" ? "live money" : environment;
  const words = `${exchange} ${market}, ${where}${credentials === null ? ", market data only" : ""}`;
  log.info(words, { code: "exchange" });
  const clockOffsetMs = (): number | null => port.clockOffset()?.offsetMs ?? null;
  const about = { name: exchange, symbols, ratePpm: 1_000_000, words } as const;
  return { ...about, port, clock, clockOffsetMs, ended: () => false, held: null };
}

type Keys = NonNullable<RealConnector["real"]["credentials"]>;

const revealed = ({ apiKey, secret, passphrase }: Keys): CcxtCredentials => ({
  apiKey: apiKey.reveal(),
  secret: secret.reveal(),
  passphrase: passphrase?.reveal() ?? null,
});

/** Keys from where the configuration says they are, read now (EXCH-52). Errors say what is wrong with the file. */
function keysAgain(read: ReadConnector): Keys {
  const loaded = read();
  if (!loaded.ok) throw new Error(renderProblems(loaded.error));
  const credentials = loaded.value.real?.credentials ?? null;
  if (credentials === null) throw new Error("the configuration names no keys any more; give credentials");
  return credentials;
}

const secretsOf = ({ apiKey, secret, passphrase }: Keys): readonly string[] =>
  [apiKey, secret, passphrase].flatMap((each) => each?.reveal() ?? []);
