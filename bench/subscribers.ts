// What nine more subscribers cost the first (TEST-38): how long a fill takes from the exchange port of a connector
// until a subscriber of its gRPC stream has it, with ten of them and with one.

import { openRemoteConnection, type RemoteConnection } from "../src/exchange/remote-connection.ts";
import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { BENCH_SYMBOL, type Hosts, openStage, wallMs } from "./connector-stage.ts";
import { type BenchOptions, median, p99, roundsOf } from "./rounds.ts";
import { detailOf, numberText, type Row } from "./row.ts";

const MANY = 10;
const MESSAGES = 1_000;
/** Within which each must have come. */
const PATIENCE_MS = 10_000;

export async function benchSubscribers(options: BenchOptions): Promise<readonly Row[]> {
  const stage = await openStage();
  try {
    const ratios: number[] = [];
    const seen = { many: [] as number[], one: [] as number[], manyMid: [] as number[], oneMid: [] as number[] };
    for (let round = -1; round < roundsOf(options); round += 1) {
      const many = await delaysOf(stage.hosts, MANY);
      const one = await delaysOf(stage.hosts, 1);
      if (round < 0) continue;
      ratios.push(p99(many) / p99(one));
      seen.many.push(p99(many));
      seen.one.push(p99(one));
      seen.manyMid.push(median(many));
      seen.oneMid.push(median(one));
    }
    const ms = (values: readonly number[]): string => `${numberText(median(values))} ms`;
    return [
      {
        bench: "subscribers",
        measure: `a fill from the connector's port to a gRPC subscriber, p99 with ${MANY} of them / with 1`,
        value: median(ratios),
        unit: "×",
        must: { most: 2 },
        want: null,
        detail: detailOf(
          `p99 ${ms(seen.many)} against ${ms(seen.one)}, p50 ${ms(seen.manyMid)} against ${ms(seen.oneMid)}`,
          `${MESSAGES} fills, one after the other; all subscribers in one process, which decodes each message for each`,
        ),
      },
    ];
  } finally {
    await stage.close();
  }
}

/** Delays of `MESSAGES` fills at each of so many subscribers, ms. Errors: one did not come. */
async function delaysOf(hosts: Hosts, subscribers: number): Promise<readonly number[]> {
  const connections = await Promise.all(Array.from({ length: subscribers }, () => dial(hosts)));
  const abort = new AbortController();
  const delaysMs: number[] = [];
  const heard = { wake: (): void => undefined };
  await Promise.all(
    connections.map((each) =>
      subscribed(each, abort.signal, (delayMs) => {
        delaysMs.push(delayMs);
        heard.wake();
      }),
    ),
  );
  const [speaker] = connections;
  for (let i = 1; i <= MESSAGES; i += 1) {
    const all = Promise.withResolvers<void>();
    const late = setTimeout(() => all.reject(new Error(`fill ${i} did not come to everyone`)), PATIENCE_MS);
    heard.wake = () => {
      if (delaysMs.length >= i * subscribers) all.resolve();
    };
    asked += 1;
    const cancelled = speaker?.client.cancelOrder({ symbol: BENCH_SYMBOL, clientOrderId: `burst1x${asked}` });
    await Promise.all([cancelled, all.promise]);
    clearTimeout(late);
  }
  abort.abort();
  await Promise.all(connections.map((connection) => connection.close()));
  return delaysMs;
}

/** Ids of requests, each another. */
let asked = 0;

const dial = (hosts: Hosts): Promise<RemoteConnection> =>
  openRemoteConnection({ address: hosts.speaker, key: hosts.key, machine: MONOTONIC_CLOCK });

/** Resolves when the stream's first picture is complete; `heard` is told how late each fill came. */
function subscribed(
  { client }: RemoteConnection,
  signal: AbortSignal,
  heard: (delayMs: number) => void,
): Promise<void> {
  const whole = Promise.withResolvers<void>();
  const read = async (): Promise<void> => {
    for await (const { update, meta } of client.subscribeOrders({}, { signal })) {
      if (meta?.kind === 2) whole.resolve();
      const said = update?.lastFill?.tradeId.split("@")[1];
      if (said !== undefined) heard(wallMs() - Number.parseFloat(said));
    }
  };
  read().catch(whole.reject);
  return whole.promise;
}
