// Everything a market-maker answers: its four services over gRPC, health, and HTTP. Wiring only.

import type { MarketMakerConfig } from "../../config/process/shapes.ts";
import { booksServices } from "../../host/api/books-services.ts";
import { botService } from "../../host/api/bot-service.ts";
import type { WhatIfRunner } from "../../host/api/bot-what-if.ts";
import { operatorDoor } from "../../host/door/operator-door.ts";
import type { Fleet } from "../../host/fleet/fleet.ts";
import { botCounters } from "../../host/metrics/bot-counters.ts";
import { botGauges } from "../../host/metrics/bot-gauges.ts";
import { riskGauges } from "../../host/metrics/risk-gauges.ts";
import type { NightlyVerify } from "../../host/nightly.ts";
import { startHttp } from "../../observe/http.ts";
import type { CheckResult } from "../../observe/liveness.ts";
import { memoryWithin } from "../../observe/memory-bound.ts";
import { BotServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { ProcessInfo } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { RpcHealth } from "../../rpc/health.ts";
import { rpcService } from "../../rpc/method.ts";
import { processInfo } from "../../rpc/process-info.ts";
import { rpcMetrics } from "../../rpc/rpc-metrics.ts";
import { startRpcServer } from "../../rpc/server.ts";
import type { ProcessAlerts } from "../process/alerts.ts";
import { certificateGauge } from "../process/certificate-gauge.ts";
import { httpTls } from "../process/http-tls.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { Reloader } from "../process/reloader.ts";
import type { AlertTeller } from "./bot-alerts.ts";
import { botChecks, botStatus, commitsWork, overallOf } from "./bot-checks.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import { whatIfChildren } from "./what-if-runner.ts";

export interface Served {
  readonly link: ExchangeLink;
  readonly reloader: Reloader<MarketMakerConfig>;
  readonly fleet: Fleet;
  readonly alerts: ProcessAlerts;
  readonly teller: AlertTeller;
  /** Null where journals are not verified at night. */
  readonly nightly: NightlyVerify | null;
}

const JUDGE_MS = 250;

/** Listens, before any bot runs: nothing is missed. Errors: a port or address that cannot be had (exit 3). */
export async function serve(
  config: MarketMakerConfig,
  { link, reloader, fleet, alerts, teller, nightly }: Served,
  frame: ProcessFrame,
): Promise<void> {
  const { log, metrics, owners, liveness } = frame;
  const counted = rpcMetrics(metrics);
  const operatorUrl = config.operatorDoor ? `http://${config.http.bind}:${config.http.port}` : "";
  const onFailed = (bot: string, error: unknown): void => {
    log.error(`the books of ${bot} stay behind: ${String(error)}`, { code: "books-failed", bot });
  };
  const books = booksServices({ fleet, onFailed, metrics: counted });
  const readiness = (): readonly CheckResult[] => [...liveness.results(), ...botChecks(fleet)];
  const self = (): ProcessInfo => processInfo(frame, readiness());
  const shown = { fleet, books: books.books, log: log.ring, operatorUrl, whatIf: ownedWhatIf(frame) };
  const bot = botService({ ...shown, process: self, metrics: counted });
  teller.console = books;
  owners.add(
    "alert ends",
    books.books.alerts.onEnd((end) => teller.ended(end)),
  );
  const services = [rpcService(BotServiceDefinition, bot.implementation), ...books.services];
  const health = new RpcHealth(services.map(({ fullName }) => fullName));
  liveness.reading("exchange", () => link.serving());
  liveness.reading("memory", () => memoryWithin(config.limits.memoryMibMax));
  const healthy = (): boolean =>
    liveness.results().every(({ name, ok }) => name !== "loop" || ok) && commitsWork(fleet);
  judgeAlways(() => health.set(null, healthy() && !frame.stop.stopping ? "serving" : "not-serving"), frame);
  botGauges(fleet, metrics);
  riskGauges(fleet, metrics);
  owners.add("bot metrics", botCounters(fleet, metrics));
  owners.add("books", () => books.close());
  owners.add("bot topics", () => bot.close());
  const keys = config.grpc.clients;
  const rate = { perSecond: config.grpc.requestsPerSecondMax, burst: config.grpc.requestsBurst };
  const rpc = await startRpcServer({
    bind: config.grpc.bind,
    tls: config.tls,
    keys,
    rate,
    services,
    health,
    log,
    metrics: counted,
  });
  owners.add("gRPC", () => rpc.stop());
  log.info("gRPC listens", { code: "listens", address: rpc.address });
  const origins = config.http.allowedOrigins;
  const door = operatorDoor({ bot: bot.implementation, risk: books.risk, keys, rate, origins, log, metrics: counted });
  const certificate = certificateGauge(metrics, frame.name);
  const http = await startHttp({
    ...(config.operatorDoor ? { routes: (app) => door.routes(app) } : {}),
    bind: config.http.bind,
    port: config.http.port,
    tls: certificate(httpTls(config.tls)),
    metrics,
    log,
    health: () => ({ ok: healthy(), body: { status: healthy() ? "ok" : "down" } }),
    ready: readiness,
    status: () => statusOf({ link, fleet, alerts, nightly }, frame, healthy()),
  });
  owners.add("http", () => http.close());
  reloader.into(({ grpc, connector, tls, alerts: channels, secrets }) => {
    alerts.renew(channels, secrets);
    link.newKey?.(connector.key?.reveal() ?? null);
    door.replace(grpc.clients);
    rpc.reload(grpc.clients);
    http.renew(certificate(httpTls(tls)));
  });
}

/** Ends what it plays with the process. */
function ownedWhatIf({ owners }: ProcessFrame): WhatIfRunner {
  const children = whatIfChildren();
  owners.add("what-if", () => children.close());
  return children;
}

/** Now, and until the process ends. */
function judgeAlways(judge: () => void, { owners }: ProcessFrame): void {
  const judging = setInterval(judge, JUDGE_MS);
  judge();
  owners.add("health", () => clearInterval(judging));
}

async function statusOf(
  { link, fleet, alerts, nightly }: Pick<Served, "link" | "fleet" | "alerts" | "nightly">,
  frame: ProcessFrame,
  isHealthy: boolean,
) {
  const feeds = (await link.feeds?.()) ?? null;
  const { clockOffsetMs, clockErrorMs } = link.conditions();
  return {
    overall: overallOf(fleet, link.serving().ok && alerts.hub.working, isHealthy),
    release: frame.release,
    uptimeMs: frame.uptimeMs(),
    bots: botStatus(fleet, feeds),
    clock: { offsetMs: clockOffsetMs, errorMs: clockErrorMs },
    // null: the exchange is in this process, or its connector did not say
    streams: feeds?.streams ?? null,
    components: [...frame.liveness.results(), ...alerts.hub.checks()],
    recordingOver: link.over(),
    journals: nightly === null ? null : { nextAtMs: nightly.nextAtMs, verified: nightly.report() },
  };
}
