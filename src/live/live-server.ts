// live-server put together: a picture somebody feeds, a hub, and the listener. It only shows. Where the picture comes
// from is the caller's: sources over gRPC, or a script in a test.

import { hostname } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { Clock } from "../base/clock.ts";
import { startHttp } from "../observe/http.ts";
import type { CheckResult } from "../observe/liveness.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import { residentBytes } from "../observe/resident-memory.ts";
import { accessRules } from "./access-rules.ts";
import { apiRoutes } from "./api.ts";
import { Auth, checkExposure } from "./auth.ts";
import { Surroundings } from "./caller-address.ts";
import { Gate } from "./gate.ts";
import { Hub } from "./hub.ts";
import { LiveMetrics } from "./live-metrics.ts";
import type { Picture } from "./picture.ts";
import type { ProcessReport } from "./picture-writer.ts";
import type { Questions } from "./questions.ts";
import type { AuthSettings, LiveSettings } from "./settings.ts";
import { Sockets } from "./sockets.ts";
import { webRoutes } from "./web-routes.ts";

export interface LiveServerOptions {
  readonly settings: LiveSettings;
  readonly picture: Picture;
  readonly questions: Questions;
  /** One a source: connected, and its first snapshot complete. */
  readonly ready: () => readonly CheckResult[];
  /** Monotonic. */
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface LiveServer {
  readonly url: string;
  readonly port: number;
  readonly clients: number;
  /**
   * Takes other keys of viewers, whose key is gone is ended, and another certificate (API-30). Throws LiveError and
   * keeps the old ones.
   */
  reload(auth: AuthSettings, tls: LiveSettings["tls"]): void;
  /** Says bye to everyone; nothing of it remains after 2 s. */
  close(): Promise<void>;
}

/** Ages in `feeds` are told anew this often. */
const AGES_EVERY_MS = 1000;

/** Starts it, or throws LiveError (a setting that is not allowed) or HttpError (the port). */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { settings, picture, clock, wallMs, log } = options;
  checkExposure(settings);
  const auth = new Auth(settings.auth, wallMs);
  const surroundings = new Surroundings(settings);
  const metrics = new LiveMetrics(options.metrics, () => hub.count);
  const hub: Hub = new Hub({ ...options, metrics });
  const gate = new Gate({ settings, auth, surroundings, monotonicMs: () => clock.monotonicMs() });
  const sockets = new Sockets({ hub, gate, log, metrics, clock, wallMs });
  const cancelAges = everySecond(clock, () => {
    picture.tellFeeds();
    if (own.url !== "") picture.process(ownProcess(options, own));
  });
  const own = { url: "", fromMs: clock.monotonicMs() };
  let stopping = false;
  try {
    const http = await startHttp({
      bind: settings.bind,
      port: settings.port,
      metrics: options.metrics,
      log,
      tls: settings.tls,
      access: () => null,
      health: () => {
        const ok = !stopping && hasAnySource(picture);
        const body = { status: ok ? "ok" : "down", clients: hub.count, time: Math.floor(wallMs() / 1000) };
        return { ok, body };
      },
      ready: options.ready,
      status: () => statusOf(options, hub.count),
      routes: (app) => {
        const secure = settings.tls !== null || !/^(?:127\.|::1$|localhost$)/.test(settings.bind);
        accessRules(app, { auth, surroundings, monotonicMs: () => clock.monotonicMs(), secure });
        apiRoutes(app, options);
        webRoutes(app, settings, picture);
        sockets.attach(app.server);
      },
    });
    sayStart(options, http.url);
    own.url = http.url;
    picture.process(ownProcess(options, own));
    return {
      url: http.url,
      port: http.port,
      get clients() {
        return hub.count;
      },
      reload: (keys, tls) => {
        auth.replace(keys);
        http.renew(tls);
        sockets.expireUnwelcome((viewer) => auth.stillWelcome(viewer));
      },
      close: async () => {
        stopping = true;
        cancelAges();
        await Promise.all([sockets.close(), http.close()]);
      },
    };
  } catch (error) {
    cancelAges();
    await sockets.close();
    throw error;
  }
}

/** This server among the processes it shows. */
function ownProcess(
  { settings, ready, clock }: LiveServerOptions,
  { url, fromMs }: { readonly url: string; readonly fromMs: number },
): ProcessReport {
  const checks = ready().map(({ name, ok, text }) => ({ name, ok, text }));
  const told = {
    release: settings.release,
    host: hostname(),
    pid: process.pid,
    uptimeMs: Math.round(clock.monotonicMs() - fromMs),
    ready: checks.every(({ ok }) => ok),
    checks,
  };
  return { id: "live-server", kind: "live-server", address: url, told };
}

function everySecond(clock: Clock, act: () => void): () => void {
  let cancel = (): void => {};
  const again = (): void => {
    cancel = clock.at(clock.nowMs() + AGES_EVERY_MS, () => {
      act();
      again();
    });
  };
  again();
  return () => cancel();
}

/** Health fails when nothing at all can be shown fresh: every source is lost. */
const hasAnySource = (picture: Picture): boolean => picture.board.sourceList().some(({ state }) => state !== "DOWN");

function statusOf({ picture, settings, ready }: LiveServerOptions, clients: number) {
  const sources = picture.board.sourceList().map(({ name, state, ageMs, lastAction }) => {
    return { name, state, ageMs, lastAction };
  });
  const lost = sources.filter(({ state }) => state !== "LIVE").length;
  const waiting = ready().filter(({ ok }) => !ok).length;
  const overall =
    sources.length > 0 && lost === sources.length ? "down" : lost > 0 ? "degraded" : waiting > 0 ? "starting" : "ok";
  const { used_heap_size: heapUsed } = getHeapStatistics();
  return {
    overall,
    release: settings.release,
    sources,
    feeds: picture.board.read().feeds.filter(({ kind }) => kind !== "SOURCE"),
    clients,
    memory: { rssBytes: residentBytes() ?? 0, heapBytes: heapUsed },
  } as const;
}

/** LIVE-16: what it is and what it shows, once. */
function sayStart({ settings, picture, log }: LiveServerOptions, url: string): void {
  const { release, bind, instruments, auth, web } = settings;
  const sources = picture.board.sourceList().map(({ name }) => name);
  const port = Number.parseInt(new URL(url).port, 10);
  const shown = {
    release,
    sources,
    instruments,
    bind,
    port,
    web: web.directory ?? "built-in console",
    auth: auth.mode,
  };
  log.info("live-server shows", { code: "live-started", ...shown });
  if (web.directory === null) return;
  const text = `pages of ${web.directory} are served with the policy "${web.csp}", not with the console's own`;
  log.info(text, { code: "web-directory", csp: web.csp });
}
