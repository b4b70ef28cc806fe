// Values of a connector's file → its configuration.

import type { ConnectorValues } from "./connector-schema.ts";
import { alertsConfig } from "./judge-alerts.ts";
import type { Judging } from "./judging.ts";
import { grpcConfig, serverTls } from "./listeners.ts";
import { realExchangeConfig } from "./real-exchange.ts";
import type { ConnectorBody, ConnectorExchange } from "./shapes.ts";
import { simulatedExchangeConfig } from "./simulated-exchange.ts";

/** Null when the exchange cannot be made; every problem was said. */
export function judgeConnector(values: ConnectorValues, judging: Judging): ConnectorBody | null {
  const tls = serverTls(values.tls, judging);
  const grpc = grpcConfig(values.grpc, tls, judging);
  const alerts = alertsConfig(values.alerts, judging);
  const exchange = exchangeOf(values, judging);
  if (exchange === null) return null;
  const { environment, account, store, http, log } = values;
  const record = values.record ?? null;
  if (record !== null && exchange.real === null && exchange.simulated.follow === null) {
    judging.say("record", "is for real exchanges; a simulated market is the same again with the same seed");
  }
  return { ...exchange, environment, account: { name: account.name }, store, record, grpc, tls, http, alerts, log };
}

function exchangeOf(values: ConnectorValues, judging: Judging): ConnectorExchange | null {
  const { exchange, environment } = values;
  if (exchange !== "simulated") {
    const real = realExchangeConfig(values, judging);
    return real === null ? null : { exchange, simulated: null, real };
  }
  if (environment !== "emulator") {
    judging.say("environment", `${environment} is not allowed with a simulated exchange; give emulator`);
  }
  for (const key of ["credentials", "endpoints", "ccxtId"] as const) {
    if (values[key] !== undefined) judging.say(key, "is for real exchanges; leave it out, or give exchange: binance");
  }
  if (values.instruments.length > 0) {
    judging.say("instruments", "is for real exchanges; list those of the simulated one in simulated.instruments");
  }
  const simulated = simulatedExchangeConfig(values.simulated, judging);
  return simulated === null ? null : { exchange, simulated, real: null };
}
