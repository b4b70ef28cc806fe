// A connector and a client that comes and goes, in a process of its own with `--expose-gc`: rounds of subscribing and
// leaving, and what is left after them. Run by streams.test.ts: `node --expose-gc rounds-child.ts ROUNDS`.

import { Heard, isEnd } from "../../src/exchange/connector/heard.fixture.ts";
import { openRpcClient } from "../../src/rpc/client.ts";
import { ExchangeServiceDefinition } from "../../src/rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RemoteStage } from "./exchange-remote.ts";
import { makeWorld, SYMBOL } from "./exchange-stage.ts";

/** Rounds before anything is measured: what is made once is made. */
const WARM_UP = 400;
/**
 * HTTP/2 cuts a connection whose streams are cancelled a thousand times in a burst: each of these is another caller.
 */
const ROUNDS_A_CALLER = 200;

const [count = "1000"] = process.argv.slice(2);
const world = makeWorld();
const stage = await RemoteStage.open(world);
const market = world.exchange.market(SYMBOL);

async function rounds(count: number): Promise<void> {
  for (let done = 0; done < count; done += ROUNDS_A_CALLER) {
    const caller = openRpcClient({ address: stage.server.address, key: stage.keys.reader });
    const client = caller.client(ExchangeServiceDefinition);
    for (let i = 0; i < Math.min(ROUNDS_A_CALLER, count - done); i += 1) {
      const streams = [
        new Heard((signal) => client.subscribeTrades({ symbols: [SYMBOL] }, { signal })),
        new Heard((signal) => client.subscribeFeeds({}, { signal })),
      ];
      await Promise.all(streams.map((stream) => stream.until(isEnd)));
      await Promise.all(streams.map((stream) => stream.leave()));
    }
    caller.close();
  }
}

/** Everything upstream is let go, and what nobody holds is gone. */
async function settle(): Promise<{ heap: number; handles: number }> {
  while (market.watchers.count + market.publisher.count + stage.connector.status.upstreamSubscriptions > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed + external, handles: process.getActiveResourcesInfo().length };
}

await rounds(WARM_UP);
const before = await settle();
await rounds(Number.parseInt(count, 10));
const after = await settle();
await stage.close();
world.driver.stop();
process.stdout.write(JSON.stringify({ bytes: after.heap - before.heap, handles: after.handles - before.handles }));
