// The live-server of bench/consoles.ts in a process of its own, as the application wires it: it reads the engine whose
// address and key it is told, and shows it to browsers.

import { MONOTONIC_CLOCK } from "../src/host/wall-clock.ts";
import { startLiveServer } from "../src/live/live-server.ts";
import { Picture } from "../src/live/picture.ts";
import { defaultSettings } from "../src/live/settings.ts";
import { openSources } from "../src/live/source/sources.ts";
import { SILENT_LOG } from "../src/observe/log.ts";
import { Metrics } from "../src/observe/metrics.ts";
import { serveParent } from "./child.ts";

const [address = "", key = ""] = process.argv.slice(2);
const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
const wallMs = (): number => Date.now();
const settings = defaultSettings({ port: 0 });
const picture = new Picture({ monotonicMs, historyLimit: settings.historyLimit });
const addresses = [{ name: "engine", kind: "engine" as const, address, tls: undefined, key }];
const sources = openSources({ addresses, settings, picture, monotonicMs, wallMs, log: SILENT_LOG });
const server = await startLiveServer({
  settings,
  picture,
  questions: sources.questions,
  ready: sources.ready,
  clock: MONOTONIC_CLOCK,
  wallMs,
  log: SILENT_LOG,
  metrics: new Metrics({ process: "live-server", release: "bench", own: false }),
});
serveParent({ port: server.port }, () => sources.close(), {
  clients: () => server.clients,
  ready: () => (sources.ready().every(({ ok }) => ok) ? 1 : 0),
});
