// Values of a connector's file → its configuration.

import type { ConnectorValues } from "./connector-schema.ts";
import type { Judging } from "./judging.ts";
import { grpcConfig, serverTls } from "./listeners.ts";
import type { ConfigOrigin, ConnectorConfig } from "./shapes.ts";
import { simulatedExchangeConfig } from "./simulated-exchange.ts";

/** Null when the exchange cannot be made; every problem was said. */
export function judgeConnector(
  values: ConnectorValues,
  judging: Judging,
): Omit<ConnectorConfig, keyof ConfigOrigin> | null {
  if (values.exchange !== "simulated") {
    judging.say("exchange", `${values.exchange} comes with a later release; give simulated`);
  }
  if (values.environment !== "emulator") {
    judging.say("environment", `${values.environment} is not allowed with a simulated exchange; give emulator`);
  }
  const tls = serverTls(values.tls, judging);
  const grpc = grpcConfig(values.grpc, tls, judging);
  const simulated = simulatedExchangeConfig(values.simulated, judging);
  if (simulated === null) return null;
  const { environment, account, store, http, log } = values;
  return { exchange: "simulated", environment, account, simulated, store, grpc, tls, http, log };
}
