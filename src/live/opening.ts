// What a new connection is told first, cut from the picture at one instant (section 4). Nothing here waits, so nothing
// can happen between two parts of it.

import type { ClassicMessage, ConsoleType, Hello, Instrument } from "./messages.ts";
import { ALERTS_LISTED, FILLS_LISTED, instrumentKey, type Picture } from "./picture.ts";
import { type Body, LOG_LINES_MAX, Update } from "./update.ts";

export interface OpeningOptions {
  readonly interval: string;
  readonly historyLimit: number;
}

/** Opening of a classic connection: history, orders, account, and position of a derivative. */
export function classicOpening(
  picture: Picture,
  instrument: Instrument,
  options: OpeningOptions,
): readonly ClassicMessage[] {
  const { exchange, symbol, name } = instrument;
  const book = picture.candleBooks.get(`${instrumentKey(instrument)}|${options.interval}`)?.book;
  const accounts = [...(picture.accountsOf.get(exchange)?.values() ?? [])];
  const flat = { symbol: name, amount: "0", entryPrice: "0", unrealizedPnL: "0" };
  const position = picture.positionsOf.get(instrumentKey({ exchange, symbol }))?.position ?? flat;
  return [
    { type: "history", data: book?.last(options.historyLimit) ?? [] },
    { type: "orders", data: picture.orderBook.shown(exchange, name) },
    ...accounts.map((data) => ({ type: "account", data: { ...data, symbol: name } }) as const),
    ...(instrument.kind === "perpetual" ? [{ type: "position", data: position } as const] : []),
  ];
}

/** Order of the opening's parts. */
const PARTS: readonly ConsoleType[] = [
  "history",
  "orders",
  "account",
  "position",
  "bots",
  "slots",
  "fills",
  "pnl",
  "risk",
  "feeds",
  "system",
  "alerts",
];

/** One topic as a console is told it when it asks for it, or at the opening. */
export function topicNow(picture: Picture, topic: ConsoleType, options: OpeningOptions): readonly Body[] {
  switch (topic) {
    case "history":
    case "kline":
      return [...picture.candleBooks.values()]
        .filter(({ of }) => topic === "kline" || of.interval === options.interval)
        .map(({ of, book }) => ({ type: "history", of, data: book.last(options.historyLimit) }));
    case "orders":
      return [{ type: "orders", of: {}, data: { all: picture.orderBook.all().map(({ order }) => order) } }];
    case "account":
      return [...picture.accountsOf].flatMap(([exchange, accounts]) => {
        const symbol = picture.instrumentList().find((each) => each.exchange === exchange)?.name ?? "";
        return [...accounts.values()].map(
          (data): Body => ({ type: "account", of: { exchange }, data: { ...data, symbol } }),
        );
      });
    case "position":
      return [...picture.positionsOf.values()].map(({ of, position }) => ({ type: "position", of, data: position }));
    case "bots":
      return [{ type: "bots", of: {}, data: { all: [...picture.botsOf.values()].map(({ bot }) => bot) } }];
    case "slots":
      return [...picture.slotsOf.values()].map(({ of, slots }) => ({ type: "slots", of, data: slots }));
    case "fills":
      return [{ type: "fills", of: {}, data: { all: picture.fillBook.last(FILLS_LISTED) } }];
    case "pnl":
      return [...picture.pnlOf].map(([bot, pnl]) => {
        return { type: "pnl", of: { bot }, data: { ...pnl, curve: [...(picture.curveOf.get(bot) ?? [])] } };
      });
    case "risk":
      return [...picture.riskOf].map(([bot, risk]) => ({ type: "risk", of: { bot }, data: risk }));
    case "feeds":
      return [{ type: "feeds", of: {}, data: picture.board.read() }];
    case "system":
      return [{ type: "system", of: {}, data: picture.systemNow() }];
    case "alerts":
      return [{ type: "alerts", of: {}, data: { all: picture.alertBook.last(ALERTS_LISTED) } }];
    case "log":
      return chunks(picture.logLines, LOG_LINES_MAX).map((lines) => ({
        type: "log",
        of: {},
        data: { lines, dropped: 0 },
      }));
    case "hello":
    case "trade_event":
    case "explain":
    case "candles":
    case "config":
    case "preview":
    case "state":
    case "what_if":
    case "ready":
    case "bye":
    case "error":
      return [];
  }
}

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}

/** Openings of consoles: what many join at the same instant is put into words once. */
export class ConsoleOpening {
  private readonly picture: Picture;
  private readonly options: OpeningOptions;
  private cut: { readonly version: number; readonly updates: ReadonlyMap<ConsoleType, readonly Update[]> } | null =
    null;

  constructor(picture: Picture, options: OpeningOptions) {
    this.picture = picture;
    this.options = options;
  }

  /** hello, the picture, ready. */
  now(hello: Hello): readonly Update[] {
    const { version } = this.picture;
    const told = (body: Body): Update => new Update({ body, version });
    if (this.cut?.version !== version) {
      const parts = PARTS.map((topic) => [topic, topicNow(this.picture, topic, this.options).map(told)] as const);
      this.cut = { version, updates: new Map(parts) };
    }
    const { updates } = this.cut;
    // ages are of this moment, whatever the picture's version
    const fresh = (topic: ConsoleType): readonly Update[] =>
      topic === "feeds" || topic === "system"
        ? topicNow(this.picture, topic, this.options).map(told)
        : (updates.get(topic) ?? []);
    return [
      told({ type: "hello", of: {}, data: hello }),
      ...PARTS.flatMap(fresh),
      told({ type: "ready", of: {}, data: {} }),
    ];
  }
}
