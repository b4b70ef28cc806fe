// connector: the one process that talks to the exchange and holds its keys, serving it over gRPC. A wiring diagram:
// what each part does is in exchange/connector, rpc/ and observe/.

import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { configSource, renderProblems } from "../../config/load.ts";
import { loadConnector } from "../../config/process/load-process.ts";
import type { ConnectorConfig } from "../../config/process/shapes.ts";
import { type Connector, openConnector } from "../../exchange/connector/connector.ts";
import { fenceFile } from "../../exchange/connector/fence-file.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { startHttp } from "../../observe/http.ts";
import { ExchangeServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { RpcHealth } from "../../rpc/health.ts";
import { processInfo } from "../../rpc/process-info.ts";
import { rpcMetrics } from "../../rpc/rpc-metrics.ts";
import { startRpcServer } from "../../rpc/server.ts";
import { EXIT_CODES } from "../opensqt/exit-codes.ts";
import { CommandError, note } from "../opensqt/output.ts";
import { openAlerts } from "../process/alerts.ts";
import { certificateGauge } from "../process/certificate-gauge.ts";
import { httpTls } from "../process/http-tls.ts";
import { watchOwnStrain } from "../process/own-alerts.ts";
import { openFrame, type ProcessFrame } from "../process/process-frame.ts";
import { Reloader, takeEnvironment } from "../process/reloader.ts";
import { SUPERVISOR_GONE } from "../process/stop-signal.ts";
import { watchConnector } from "./connector-alerts.ts";
import { connectorMetrics } from "./connector-metrics.ts";
import { type Exchange, heldForFirst, type Memory, openExchange } from "./exchange.ts";
import { readKeysAgain } from "./reread-keys.ts";

/**
 * Runs until it is told to stop; sets the exit code. Errors: those of each phase of the start, with their exit codes.
 */
export async function connector(flags: { readonly config?: string }): Promise<void> {
  const environment = takeEnvironment();
  const source = configSource(flags.config, environment);
  const read = () => loadConnector(source, { environment });
  const loaded = read();
  if (!loaded.ok) throw new CommandError(EXIT_CODES.refused, renderProblems(loaded.error));
  const config = loaded.value;
  for (const warning of config.warnings) note(warning);
  const frame = openFrame({ name: "connector", level: config.log.level, environment, secrets: config.secrets });
  const reloader = new Reloader({ first: config, read, source }, frame);
  const memory: Memory = { lost: "" };
  const serving: { connector: Connector | null } = { connector: null };
  try {
    const by = await frame.untilStopped(async () => {
      const opened = await frame.phase("exchange", () => openExchange(config, { memory, read }, frame));
      await frame.phase("services", async () => {
        serving.connector = await serve(config, { opened, memory, reloader }, frame);
      });
    });
    if (by === SUPERVISOR_GONE) await enginesGone(serving.connector);
  } finally {
    await frame.close();
  }
  if (memory.lost !== "") {
    note(`the simulated exchange could not write its memory: ${memory.lost}. Free some space and start again.`);
    process.exitCode = EXIT_CODES.cannotWrite;
  }
}

/** An engine that stops needs its exchange to prove its orders gone; the supervisor would have seen to that. */
const ENGINES_MS_MAX = 30_000;

async function enginesGone(connector: Connector | null): Promise<void> {
  const untilMs = performance.now() + ENGINES_MS_MAX;
  while ((connector?.status.deadManTimers ?? 0) > 0 && performance.now() < untilMs) await wait(100);
}

interface Served {
  readonly opened: Exchange;
  readonly memory: Memory;
  readonly reloader: Reloader<ConnectorConfig>;
}

async function serve(
  config: ConnectorConfig,
  { opened, memory, reloader }: Served,
  frame: ProcessFrame,
): Promise<Connector> {
  const { log, metrics, owners, liveness, release } = frame;
  const counted = rpcMetrics(metrics);
  const health = new RpcHealth([ExchangeServiceDefinition.fullName]);
  const open: Connector = await openConnector({
    port: opened.port,
    symbols: opened.symbols,
    clock: opened.clock,
    ratePpm: opened.ratePpm,
    machine: MONOTONIC_CLOCK,
    release,
    environment: config.environment,
    process: () => processInfo(frame, liveness.results()),
    health,
    log,
    metrics: connectorMetrics(metrics, opened.name, {
      budget: opened.port.budget?.bind(opened.port),
      clockOffsetMs: opened.clockOffsetMs,
    }),
    topicMetrics: counted,
    fence: fenceFile(join(config.store.folder, "fence.json"), log),
    exclusive: config.real?.exclusive ?? false,
  });
  owners.add("connector", () => open.close());
  liveness.reading("exchange", () => ({ ok: open.health.serving, text: open.health.reason || opened.words }));
  const alerts = openAlerts(config, frame);
  watchOwnStrain(alerts, frame);
  watchConnector(alerts, { exchange: open.health, memory, log });
  liveness.reading("memory", () => ({ ok: memory.lost === "", text: memory.lost || "kept" }));
  const rpc = await startRpcServer({
    bind: config.grpc.bind,
    tls: config.tls,
    keys: config.grpc.clients,
    rate: { perSecond: config.grpc.requestsPerSecondMax, burst: config.grpc.requestsBurst },
    services: [open.service],
    health,
    log,
    metrics: heldForFirst(counted, opened, frame),
  });
  owners.add("gRPC", () => rpc.stop());
  log.info("gRPC listens", { code: "listens", address: rpc.address });
  const healthy = (): boolean => liveness.results().every(({ ok }) => ok);
  const shown = certificateGauge(metrics, frame.name);
  const http = await startHttp({
    bind: config.http.bind,
    port: config.http.port,
    tls: shown(httpTls(config.tls)),
    metrics,
    log,
    health: () => ({ ok: healthy(), body: { status: healthy() ? "ok" : "down" } }),
    ready: () => liveness.results(),
    status: () => {
      const components = [...liveness.results(), ...alerts.hub.checks()];
      const whole = { overall: healthy() ? ("ok" as const) : ("down" as const), release, uptimeMs: frame.uptimeMs() };
      return { ...whole, exchange: open.status, components, recordingOver: opened.ended(), memoryLost: memory.lost };
    },
  });
  owners.add("http", () => http.close());
  reloader.into(({ grpc, tls, alerts: channels, secrets }) => {
    alerts.renew(channels, secrets);
    rpc.reload(grpc.clients);
    http.renew(shown(httpTls(tls)));
    readKeysAgain(opened, log);
  });
  return open;
}
