// RiskService, PositionService and PortfolioService of one process, wired to its fleet: one set of books, one desk, two
// topics. Made before the fleet starts, so that nothing is missed.

import {
  PortfolioServiceDefinition,
  type PortfolioServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/portfolio.ts";
import {
  PositionServiceDefinition,
  type PositionServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import {
  RiskServiceDefinition,
  type RiskServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { type RpcOffering, rpcService } from "../../rpc/method.ts";
import type { TopicMetrics } from "../../rpc/topic.ts";
import { Books } from "../books/books.ts";
import type { AlertOver, HostAlert } from "../context.ts";
import type { TurnDone } from "../loop.ts";
import { WALL_CLOCK } from "../wall-clock.ts";
import { BookStreams } from "./book-streams.ts";
import type { CommandedAccount, CommandedBot } from "./commanded.ts";
import { portfolioService } from "./portfolio-service.ts";
import { positionReads } from "./position-service.ts";
import { ReconciliationDesk } from "./reconciliation-desk.ts";
import { riskCalls } from "./risk-service.ts";

/** What of a `Fleet` is needed. */
export interface BooksFleet {
  bots(): readonly CommandedBot[];
  /** Null, or absent, where no limits over all bots are kept. */
  readonly account?: CommandedAccount | null;
  /** Calls after every turn of a bot that is on the disk, and with null when something else changed. */
  observe(listener: (bot: { readonly id: string }, turn: TurnDone | null) => void): () => void;
}

export interface BooksServices {
  readonly books: Books;
  readonly risk: RiskServiceImplementation;
  readonly position: PositionServiceImplementation;
  readonly portfolio: PortfolioServiceImplementation;
  /** For `startRpcServer`. */
  readonly services: readonly RpcOffering[];
  /** An alert of a bot's host or of the fleet, into the ring that is shown. */
  alert(bot: string, alert: HostAlert): void;
  /** What a host, or the process, alerted of is over. */
  over(bot: string, over: AlertOver): void;
  close(): void;
}

export interface BooksServicesOptions {
  readonly fleet: BooksFleet;
  /** A journal cannot be read: that bot's figures stay behind. */
  readonly onFailed: (bot: string, error: unknown) => void;
  readonly metrics?: TopicMetrics;
}

export function booksServices({ fleet, onFailed, metrics }: BooksServicesOptions): BooksServices {
  const books = new Books({ bots: () => fleet.bots(), onFailed });
  const desk = new ReconciliationDesk(books);
  const streams = new BookStreams(books, metrics);
  const leave = fleet.observe((_bot, turn) => {
    if (turn === null) books.refresh();
  });
  books.refresh();
  const office = {
    books,
    account: fleet.account ?? null,
    bots: () => fleet.bots(),
    observe: (listener: (bot: string) => void) => fleet.observe(({ id }) => listener(id)),
  };
  const risk: RiskServiceImplementation = {
    ...riskCalls(office, desk),
    subscribeRiskAlerts: (request, context) => streams.subscribeRiskAlerts(request, context),
  };
  const position: PositionServiceImplementation = {
    ...positionReads(books),
    subscribePositions: (request, context) => streams.subscribePositions(request, context),
  };
  const portfolio = portfolioService(books);
  return {
    books,
    risk,
    position,
    portfolio,
    services: [
      rpcService(RiskServiceDefinition, risk),
      rpcService(PositionServiceDefinition, position),
      rpcService(PortfolioServiceDefinition, portfolio),
    ],
    alert: (bot, alert) => books.alert(bot, alert, books.of(bot)?.nowMs || WALL_CLOCK.nowMs()),
    over: (bot, over) => books.over(bot, over, books.of(bot)?.nowMs || WALL_CLOCK.nowMs()),
    close: () => {
      leave();
      streams.close();
      desk.close();
      books.close();
    },
  };
}
