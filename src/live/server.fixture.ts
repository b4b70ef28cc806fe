// A live-server on 127.0.0.1 and a free port, fed by the demonstration: the real listener, real sockets, real clocks.

import assert from "node:assert/strict";
import { request } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { MONOTONIC_CLOCK } from "../host/wall-clock.ts";
import type { CheckResult } from "../observe/liveness.ts";
import { openLog, type ProcessLog } from "../observe/log.ts";
import { Metrics } from "../observe/metrics.ts";
import { DemoFeed, demoQuestions } from "./demo-feed.fixture.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";
import { Picture } from "./picture.ts";
import { defaultSettings, type LiveSettings } from "./settings.ts";

export interface House {
  readonly server: LiveServer;
  readonly picture: Picture;
  readonly feed: DemoFeed;
  readonly metrics: Metrics;
  readonly log: ProcessLog;
  readonly logged: readonly string[];
  readonly get: (path: string, options?: GetOptions) => Promise<Answer>;
  /** Opens a WebSocket; resolves when open or refused. */
  readonly connect: (options?: ConnectOptions) => Promise<Connection>;
}

export interface GetOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: () => Record<string, unknown>;
}

export interface ConnectOptions extends ClientOptions {
  readonly protocol?: string;
  readonly path?: string;
}

export interface Connection {
  /** 101 when it was accepted. */
  readonly status: number;
  readonly socket: WebSocket;
  readonly texts: string[];
  readonly refusal: { readonly headers: Answer["headers"]; readonly text: string } | null;
  /** Resolves with the text of the first message, now or later, that fits. */
  readonly until: (fits: (text: string) => boolean) => Promise<string>;
  closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface HouseOptions {
  readonly settings?: Partial<LiveSettings>;
  readonly wallMs?: () => number;
  readonly ready?: () => readonly CheckResult[];
  /** Without it nothing feeds the picture. */
  readonly fed?: boolean;
}

export async function inHouse(options: HouseOptions, visit: (house: House) => Promise<void>): Promise<void> {
  const monotonicMs = (): number => MONOTONIC_CLOCK.monotonicMs();
  const settings = defaultSettings({ port: 0, release: "1.2.3", ...options.settings });
  const picture = new Picture({ monotonicMs, historyLimit: settings.historyLimit });
  const feed = new DemoFeed({ picture, seed: 3, startMs: 1_700_000_000_000, monotonicMs });
  if (options.fed !== false) {
    feed.begin(30);
    for (let second = 0; second < 900; second += 1) feed.tick();
  }
  const metrics = new Metrics({ process: "live-server", release: "1.2.3", own: false });
  const logged: string[] = [];
  const log = openLog({ process: "live-server", write: (line) => logged.push(line) });
  const server = await startLiveServer({
    settings,
    picture,
    questions: demoQuestions(picture),
    ready: options.ready ?? (() => []),
    clock: MONOTONIC_CLOCK,
    wallMs: options.wallMs ?? Date.now,
    log,
    metrics,
  });
  const open: Connection[] = [];
  try {
    await visit({
      server,
      picture,
      feed,
      metrics,
      log,
      logged,
      get: (path, how = {}) => get(server.port, path, how),
      connect: async (how = {}) => {
        const connection = await connect(server.port, how);
        open.push(connection);
        return connection;
      },
    });
  } finally {
    for (const { socket } of open) socket.terminate();
    await server.close();
  }
}

function get(port: number, path: string, { method = "GET", headers = {}, body = "" }: GetOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = body === "" ? {} : { "content-type": "application/json" };
    const call = request({ host: "127.0.0.1", port, path, method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const json = () => JSON.parse(text) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}

function connect(port: number, { protocol, path = "/ws", ...options }: ConnectOptions): Promise<Connection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol === undefined ? [] : [protocol], options);
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    texts.push(data.toString("utf8"));
    for (const look of waiting) look();
  });
  socket.on("error", () => {
    // a refused or broken connection is told by its status and its close
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
  });
  const until = (fits: (text: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      let seen = 0;
      const look = (): void => {
        for (; seen < texts.length; seen += 1) {
          const text = texts[seen] ?? "";
          if (!fits(text)) continue;
          waiting.delete(look);
          resolve(text);
          return;
        }
      };
      waiting.add(look);
      look();
    });
  return new Promise((resolve) => {
    const about = { socket, texts, until, closed };
    socket.once("open", () => resolve({ ...about, status: 101, refusal: null }));
    socket.once("unexpected-response", (_request, response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const refusal = { headers: response.headers, text: Buffer.concat(chunks).toString("utf8") };
        resolve({ ...about, status: response.statusCode ?? 0, refusal });
      });
    });
  });
}

/** The value of one series of the metrics. */
export async function metricOf(metrics: Metrics, series: string): Promise<number> {
  const line = (await metrics.text()).split("\n").find((each) => each.startsWith(`${series} `));
  assert.ok(line !== undefined, `${series} is no metric`);
  return Number.parseFloat(line.slice(series.length));
}
