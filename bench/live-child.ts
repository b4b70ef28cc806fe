// The live-server of bench/live.ts in a process of its own: fed by the demonstration, tells what it is told to, and how
// much memory it holds. Speaks with its parent by messages.

import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { DEMO_OF, DemoFeed, demoQuestions } from "../src/live/demo-feed.fixture.ts";
import { startLiveServer } from "../src/live/live-server.ts";
import { Picture } from "../src/live/picture.ts";
import { defaultSettings } from "../src/live/settings.ts";
import { SILENT_LOG } from "../src/observe/log.ts";
import { Metrics } from "../src/observe/metrics.ts";

/** Unix ms with fractions: the same clock in every process of the machine. */
const wallMs = (): number => performance.timeOrigin + performance.now();

const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
const settings = defaultSettings({ port: 0 });
const picture = new Picture({ monotonicMs, historyLimit: 100 });
const feed = new DemoFeed({ picture, seed: 5, startMs: 1_700_000_000_000, monotonicMs });
feed.begin(300);
for (let second = 0; second < 2_000; second += 1) feed.tick();
const server = await startLiveServer({
  settings,
  picture,
  questions: demoQuestions(picture),
  ready: () => [],
  clock: MONOTONIC_CLOCK,
  wallMs: Date.now,
  log: SILENT_LOG,
  metrics: new Metrics({ process: "live-server", release: "bench", own: false }),
});

let count = 0;
process.on("message", (word) => {
  if (word === "tick") feed.tick();
  if (word === "event") {
    count += 1;
    const fill = picture.fillBook.last(1)[0];
    // the instant it is known here travels in a field that nobody reads as an amount
    if (fill !== undefined)
      picture.fill({ ...fill, ...DEMO_OF, id: `at ${wallMs()}`, order: String(count), at: Date.now() });
  }
  if (word === "memory") {
    globalThis.gc?.();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    process.send?.({ kept: heapUsed + external + arrayBuffers, rss, clients: server.clients });
  }
});
process.send?.({ port: server.port });
