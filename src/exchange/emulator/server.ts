// The sockets of one protocol: an HTTP server with its WebSocket upgrades, on loopback. It decodes nothing: bytes
// become a request, the protocol's reply becomes bytes, the gate of faults stands between. It opens no connection
// itself.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { EmulatorError } from "./error.ts";
import type { Gate, ReplyOutlet } from "./gates.ts";
import type { EmulatorParts } from "./parts.ts";
import type { Protocol, ProtocolName, WireReply, WireRequest } from "./protocol.ts";
import { EmulatedSocket } from "./socket.ts";

/** What the server works for; replaced as a whole when the world is made anew. */
export interface Served {
  readonly parts: EmulatorParts;
  readonly gate: Gate;
  readonly protocol: Protocol;
}

/** Runs what came in, at once or once time has stopped moving. */
export type Inbound = (act: () => void) => void;

/** Numbers of requests and sockets run through all servers of an emulator, in the order of arrival. */
export interface Counters {
  requests: number;
  sockets: number;
  readonly writing: { count: number };
}

export interface ServerOptions {
  readonly name: ProtocolName;
  readonly host: string;
  readonly port: number;
  readonly served: () => Served;
  readonly inbound: Inbound;
  readonly counters: Counters;
}

const BODY_MAX = 1024 * 1024;
const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);

export class ProtocolServer {
  readonly sockets = new Set<EmulatedSocket>();
  private readonly options: ServerOptions;
  private readonly http: Server;
  private readonly upgrades = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: BODY_MAX,
  });

  constructor(options: ServerOptions) {
    this.options = options;
    this.http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.called(request, response));
    this.http.on("upgrade", (request, socket, head) => this.dialled(request, socket, head));
  }

  /** The port it listens on. Errors: {@link EmulatorError} PORT_TAKEN. */
  async listen(): Promise<number> {
    const { host, port, name } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.http.once("error", (cause: NodeJS.ErrnoException) => {
        const why = `${name} cannot listen on ${host}:${port}: ${cause.message}`;
        const text = `${why}; name another port, or 0 for a free one`;
        reject(new EmulatorError("PORT_TAKEN", text, { cause }));
      });
      this.http.listen(port, host, resolve);
    });
    return (this.http.address() as AddressInfo).port;
  }

  /** Ends every open socket, as when the world they lived in is gone. */
  endSockets(code: number, reason: string): void {
    for (const socket of this.sockets) socket.close(code, reason);
  }

  async close(): Promise<void> {
    this.endSockets(1001, "the emulator stops");
    for (const line of this.upgrades.clients) line.terminate();
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }

  private called(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_MAX) chunks.push(chunk);
    });
    request.on("error", () => response.destroy());
    request.on("end", () => {
      if (size > BODY_MAX) response.writeHead(413).end();
      else if (!METHODS.has(request.method ?? "")) response.writeHead(405).end();
      else {
        const wire = wireRequest(request, Buffer.concat(chunks).toString("utf8"));
        this.options.inbound(() => this.handle(wire, response));
      }
    });
  }

  private handle(request: WireRequest, response: ServerResponse): void {
    const { parts, gate, protocol } = this.options.served();
    const { counters, name } = this.options;
    counters.requests += 1;
    const exchange = counters.requests;
    const { method, path, query, body, headers } = request;
    const key = headers["x-mbx-apikey"] ?? "";
    parts.record.add({ kind: "request", protocol: name, exchange, method, path, query, key, body });
    const out = this.outlet(exchange, response, parts);
    const traits = protocol.traitsOf(request);
    gate.request({ protocol, traits, request }, (done) => protocol.http(request, done), out);
  }

  private outlet(exchange: number, response: ServerResponse, { record }: EmulatorParts): ReplyOutlet {
    return {
      reply: (reply) => {
        record.add({ kind: "reply", exchange, status: reply.status, body: reply.body, cutAt: null });
        writeReply(response, reply).end(reply.body);
      },
      cut: (reply, atByte) => {
        record.add({ kind: "reply", exchange, status: reply.status, body: reply.body, cutAt: atByte });
        const start = Buffer.from(reply.body).subarray(0, atByte);
        writeReply(response, reply).write(start, () => response.destroy());
      },
      reset: () => {
        record.add({ kind: "reset", exchange });
        response.socket?.resetAndDestroy();
      },
    };
  }

  private dialled(incoming: IncomingMessage, line: Duplex, head: Buffer): void {
    line.on("error", () => line.destroy());
    this.options.inbound(() => this.admit(incoming, line, head));
  }

  private admit(incoming: IncomingMessage, line: Duplex, head: Buffer): void {
    const { counters, name } = this.options;
    const { parts, gate, protocol } = this.options.served();
    const request = wireRequest(incoming, "");
    const { path, query } = request;
    const told = (answer: string): void => parts.record.add({ kind: "dial", protocol: name, path, query, answer });
    const refusal = gate.dial(protocol, request);
    if (refusal === "reset") {
      told("reset");
      line.destroy();
      return;
    }
    if (refusal !== null) {
      told(String(refusal.status));
      refuse(line, refusal);
      return;
    }
    counters.sockets += 1;
    const socket = new EmulatedSocket(counters.sockets, request, {
      parts,
      gate,
      protocol,
      writing: counters.writing,
      inbound: this.options.inbound,
      gone: (gone) => this.sockets.delete(gone),
    });
    told(`socket ${socket.id}`);
    const talk = protocol.open(socket);
    if ("status" in talk) {
      told(String(talk.status));
      refuse(line, talk);
      return;
    }
    this.sockets.add(socket);
    this.upgrades.handleUpgrade(incoming, line, head, (opened) => {
      parts.record.add({ kind: "open", socket: socket.id });
      socket.attach(opened, talk);
    });
  }
}

function wireRequest(request: IncomingMessage, body: string): WireRequest {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: request.method as WireRequest["method"],
    path: mark === -1 ? url : url.slice(0, mark),
    query: mark === -1 ? "" : url.slice(mark + 1),
    headers,
    body,
    peer: request.socket.remoteAddress ?? "",
  };
}

function writeReply(response: ServerResponse, reply: WireReply): ServerResponse {
  return response.writeHead(reply.status, {
    "content-type": "application/json;charset=UTF-8",
    "content-length": Buffer.byteLength(reply.body),
    ...reply.headers,
  });
}

/** Answers an upgrade with an ordinary reply and ends the connection. */
function refuse(line: Duplex, reply: WireReply): void {
  const headers = { "content-length": String(Buffer.byteLength(reply.body)), connection: "close", ...reply.headers };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  line.end(`HTTP/1.1 ${reply.status} Refused\r\n${head.join("")}\r\n${reply.body}`);
}
