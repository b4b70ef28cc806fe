// A subscriber of the order stream of the connector that speaks on demand (connector-child.ts): hears how late each
// fill came.

import { openRemoteConnection } from "../src/exchange/remote-connection.ts";
import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { BENCH_SYMBOL, type Hosts, wallMs } from "./connector-stage.ts";

export interface Subscription {
  /** Has one fill told to every subscriber; resolves when the connector has taken that. */
  speak(): Promise<void>;
  close(): Promise<void>;
}

export type Speaker = Pick<Hosts, "speaker" | "key">;

/** Ids of requests, each another. */
let asked = 0;

/** Resolves when the stream's first picture is complete; `heard` is told ms from the connector's port until here. */
export async function subscribe(hosts: Speaker, heard: (delayMs: number) => void): Promise<Subscription> {
  const { key, speaker: address } = hosts;
  const connection = await openRemoteConnection({ address, key, machine: MONOTONIC_CLOCK });
  const { client } = connection;
  const abort = new AbortController();
  const whole = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for await (const { update, meta } of client.subscribeOrders({}, { signal: abort.signal })) {
      if (meta?.kind === 2) whole.resolve();
      const said = update?.lastFill?.tradeId.split("@")[1];
      if (said !== undefined) heard(wallMs() - Number.parseFloat(said));
    }
  };
  read().catch(whole.reject);
  await whole.promise;
  return {
    speak: async () => {
      asked += 1;
      await client.cancelOrder({ symbol: BENCH_SYMBOL, clientOrderId: `burst1x${asked}` });
    },
    close: async () => {
      abort.abort();
      await connection.close();
    },
  };
}
