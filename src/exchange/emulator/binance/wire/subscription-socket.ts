// One socket of market or user streams: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS and the two properties, ids returned
// with the type they came in (EMU-11). A stream that this route does not carry is acknowledged and never delivers.

import type { FrameTraits, SocketTalk, WireSocket } from "../../protocol.ts";
import type { EmulatorClock } from "../../world.ts";
import { KeepAlive, type SocketLimits } from "./keep-alive.ts";
import { jsonOf } from "./parameters.ts";
import type { StreamHub, StreamListener } from "./stream-hub.ts";

export interface SubscriptionOptions {
  readonly socket: WireSocket;
  readonly hub: StreamHub;
  readonly clock: EmulatorClock;
  readonly limits: SocketLimits;
  readonly wrapped: boolean;
  /** Streams named in the address. */
  readonly streams: readonly string[];
  /** Whether this socket carries that stream. */
  readonly carries: (stream: string) => boolean;
  /** It is gone. */
  readonly forget?: (talk: SocketTalk) => void;
}

const CONTROL: FrameTraits = { kind: "control", event: "reply", account: null, symbol: null };

export class SubscriptionSocket implements SocketTalk, StreamListener {
  wrapped: boolean;
  private readonly options: SubscriptionOptions;
  private readonly streams = new Set<string>();
  private readonly alive: KeepAlive;
  private open = true;

  constructor(options: SubscriptionOptions) {
    this.options = options;
    this.wrapped = options.wrapped;
    this.alive = new KeepAlive(options.socket, options.clock, options.limits);
    for (const stream of options.streams) this.subscribe(stream);
  }

  get subscriptions(): readonly string[] {
    return [...this.streams];
  }

  send(text: string, traits: FrameTraits): void {
    if (this.open) this.options.socket.send(text, traits);
  }

  ponged(): void {
    this.alive.ponged();
  }

  closed(): void {
    this.open = false;
    this.alive.end();
    for (const stream of this.streams) this.options.hub.remove(stream, this);
    this.streams.clear();
    this.options.forget?.(this);
  }

  heard(text: string): void {
    if (!this.alive.heard()) return;
    const frame = jsonOf(text);
    if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
      this.refuse(3, "Invalid JSON: expected value at line 1 column 1", undefined);
      return;
    }
    const { method, params, id } = frame as { method?: unknown; params?: unknown; id?: unknown };
    if (!isId(id)) {
      this.refuse(2, "Invalid request: request ID must be an unsigned integer or a string", undefined);
      return;
    }
    this.perform(method, params, id);
  }

  private perform(method: unknown, params: unknown, id: unknown): void {
    switch (method) {
      case "SUBSCRIBE":
      case "UNSUBSCRIBE": {
        const names = namesOf(params);
        if (names === null) this.refuse(2, "Invalid request: params must be a list of streams", id);
        else if (method === "SUBSCRIBE" && this.streams.size + names.length > this.options.limits.streamsMax) {
          this.options.socket.close(1008, "Too many streams");
        } else {
          for (const name of names) {
            if (method === "SUBSCRIBE") this.subscribe(name);
            else this.unsubscribe(name);
          }
          this.reply({ result: null, id });
        }
        return;
      }
      case "LIST_SUBSCRIPTIONS":
        this.reply({ result: [...this.streams], id });
        return;
      case "GET_PROPERTY":
        this.reply({ result: this.wrapped, id });
        return;
      case "SET_PROPERTY":
        if (Array.isArray(params) && typeof params[1] === "boolean") this.wrapped = params[1];
        this.reply({ result: null, id });
        return;
      default:
        this.refuse(2, `Invalid request: unknown variant \`${typeof method === "string" ? method : ""}\``, id);
    }
  }

  private subscribe(stream: string): void {
    if (this.streams.has(stream)) return;
    this.streams.add(stream);
    if (this.options.carries(stream)) this.options.hub.add(stream, this);
  }

  private unsubscribe(stream: string): void {
    if (this.streams.delete(stream)) this.options.hub.remove(stream, this);
  }

  private reply(body: unknown): void {
    this.send(JSON.stringify(body), CONTROL);
  }

  private refuse(code: number, msg: string, id: unknown): void {
    this.reply({ error: { code, msg }, ...(id === undefined ? {} : { id }) });
  }
}

/** A number, a text, null or nothing at all. */
export const isId = (id: unknown): boolean =>
  id === undefined || id === null || typeof id === "string" || (Number.isSafeInteger(id) && (id as number) >= 0);

function namesOf(params: unknown): readonly string[] | null {
  if (!Array.isArray(params)) return null;
  const names = params.filter((name): name is string => typeof name === "string" && name !== "");
  return names.length === params.length ? names : null;
}
