// HTTP as the ccxt implementation sends it: kept-alive connections, one deadline for the whole exchange of a request
// and its reply, and the truth about whether a byte of it may have left (EXCH-06, EXCH-58). It reads no body's
// meaning.

import * as http from "node:http";
import * as https from "node:https";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Clock } from "../../base/clock.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Unix ms at which it is given up, whatever has come by then. */
  readonly deadlineMs: number;
  /** Polling and history have connections of their own: orders never wait for one of theirs. */
  readonly lane: "urgent" | "patient";
}

export interface HttpReply {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface Transport {
  /** `left` is called once, when a byte may have left. Rejects with {@link TransportError}. */
  send(request: HttpRequest, left: () => void): Promise<HttpReply>;
  close(): void;
}

/** No whole reply came: refused, reset, cut or late. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: string;

  constructor(code: string, text: string, cause?: unknown) {
    super(text, { cause });
    this.code = code;
  }
}

export interface TransportOptions {
  readonly clock: Clock;
  readonly connectMsMax?: number;
  /** Connections a host and lane. */
  readonly socketsMax?: number;
}

const BODY_BYTES_MAX = 64 << 20;
const UNPACKED = { maxOutputLength: BODY_BYTES_MAX };

/** Plain HTTP and HTTPS of Node. */
export class NodeTransport implements Transport {
  private readonly clock: Clock;
  private readonly connectMsMax: number;
  private readonly agents: Readonly<Record<HttpRequest["lane"], { http: http.Agent; https: https.Agent }>>;

  constructor(options: TransportOptions) {
    this.clock = options.clock;
    this.connectMsMax = options.connectMsMax ?? 3000;
    const agent = { keepAlive: true, maxSockets: options.socketsMax ?? 32, maxFreeSockets: 8, noDelay: true };
    const pair = (): { http: http.Agent; https: https.Agent } => ({
      http: new http.Agent(agent),
      https: new https.Agent(agent),
    });
    this.agents = { urgent: pair(), patient: pair() };
  }

  send(request: HttpRequest, left: () => void): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const secure = request.url.startsWith("https:");
      const headers = { ...request.headers, "accept-encoding": "gzip, deflate, br" };
      const options = { method: request.method, headers, agent: this.agents[request.lane][secure ? "https" : "http"] };
      const sent = secure ? https.request(request.url, options) : http.request(request.url, options);
      const ends: (() => void)[] = [];
      const end = (): void => {
        for (const each of ends.splice(0)) each();
      };
      const broken = (error: unknown): void => {
        end();
        reject(asTransportError(error));
      };
      const giveUp = (code: string, text: string): (() => void) => {
        return () => sent.destroy(new TransportError(code, text));
      };
      ends.push(this.clock.at(request.deadlineMs, giveUp("DEADLINE", "no answer before the deadline")));
      sent.once("socket", (socket) => {
        if (!socket.connecting) {
          left();
          return;
        }
        const late = giveUp("CONNECT_TIMEOUT", `no connection within ${this.connectMsMax} ms`);
        const stop = this.clock.at(this.clock.nowMs() + this.connectMsMax, late);
        ends.push(stop);
        socket.once(secure ? "secureConnect" : "connect", () => {
          stop();
          left();
        });
      });
      sent.once("error", broken);
      sent.once("response", (reply) =>
        collect(reply, broken, (text) => {
          end();
          resolve({
            status: reply.statusCode ?? 0,
            statusText: reply.statusMessage ?? "",
            headers: headersOf(reply),
            text,
          });
        }),
      );
      sent.end(request.body ?? undefined);
    });
  }

  close(): void {
    for (const lane of [this.agents.urgent, this.agents.patient]) {
      lane.http.destroy();
      lane.https.destroy();
    }
  }
}

function collect(reply: http.IncomingMessage, broken: (error: unknown) => void, whole: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  reply.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) reply.destroy(new TransportError("TOO_LARGE", "the reply is larger than 64 MiB"));
    else chunks.push(chunk);
  });
  reply.once("error", broken);
  reply.once("aborted", () => broken(new TransportError("CUT", "the reply was cut")));
  reply.once("end", () => {
    try {
      whole(inflated(Buffer.concat(chunks), reply.headers["content-encoding"]).toString("utf8"));
    } catch (error) {
      broken(error);
    }
  });
}

function inflated(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  switch (encoding ?? "identity") {
    case "gzip":
    case "x-gzip":
      return gunzipSync(body, UNPACKED);
    case "deflate":
      return inflateSync(body, UNPACKED);
    case "br":
      return brotliDecompressSync(body, UNPACKED);
    default:
      return body;
  }
}

function headersOf(reply: http.IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "BROKEN";
  return new TransportError(code, `the connection failed (${code})`, error);
}
