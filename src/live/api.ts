// The same data as the console messages, over plain HTTP (section 2). Reading only.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Result } from "../base/result.ts";
import { refuse } from "../observe/http.ts";
import { ALERTS_MAX } from "./alert-book.ts";
import { fillsCsv, pnlCsv } from "./csv.ts";
import { FILLS_MAX, fillKey } from "./fill-book.ts";
import { type Listing, pageOf, type Query, wholeOf } from "./page-of.ts";
import type { Picture } from "./picture.ts";
import type { Questions } from "./questions.ts";
import type { LiveSettings } from "./settings.ts";

export interface ApiOptions {
  readonly picture: Picture;
  readonly questions: Questions;
  readonly settings: LiveSettings;
}

type Row = Readonly<Record<string, unknown>>;

/** Times of 13 digits order as text. */
const timed = (at: number, key: string): string => `${String(at).padStart(15, "0")}|${key}`;

const FILTERS = ["bot", "exchange", "symbol"] as const;

const chosen = <T extends Row>(items: readonly T[], query: Query): readonly T[] =>
  items.filter((item) =>
    FILTERS.every((field) => query[field] === undefined || !(field in item) || item[field] === query[field]),
  );

/** Each list by its name in the address. */
function listings(picture: Picture): Readonly<Record<string, (query: Query) => Listing<Row>>> {
  const text = (row: Row, ...fields: readonly string[]): string => fields.map((field) => String(row[field])).join("|");
  const list = (items: readonly Row[], ...fields: readonly string[]) => {
    return (query: Query): Listing<Row> => ({ items: chosen(items, query), keyOf: (row) => text(row, ...fields) });
  };
  return {
    bots: (query) =>
      list(
        [...picture.botsOf.values()].map(({ bot }) => ({ ...bot })),
        "id",
      )(query),
    orders: (query) => {
      const orders = picture.orderBook
        .all()
        .map(({ of, order }) => ({ ...order, name: order.symbol, symbol: of.symbol }));
      return list(orders, "exchange", "clientOrder", "id")(query);
    },
    positions: (query) => {
      const held = [...picture.positionsOf.values()].filter(({ position }) => position.amount !== "0");
      const positions = held.map(({ of, position }) => ({ ...position, name: position.symbol, ...of }));
      return list(positions, "exchange", "symbol")(query);
    },
    account: (query) => {
      const accounts = [...picture.accountsOf].flatMap(([exchange, byAsset]) =>
        [...byAsset.values()].map((account) => ({ exchange, ...account })),
      );
      return list(accounts, "exchange", "asset")(query);
    },
    fills: (query) => ({
      items: chosen(
        picture.fillBook.last(FILLS_MAX).map((fill) => ({ ...fill, key: timed(fill.at, fillKey(fill)) })),
        query,
      ),
      keyOf: (row) => text(row, "key"),
      descending: true,
    }),
    pnl: (query) => {
      const all = [...picture.pnlOf].map(([bot, pnl]) => ({ bot, ...pnl, ...curveOf(picture, bot, query) }));
      return list(all, "bot")(query);
    },
    risk: (query) =>
      list(
        [...picture.riskOf].map(([bot, risk]) => ({ bot, ...risk })),
        "bot",
      )(query),
    feeds: (query) =>
      list(
        picture.board.read().feeds.map((feed) => ({ ...feed })),
        "id",
      )(query),
    alerts: (query) => ({
      items: chosen(
        picture.alertBook.last(ALERTS_MAX).map((alert) => ({ ...alert })),
        query,
      ),
      keyOf: (row) => timed(Number(row["at"]), String(row["id"])),
      descending: true,
    }),
  };
}

/** A curve is long: only of the bot that is asked for. */
const curveOf = (picture: Picture, bot: string, query: Query): Row =>
  query["bot"] === bot ? { curve: picture.curveOf.get(bot) ?? [] } : {};

const queryOf = (request: FastifyRequest): Query =>
  Object.fromEntries(new URL(request.url, "http://localhost").searchParams);

const bad = (reply: FastifyReply, message: string): FastifyReply =>
  refuse(reply, { status: 400, code: "bad_request", message, hint: "Correct the query." });

const answer = (reply: FastifyReply, body: Row): FastifyReply => reply.header("cache-control", "no-store").send(body);

export function apiRoutes(app: FastifyInstance, { picture, questions, settings }: ApiOptions): void {
  for (const [name, listing] of Object.entries(listings(picture))) {
    app.get(`/api/v1/${name}`, (request, reply) => {
      const query = queryOf(request);
      const page = pageOf(listing(query), query);
      if (!page.ok) return bad(reply, page.error);
      const { feeds: _feeds, ...measures } = name === "feeds" ? picture.board.read() : { feeds: [] };
      return answer(reply, { items: page.value.items.map(withoutKey), next: page.value.next, ...measures });
    });
  }
  app.get<{ Params: { id: string } }>("/api/v1/bots/:id/slots", (request, reply) => {
    const slots = picture.slotsOf.get(request.params.id);
    if (slots !== undefined) return answer(reply, { ...slots.of, ...slots.slots });
    const message = `there is no ladder of a bot ${request.params.id.slice(0, 40)}`;
    return refuse(reply, { status: 404, code: "not_found", message, hint: "GET /api/v1/bots lists the bots." });
  });
  app.get("/api/v1/candles", (request, reply) => candles(request, reply, { questions, settings }));
  app.get<{ Params: { id: string } }>("/api/v1/explain/:id", async (request, reply) => {
    const told = await questions.explain(request.params.id.slice(0, 128));
    return asked(reply, told, (explanation) => ({ ...explanation }));
  });
  app.get("/api/v1/fills.csv", (request, reply) => {
    const fills = chosen(
      picture.fillBook.last(FILLS_MAX).map((fill) => ({ ...fill })),
      queryOf(request),
    );
    return download(reply, "fills.csv", fillsCsv(fills));
  });
  app.get("/api/v1/pnl.csv", (request, reply) => {
    const { bot } = queryOf(request);
    const curves = [...picture.curveOf].filter(([id]) => bot === undefined || id === bot);
    return download(reply, "pnl.csv", pnlCsv(new Map(curves)));
  });
}

const withoutKey = ({ key: _key, ...row }: Row): Row => row;

async function candles(
  request: FastifyRequest,
  reply: FastifyReply,
  { questions, settings }: Pick<ApiOptions, "questions" | "settings">,
): Promise<FastifyReply> {
  const query = queryOf(request);
  const { exchange = "", symbol = "", interval = settings.interval } = query;
  const limit = wholeOf(query, "limit", { min: 1, max: 1000, fallback: settings.historyLimit });
  const before = wholeOf(query, "before", { min: 0, max: 1e11, fallback: 0 });
  if (!limit.ok) return bad(reply, limit.error);
  if (!before.ok) return bad(reply, before.error);
  if (symbol === "") return bad(reply, "symbol: is missing; give it as in /api/v1/positions, such as BTC/USDT:USDT");
  const told = await questions.candles({ exchange, symbol, interval, before: before.value, limit: limit.value });
  return asked(reply, told, (items) => ({ items }));
}

function asked<T>(reply: FastifyReply, told: Result<T, string>, body: (value: T) => Row): FastifyReply {
  if (told.ok) return answer(reply, body(told.value));
  const hint = "GET /status shows the sources.";
  return refuse(reply, { status: 404, code: "not_found", message: told.error, hint });
}

const download = (reply: FastifyReply, name: string, text: string): FastifyReply =>
  reply
    .header("cache-control", "no-store")
    .header("content-disposition", `attachment; filename="${name}"`)
    .type("text/csv; charset=utf-8")
    .send(text);
