// The keys of a connector's file that name a real exchange, or the emulator that speaks like one → its configuration.
// Secrets come from the environment or from files, never from the file itself (EXCH-52), but for an emulator's.

import type { ConnectorValues } from "./connector-schema.ts";
import type { RealExchangeConfig } from "./exchange-shapes.ts";
import type { Judging } from "./judging.ts";

/** Null when something essential is missing; every problem was said. */
export function realExchangeConfig(values: ConnectorValues, judging: Judging): RealExchangeConfig | null {
  const { exchange, market, account, environment } = values;
  const id = idOf(values, judging);
  const endpoints = values.endpoints ?? null;
  if (environment === "emulator" && endpoints === null) {
    judging.say("endpoints", `nothing is not allowed with ${exchange} in an emulator; say where it listens`);
  }
  if (environment === "live" && endpoints !== null) {
    judging.say("endpoints", "an address of one's own is not allowed with live money; give emulator or testnet");
  }
  const credentials = credentialsOf(values, judging);
  if (id === null) return null;
  return {
    exchange: id,
    market,
    symbols: symbolsOf(values, judging),
    credentials,
    endpoints,
    exclusive: account.exclusive,
    allowWithdrawKeys: account.allowWithdrawKeys,
    leverage: account.leverage ?? null,
    marginMode: account.marginMode ?? null,
  };
}

function idOf({ exchange, ccxtId }: ConnectorValues, judging: Judging): string | null {
  if (exchange !== "ccxt") {
    if (ccxtId !== undefined) judging.say("ccxtId", `is for exchange: ccxt; ${exchange} says it all`);
    return exchange;
  }
  if (ccxtId === undefined)
    judging.say("ccxtId", "nothing is not allowed with exchange: ccxt; name one of ccxt's list");
  return ccxtId ?? null;
}

function symbolsOf({ instruments, market }: ConnectorValues, judging: Judging): readonly string[] {
  if (instruments.length === 0) judging.say("instruments", "nothing is not allowed here; list what bots may trade");
  for (const [index, symbol] of instruments.entries()) {
    const kind = symbol.includes(":") ? "perpetual" : "spot";
    const at = `instruments.${index}`;
    if (kind !== market) judging.say(at, `${symbol} is a ${kind} instrument, and market is ${market}`);
    if (instruments.indexOf(symbol) !== index) judging.say(at, `${symbol} is given twice; list each instrument once`);
  }
  return [...new Set(instruments)];
}

function credentialsOf(
  { credentials, environment }: ConnectorValues,
  judging: Judging,
): RealExchangeConfig["credentials"] {
  if (credentials === undefined) return null;
  for (const name of ["apiKey", "secret", "passphrase"] as const) {
    if (typeof credentials[name] !== "string" || environment === "emulator") continue;
    judging.say(`credentials.${name}`, "a key in the file itself is not allowed; give { env: NAME } or { file: PATH }");
    return null;
  }
  const apiKey = judging.secret("credentials.apiKey", credentials.apiKey);
  const secret = judging.secret("credentials.secret", credentials.secret);
  const passphrase = judging.secret("credentials.passphrase", credentials.passphrase);
  if (credentials.apiKey === undefined) judging.say("credentials.apiKey", "is missing; give { env: NAME }");
  if (credentials.secret === undefined) judging.say("credentials.secret", "is missing; give { env: NAME }");
  return apiKey === null || secret === null ? null : { apiKey, secret, passphrase };
}
