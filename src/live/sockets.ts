// The WebSocket side of the listener: handshakes through the gate, sockets into the hub, and each socket's end told
// once.

import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../observe/log.ts";
import type { Viewer } from "./auth.ts";
import type { Wire } from "./client.ts";
import { type Admission, type Gate, type Refusal, refusalOf, refuseUpgrade } from "./gate.ts";
import type { Hub, Seat } from "./hub.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import { CONSOLE_PROTOCOL } from "./messages.ts";
import { Repeated } from "./repeated.ts";

/** Of one message of a client. */
export const INBOUND_BYTES_MAX = 4096;

export interface SocketsOptions {
  readonly hub: Hub;
  readonly gate: Gate;
  readonly log: Log;
  readonly metrics: LiveMetrics;
  readonly clock: Clock;
  readonly wallMs: () => number;
}

class SocketWire implements Wire {
  readonly address: string;
  private readonly socket: WebSocket;

  constructor(socket: WebSocket, address: string) {
    this.socket = socket;
    this.address = address;
  }

  get unsentBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(text: string, done: () => void): void {
    this.socket.send(text, () => done());
  }

  ping(): void {
    this.socket.ping();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  destroy(): void {
    this.socket.terminate();
  }
}

export class Sockets {
  private readonly options: SocketsOptions;
  private readonly repeated: Repeated;
  private readonly server: WebSocketServer;
  private readonly open = new Map<WebSocket, { readonly viewer: Viewer; readonly expire: () => void }>();
  private stopping = false;

  constructor(options: SocketsOptions) {
    this.options = options;
    this.repeated = new Repeated(() => options.clock.monotonicMs());
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: INBOUND_BYTES_MAX,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(CONSOLE_PROTOCOL) ? CONSOLE_PROTOCOL : false),
    });
  }

  attach(server: Server): void {
    server.on("upgrade", (request, socket, head) => {
      // a socket that breaks during its handshake has nobody to tell
      socket.on("error", () => socket.destroy());
      this.upgrade(request, socket, head).catch((error: unknown) => {
        this.options.log.error("a handshake failed", { code: "handshake-failed", reason: String(error) });
        socket.destroy();
      });
    });
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const remote = request.socket.remoteAddress ?? "";
    if (this.stopping) return this.refuse(socket, refusalOf("stopping"), remote);
    if (pathname !== "/ws") return this.refuse(socket, refusalOf("path"), remote);
    const admission = await this.options.gate.admit(request);
    if (!admission.admitted) return this.refuse(socket, admission.refusal, admission.address);
    if (socket.destroyed || this.stopping) {
      this.options.gate.leave(admission.address);
      socket.destroy();
      return;
    }
    this.accept({ request, socket, head }, admission);
  }

  private accept(
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
    admission: Extract<Admission, { admitted: true }>,
  ): void {
    let seated = false;
    // a malformed handshake is answered by the library, and its place is free again
    socket.once("close", () => {
      if (!seated) this.options.gate.leave(admission.address);
    });
    this.server.handleUpgrade(request, socket, head, (webSocket) => {
      seated = true;
      this.seat(webSocket, request, admission);
    });
  }

  private seat(socket: WebSocket, request: IncomingMessage, admission: Extract<Admission, { admitted: true }>): void {
    const { hub, gate, log, clock, wallMs, metrics } = this.options;
    const { address, viewer } = admission;
    this.open.set(socket, { viewer, expire: () => seat?.expire() });
    const wire = new SocketWire(socket, address);
    let seat: Seat | null = null;
    socket.on("message", (data: RawData) => seat?.message(textOf(data)));
    socket.on("pong", () => seat?.heard());
    socket.on("ping", () => seat?.heard());
    socket.on("error", (error: Error & { code?: string }) => {
      const reason = error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? "size" : "fault";
      metrics.ended(reason);
      this.repeated.line(`${reason}|${address}`, (repeats) => {
        log.warn("a client was ended", { code: "client-ended", address, reason, cause: error.message, repeats });
      });
    });
    const { untilMs } = viewer;
    const cancelExpiry =
      untilMs === null ? () => {} : clock.at(clock.nowMs() + Math.max(0, untilMs - wallMs()), () => seat?.expire());
    socket.once("close", () => {
      cancelExpiry();
      this.open.delete(socket);
      gate.leave(address);
      seat?.closed();
    });
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    seat = admission.console
      ? hub.joinConsole(wire)
      : hub.joinClassic(wire, { name: query.get("symbol") ?? "", exchange: query.get("exchange") ?? "" });
  }

  private refuse(socket: Duplex, refusal: Refusal, address: string): void {
    this.options.metrics.rejected(refusal.reason);
    refuseUpgrade(socket, refusal);
    this.repeated.line(`${refusal.reason}|${address}`, (repeats) => {
      const { reason, status } = refusal;
      this.options.log.warn("a handshake was refused", { code: "handshake-refused", address, reason, status, repeats });
    });
  }

  /** Ends the connections of viewers whose key is no longer in force (API-30). */
  expireUnwelcome(isWelcome: (viewer: Viewer) => boolean): void {
    for (const { viewer, expire } of this.open.values()) if (!isWelcome(viewer)) expire();
  }

  /** No new handshakes; every socket is closed by the hub or cut after 2 s. */
  async close(): Promise<void> {
    this.stopping = true;
    this.options.hub.stop();
    const { clock } = this.options;
    const ended = [...this.open.keys()].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    const cancel = clock.at(clock.nowMs() + 1900, () => {
      for (const socket of this.open.keys()) socket.terminate();
    });
    await Promise.all(ended);
    cancel();
    this.server.close();
  }
}

/** `ws` gives one buffer unless told otherwise. */
const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString("utf8") : "");
