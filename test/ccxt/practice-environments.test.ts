// Practice environments of the exchanges: the addresses and headers that keep play money from being real money.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../src/base/virtual-clock.ts";
import { CcxtInstance } from "../../src/exchange/ccxt/ccxt-instance.ts";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { recordOf } from "../../src/exchange/ccxt/raw.ts";
import { Redactor } from "../../src/exchange/ccxt/redact.ts";
import { streamTableOf } from "../../src/exchange/ccxt/streams/ccxt-streams.ts";
import { TransportError } from "../../src/exchange/ccxt/transport.ts";
import { KEYS, NOW_MS } from "./exchange-stage.ts";

type Row = readonly [exchange: string, host: RegExp, header: string | null, socket: RegExp, call: string];

const ROWS: readonly Row[] = [
  ["okx", /^www\.okx\.com$/, "x-simulated-trading", /wspap\.okx\.com/, "privateGetAccountConfig"],
  ["bybit", /^api-demo\.bybit\.com$/, null, /stream-demo\.bybit\.com/, "privateGetV5AccountInfo"],
  ["gate", /test/, null, /test/, "privateAccountGetDetail"],
  ["bitget", /^api\.bitget\.com$/, "PAPTRADING", /wspap\.bitget\.com/, "privateSpotGetV2SpotAccountInfo"],
];

for (const [exchange, host, header, socket, method] of ROWS) {
  test(`EXCH-38 ${exchange}: the practice environment is another address, or says so in a header`, async (context) => {
    const { table } = tableOf(exchange, "perpetual");
    const sent: { readonly url: URL; readonly headers: Readonly<Record<string, string>> }[] = [];
    const instance = await CcxtInstance.open({
      table,
      credentials: KEYS,
      environment: "demo",
      urls: null,
      clock: new VirtualClock(NOW_MS),
      gate: { pass: () => Promise.resolve(), replied: () => undefined },
      transport: {
        send: ({ url, headers }) => {
          sent.push({ url: new URL(url), headers });
          return Promise.reject(new TransportError("CLOSED", "nothing is sent"));
        },
        close: () => undefined,
      },
      redactor: new Redactor(),
    });
    context.after(() => instance.close());
    const wish = { priority: 1, waitUntilMs: NOW_MS + 1000, deadlineMs: NOW_MS + 1000, expiresAtMs: null } as const;
    await instance.call({ method, args: [] }, wish);
    const [first] = sent;
    assert.ok(first);
    assert.match(first.url.hostname, host);
    if (header !== null) assert.equal(recordOf(first.headers)[header], "1");
    const plan = await streamTableOf(table)?.own?.plan(instance, 1, wish);
    const url = plan?.ok === true ? plan.value.url : String(streamTableOf(table)?.publicUrl(instance, "public", 1));
    assert.match(url, socket);
  });
}
