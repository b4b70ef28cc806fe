// Where faults take hold of what passes between sockets and protocols. The server asks at each of these points; without
// faults everything passes as it is. Who stands here never touches a socket, only what it is handed.

import type { EmulatorParts } from "./parts.ts";
import type { FrameTraits, Protocol, WireFailure, WireReply, WireRequest, WireTraits } from "./protocol.ts";
import type { StrikeOf } from "./world.ts";

/** A request that came over HTTP. */
export interface RequestPassage {
  readonly protocol: Protocol;
  readonly traits: WireTraits;
  readonly request: WireRequest;
}

/** Ways an HTTP request may end for its client; each at most once, none of them: it hears nothing. */
export interface ReplyOutlet {
  reply(reply: WireReply): void;
  /** The head promises the whole body, `atByte` bytes of it follow, and the connection ends. */
  cut(reply: WireReply, atByte: number): void;
  /** The connection is reset without a reply. */
  reset(): void;
}

/** A request of the exchange's WebSocket API. */
export interface SocketPassage {
  readonly protocol: Protocol;
  readonly traits: WireTraits;
  readonly socket: SocketView;
  readonly text: string;
  /** How such a request fails, in the protocol's words; null: it has none for sockets. */
  failure(failure: WireFailure): string | null;
}

export interface SocketOutlet {
  /** A frame of kind `reply`; several where the protocol answered so. */
  reply(text: string): void;
  close(code: number, reason: string): void;
  /** The connection is gone without a close frame. */
  reset(): void;
}

/** One open socket, seen from outside. */
export interface SocketView {
  readonly id: number;
  readonly protocol: Protocol;
  readonly path: string;
  readonly query: string;
  readonly peer: string;
  readonly openedAtMs: number;
  readonly subscriptions: readonly string[];
  /** Closes it with a code of the exchange; 1006: the connection is reset. */
  close(code: number, reason: string): void;
}

export interface Gate {
  /** `handle` does the request, at once or whenever it is called; its reply comes once. */
  request(passage: RequestPassage, handle: (done: (reply: WireReply) => void) => void, out: ReplyOutlet): void;
  /** `handle` does the request and gives the frames it was answered with. */
  socketRequest(passage: SocketPassage, handle: () => readonly string[], out: SocketOutlet): void;
  /** A frame on its way out, of any kind but the replies above; `send` may be called late, more than once, or never. */
  frame(
    socket: SocketView,
    frame: { readonly text: string; readonly traits: FrameTraits },
    send: (text: string) => void,
  ): void;
  /** Null: the upgrade goes on. A reply refuses it; `reset` ends the connection. */
  dial(protocol: Protocol, request: WireRequest): WireReply | "reset" | null;
  /** Whether a ping frame of the client is answered. */
  answersPing(socket: SocketView): boolean;
  /** Whether what the client sends on this socket is heard; half-open sockets are deaf. */
  hears(socket: SocketView): boolean;
  readonly strike: StrikeOf;
  close(): void;
}

/** Made anew with each world; `parts` is whole once the world stands. */
export type GateMaker = (parts: EmulatorParts) => Gate;

/** Everything passes as it is. */
export const openGate: GateMaker = () => ({
  request: (_passage, handle, out) => handle((reply) => out.reply(reply)),
  socketRequest: (_passage, handle, out) => {
    for (const text of handle()) out.reply(text);
  },
  frame: (_socket, { text }, send) => send(text),
  dial: () => null,
  answersPing: () => true,
  hears: () => true,
  strike: () => null,
  close: () => undefined,
});
