// One round trip of each socket (EXCH-55): everything a bot subscribes to is subscribed for one instrument, and every
// socket has to open, log in and deliver before the time is over. Nothing is changed on the exchange.

import type { UpstreamHealth } from "../port.ts";
import { bad, type ExchangeFinding, good } from "./finding.ts";
import type { Machine } from "./machine.ts";

const PATIENCE_MS = 10_000;

/** Streams that deliver at once on any market; trades and candles come when they come. */
const subjectsOf = (
  symbol: string,
  { signed, perpetual }: { readonly signed: boolean; readonly perpetual: boolean },
) => [`book ${symbol}`, ...(perpetual ? [`funding ${symbol}`] : []), ...(signed ? ["orders"] : [])];

export async function examineSockets(
  machine: Machine,
  { symbol, signed }: { readonly symbol: string; readonly signed: boolean },
): Promise<readonly ExchangeFinding[]> {
  const { clock, streams, table } = machine;
  const startMs = clock.monotonicMs();
  const said = new Map<string, UpstreamHealth & { readonly atMs: number }>();
  const wanted = subjectsOf(symbol, { signed, perpetual: table.market === "perpetual" });
  const all = Promise.withResolvers<void>();
  const endHealth = machine.onHealth((news) => {
    said.set(news.subject, { ...news, atMs: Math.round(clock.monotonicMs() - startMs) });
    if (wanted.every((subject) => said.get(subject)?.state === "live")) all.resolve();
  });
  const cancel = clock.at(clock.nowMs() + PATIENCE_MS, () => all.resolve());
  const request = { symbol, candleInterval: "1m", bookIntervalMs: 100 } as const;
  const end = streams.subscribe(request, () => undefined);
  try {
    await all.promise;
  } finally {
    cancel();
    end();
    endHealth();
  }
  const sockets = [...said.keys()].filter((subject) => subject.startsWith("socket ")).sort();
  return [...sockets, ...wanted].map((subject) => finding(subject, said.get(subject)));
}

function finding(subject: string, last: (UpstreamHealth & { readonly atMs: number }) | undefined): ExchangeFinding {
  const where = { area: "streams", check: subject.startsWith("socket ") ? "sockets" : "first frame" } as const;
  if (last?.state === "live") return good(where, `${subject}: live after ${last.atMs} ms`);
  const why = last === undefined ? `nothing came within ${PATIENCE_MS / 1000} s` : last.text;
  const advice = "see that WebSockets pass your firewall or proxy, and that endpoints.websocket is right";
  return bad(where, "stop", [`${subject}: ${why}`, advice]);
}
