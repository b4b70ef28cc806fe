// The emulator's end of one open WebSocket: frames of the protocol go out through the gate and into the record, what
// the client says goes to the protocol's talk, requests through the gate first.

import type { WebSocket } from "ws";
import type { Gate, SocketView } from "./gates.ts";
import type { EmulatorParts } from "./parts.ts";
import type { FrameTraits, Protocol, SocketTalk, WireFailure, WireRequest, WireSocket } from "./protocol.ts";

/** Bytes a client may leave unread before it is cut off, as exchanges do with slow ones. */
const UNREAD_MAX = 64 * 1024 * 1024;

export interface SocketHost {
  readonly parts: EmulatorParts;
  readonly gate: Gate;
  readonly protocol: Protocol;
  /** Counts frames that are on their way to the kernel. */
  readonly writing: { count: number };
  readonly inbound: (act: () => void) => void;
  readonly gone: (socket: EmulatedSocket) => void;
}

export class EmulatedSocket implements WireSocket, SocketView {
  readonly id: number;
  readonly path: string;
  readonly query: string;
  readonly headers: WireRequest["headers"];
  readonly peer: string;
  readonly openedAtMs: number;
  readonly protocol: Protocol;
  private readonly host: SocketHost;
  private talk: SocketTalk | null = null;
  private line: WebSocket | null = null;
  private open = true;
  /** Frames sent before the upgrade is through. */
  private readonly early: string[] = [];
  /** Replies of the request under way, where the gate asked for it. */
  private replies: string[] | null = null;

  constructor(id: number, request: WireRequest, host: SocketHost) {
    this.id = id;
    this.path = request.path;
    this.query = request.query;
    this.headers = request.headers;
    this.peer = request.peer;
    this.host = host;
    this.protocol = host.protocol;
    this.openedAtMs = host.parts.time.nowMs();
  }

  get subscriptions(): readonly string[] {
    return this.talk?.subscriptions ?? [];
  }

  /** The upgrade is through: what waited goes out, and the client is heard. */
  attach(line: WebSocket, talk: SocketTalk): void {
    const { record } = this.host.parts;
    this.talk = talk;
    this.line = line;
    for (const text of this.early.splice(0)) this.write(text);
    line.on("message", (data: Buffer, binary: boolean) => {
      if (!binary) this.host.inbound(() => this.heard(data.toString("utf8")));
    });
    const { inbound, gate } = this.host;
    line.on("ping", (data: Buffer) =>
      inbound(() => {
        if (!this.open) return;
        record.add({ kind: "ping", socket: this.id });
        if (gate.answersPing(this)) line.pong(data);
      }),
    );
    line.on("pong", () =>
      inbound(() => {
        if (!this.open) return;
        record.add({ kind: "pong", socket: this.id });
        talk.ponged();
      }),
    );
    line.on("close", (code) => this.end("client", code));
    line.on("error", () => line.terminate());
  }

  send(text: string, traits: FrameTraits): void {
    if (!this.open) return;
    if (this.replies !== null && traits.kind === "reply") {
      this.replies.push(text);
      return;
    }
    this.host.gate.frame(this, { text, traits }, (given) => this.out(given, traits));
  }

  ping(): void {
    if (this.open) this.line?.ping();
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    const { line } = this;
    this.end("emulator", code);
    if (code === 1006) line?.terminate();
    else line?.close(code, reason);
  }

  private heard(text: string): void {
    const { talk } = this;
    if (!this.open || talk === null) return;
    if (!this.host.gate.hears(this)) return;
    this.host.parts.record.add({ kind: "heard", socket: this.id, text });
    const traits = talk.requestIn?.(text) ?? null;
    if (traits === null) {
      talk.heard(text);
      return;
    }
    const reply: FrameTraits = { kind: "reply", event: traits.route, account: traits.account, symbol: traits.symbol };
    const { protocol } = this;
    const failure = (given: WireFailure): string | null => talk.failure?.(text, given) ?? null;
    this.host.gate.socketRequest({ protocol, traits, socket: this, text, failure }, () => this.repliesTo(text), {
      reply: (given) => this.out(given, reply),
      close: (code, reason) => this.close(code, reason),
      reset: () => this.close(1006, ""),
    });
  }

  private repliesTo(text: string): readonly string[] {
    const before = this.replies;
    const replies: string[] = [];
    this.replies = replies;
    try {
      this.talk?.heard(text);
    } finally {
      this.replies = before;
    }
    return replies;
  }

  private out(text: string, traits: FrameTraits): void {
    if (!this.open) return;
    this.host.parts.record.add({ kind: "frame", socket: this.id, traits, text });
    if (this.line === null) this.early.push(text);
    else this.write(text);
  }

  private write(text: string): void {
    const { line } = this;
    if (line === null || line.readyState !== line.OPEN) return;
    const { writing } = this.host;
    writing.count += 1;
    line.send(text, () => {
      writing.count -= 1;
    });
    if (line.bufferedAmount > UNREAD_MAX) this.close(1006, "");
  }

  private end(by: "client" | "emulator", code: number): void {
    if (!this.open) return;
    this.open = false;
    this.host.parts.record.add({ kind: "closed", socket: this.id, by, code });
    this.talk?.closed();
    this.host.gone(this);
  }
}
