// What a client of each kind needs to be told so that it finds the emulator: the lines `opensqt emulator` prints.

import type { AccountSpec } from "../../exchange/emulator/accounts.ts";
import type { ProtocolName } from "../../exchange/emulator/protocol.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What each client is told, without the keys, which are the same for all. Traps stand in docs/emulator.md. */
export function clientLines(protocol: ProtocolName, { host, port }: Endpoint): readonly string[] {
  const at = `${host}:${port}`;
  const perpetual = protocol === "binance-usdm";
  const [client, stream, api] = perpetual
    ? ["USDMClient", "urls.api.ws.future = ", "ws-fapi/v1"]
    : ["MainClient", "urls.api.ws.spot = ", "ws-api/v3"];
  const [rest, socket] = perpetual
    ? [`PERPETUAL_BASE_URL = "http://${at}/fapi/"`, `PERPETUAL_WS_URL = "ws://${at}/"`]
    : [`REST_URL = "http://${at}/api/"`, `WSS_URL = "ws://${at}/ws"`];
  return [
    `ccxt          every host in urls.api: http://${at}; ${stream}ws://${at}${perpetual ? "/ws" : "/stream/ws"}`,
    `binance       new ${client}({ baseUrl: "http://${at}", disableTimeSync: true }); wsUrl: "ws://${at}"`,
    `official SDK  basePath: "http://${at}"; wsURL of streams "ws://${at}", of the API "ws://${at}/${api}"`,
    `Freqtrade     ccxt_config and ccxt_async_config: { "urls": { "api": … } }, as for ccxt`,
    `Hummingbot    ${rest}, ${socket}`,
  ];
}

/** Keys as a client wants them. Everything here is play money on this machine. */
export const accountLine = ({ name, apiKey, secret }: AccountSpec): string =>
  `account ${name}: key ${apiKey ?? `${name}-key`}, secret ${secret ?? `${name}-secret`}`;
