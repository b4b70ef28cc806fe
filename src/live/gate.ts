// Who may connect, decided before the upgrade and in this order (LIVE-10): room, rate, origin, auth, subprotocol. A
// refusal is a plain HTTP answer, counted, and one line in the log.

import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { AllowancesByAddress } from "./allowance.ts";
import { type Auth, bearerOf, type Viewer } from "./auth.ts";
import { isLoopbackAddress, type Surroundings } from "./caller-address.ts";
import type { Rejection } from "./live-metrics.ts";
import { CONSOLE_PROTOCOL } from "./messages.ts";
import type { LiveSettings } from "./settings.ts";

export interface Refusal {
  readonly status: number;
  readonly reason: Rejection;
  readonly message: string;
  readonly hint: string;
  readonly retryAfterSeconds?: number;
}

export type Admission =
  | { readonly admitted: true; readonly viewer: Viewer; readonly console: boolean; readonly address: string }
  | { readonly admitted: false; readonly refusal: Refusal; readonly address: string };

const HANDSHAKES = { perSecond: 10, burst: 20 } as const;

const REFUSALS = {
  full: {
    status: 503,
    message: "all connections are taken",
    hint: "Try again in a few seconds.",
    retryAfterSeconds: 5,
  },
  stopping: {
    status: 503,
    message: "the server is stopping",
    hint: "Try again in a few seconds.",
    retryAfterSeconds: 5,
  },
  rate: {
    status: 429,
    message: "too many handshakes from this address",
    hint: "At most 10 a second.",
    retryAfterSeconds: 1,
  },
  address: { status: 429, message: "too many connections from this address", hint: "Close some of them." },
  host: { status: 403, message: "this server does not answer to that name", hint: "Add it to http.allowedHosts." },
  origin: { status: 403, message: "pages of this origin may not connect", hint: "Add it to http.allowedOrigins." },
  auth: { status: 401, message: "log in first", hint: "Send a Bearer key, or POST it to /api/v1/login." },
  protocol: { status: 400, message: "unknown subprotocol", hint: `Offer ${CONSOLE_PROTOCOL}, or none.` },
  path: { status: 404, message: "there is no WebSocket here", hint: "Connect to /ws." },
} as const satisfies Record<Rejection, Omit<Refusal, "reason">>;

export class Gate {
  private readonly settings: LiveSettings;
  private readonly auth: Auth;
  private readonly surroundings: Surroundings;
  private readonly monotonicMs: () => number;
  private readonly handshakes = new AllowancesByAddress(HANDSHAKES);
  private readonly openBy = new Map<string, number>();
  private open = 0;

  constructor(options: {
    readonly settings: LiveSettings;
    readonly auth: Auth;
    readonly surroundings: Surroundings;
    readonly monotonicMs: () => number;
  }) {
    this.settings = options.settings;
    this.auth = options.auth;
    this.surroundings = options.surroundings;
    this.monotonicMs = options.monotonicMs;
  }

  /** Takes a place for the connection until `leave`; a refused one has none. */
  async admit(request: IncomingMessage): Promise<Admission> {
    const address = this.surroundings.addressOf(request);
    const refused = (reason: Rejection): Admission => ({
      admitted: false,
      refusal: { reason, ...REFUSALS[reason] },
      address,
    });
    const { limits } = this.settings;
    if (this.open >= limits.clientsMax) return refused("full");
    if (!this.handshakes.take(address, this.monotonicMs())) return refused("rate");
    if ((this.openBy.get(address) ?? 0) >= limits.clientsPerAddressMax) return refused("address");
    if (!this.surroundings.knowsHost(request.headers.host)) return refused("host");
    if (!this.mayCross(request, address)) return refused("origin");
    // the place is taken before the wait, so that a crowd cannot pass the limit together
    this.enter(address);
    const viewer = await this.auth.check(request.headers);
    const offered = protocolsOf(request);
    const reason =
      viewer === null ? "auth" : offered.length > 0 && !offered.includes(CONSOLE_PROTOCOL) ? "protocol" : null;
    if (viewer === null || reason !== null) {
      this.leave(address);
      return refused(reason ?? "auth");
    }
    return { admitted: true, viewer, console: offered.includes(CONSOLE_PROTOCOL), address };
  }

  private enter(address: string): void {
    this.open += 1;
    this.openBy.set(address, (this.openBy.get(address) ?? 0) + 1);
  }

  leave(address: string): void {
    this.open -= 1;
    const left = (this.openBy.get(address) ?? 1) - 1;
    if (left <= 0) this.openBy.delete(address);
    else this.openBy.set(address, left);
  }

  /** Pages show where they come from; programs show a key, or are on this machine. */
  private mayCross(request: IncomingMessage, address: string): boolean {
    const { origin, host } = request.headers;
    if (origin !== undefined) return this.surroundings.allowsOrigin(origin, host);
    return bearerOf(request.headers) !== null || isLoopbackAddress(address);
  }
}

const protocolsOf = (request: IncomingMessage): readonly string[] =>
  (request.headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");

export const refusalOf = (reason: Rejection): Refusal => ({ reason, ...REFUSALS[reason] });

/** Answers a handshake with HTTP and closes the socket. */
export function refuseUpgrade(socket: Duplex, { status, reason, message, hint, retryAfterSeconds }: Refusal): void {
  const body = JSON.stringify({ code: `ws_${reason}`, message, hint });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "connection: close",
    "content-type: application/json; charset=utf-8",
    "cache-control: no-store",
    `content-length: ${Buffer.byteLength(body)}`,
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
    ...(status === 401 ? ["www-authenticate: Bearer"] : []),
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}
