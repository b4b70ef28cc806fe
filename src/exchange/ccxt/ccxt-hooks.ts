// Hooks on a ccxt instance that know nothing of requests (exchanges.md section 2): numbers stay text, the clock is the
// exchange's, frames are seen before ccxt sees them, addresses move. Only `ccxt-instance.ts` may call them.

import { EventEmitter } from "node:events";
import type { Clock } from "../../base/clock.ts";
import type { CcxtExchange } from "./ccxt-load.ts";
import { isRecord, recordOf, textOf } from "./raw.ts";

/** What happens on ccxt's sockets, in order. */
export type SocketNews =
  | { readonly kind: "frame"; readonly url: string; readonly message: unknown }
  | { readonly kind: "opened"; readonly url: string }
  | { readonly kind: "closed"; readonly url: string; readonly text: string };

/** Results stay text; numbers inside JSON keep every digit (EMU-28 `oddNumbers`); sockets log in by the same clock. */
export function hookNumbers(exchange: CcxtExchange, nowMs: () => number): void {
  exchange.number = String;
  exchange.parseJson = (text: string): unknown => {
    if (!exchange.isJsonEncodedObject(text)) return undefined;
    try {
      return JSON.parse(exchange.onJsonResponse(text));
    } catch {
      return undefined;
    }
  };
  exchange.milliseconds = nowMs;
  exchange.seconds = () => Math.floor(nowMs() / 1000);
  exchange.microseconds = () => nowMs() * 1000;
}

export interface SocketHooks {
  /** Answers true where a frame was dealt with: then ccxt does not see it. */
  readonly tell: (news: SocketNews) => boolean;
  readonly clean: (text: string) => string;
  /** What every socket gives each of its frames to, as it came; null: nobody wants it. Asked when a socket opens. */
  readonly raw: () => ((text: string) => void) | null;
}

export function hookSockets(exchange: CcxtExchange, { tell, clean, raw }: SocketHooks): void {
  const message = exchange.handleMessage.bind(exchange);
  exchange.handleMessage = (client, frame) => {
    if (!tell({ kind: "frame", url: urlOf(client), message: frame })) message(client, frame);
  };
  const connected = exchange.onConnected.bind(exchange);
  exchange.onConnected = (client, news) => {
    const hear = raw();
    if (hear !== null) tap(client, hear);
    tell({ kind: "opened", url: urlOf(client) });
    connected(client, news);
  };
  for (const name of ["onError", "onClose"] as const) {
    const before = exchange[name].bind(exchange);
    exchange[name] = (client, error) => {
      before(client, error);
      tell({ kind: "closed", url: urlOf(client), text: clean(error instanceof Error ? error.message : "closed") });
    };
  }
}

/** ccxt reads the socket all the same. */
function tap(client: unknown, hear: (text: string) => void): void {
  const socket = recordOf(client)["connection"];
  if (!(socket instanceof EventEmitter)) return;
  socket.on("message", (data: unknown, binary: unknown) => {
    if (binary !== true && Buffer.isBuffer(data)) hear(data.toString("utf8"));
  });
}

const urlOf = (client: unknown): string => textOf(recordOf(client)["url"]) ?? "";

/** Of what ccxt would print, as much is logged. */
const PRINTED_MAX = 300;

/** What ccxt would print on stdout goes to `say` (OPS-11); what it puts off can be ended: the end is returned. */
export function hookHousehold(
  exchange: CcxtExchange,
  { clock, say }: { readonly clock: Clock; readonly say: (text: string) => void },
): () => void {
  exchange.log = (...args) => {
    const parts = args.filter((each) => !(each instanceof Date)).map(String);
    // a listen key stands in the path or the query of an address
    say(
      parts
        .join(" ")
        .replace(/(wss?:\/\/[^/\s?]+)\S*/g, "$1/…")
        .slice(0, PRINTED_MAX),
    );
  };
  const putOff = new Set<() => void>();
  // a listen key is kept alive every twenty minutes: without an end, no process that closed would end
  exchange.delay = (ms, method, ...args) => {
    const cancel = clock.at(clock.nowMs() + ms, () => {
      putOff.delete(cancel);
      exchange.spawn(method, ...args);
    });
    putOff.add(cancel);
  };
  return () => {
    for (const cancel of putOff) cancel();
    putOff.clear();
  };
}

/** Every string below `urls.api`, in place. */
export function moveUrls(urls: Record<string, unknown>, move: (url: string) => string): void {
  const moved = (value: unknown): unknown => {
    if (typeof value === "string") return move(value);
    return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, moved(v)])) : value;
  };
  urls["api"] = moved(urls["api"]);
}
