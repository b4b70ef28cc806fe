// The two streams of the books: alerts (lossless, the last 100 first) and positions (lossless, marks conflated to four
// a second). One topic each, however many subscribe; with nobody subscribed nothing is made.

import type { CallContext } from "nice-grpc-common";
import { optionalEnum, optionalText } from "../../rpc/fields.ts";
import type {
  DeepPartial,
  PositionServiceSubscribePositionsRequest,
  PositionServiceSubscribePositionsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import type {
  SubscribeRiskAlertsRequest,
  SubscribeRiskAlertsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { invalidField } from "../../rpc/refusal.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { AlertSeverity } from "../../trading/effect.ts";
import type { PostingCause } from "../../trading/ledger.ts";
import { isAtLeast, type KeptAlert } from "../books/alert-ring.ts";
import type { Books, BooksChange } from "../books/books.ts";
import type { BotBook } from "../books/bot-book.ts";
import type { MoneyRow } from "../books/money-rows.ts";
import { fillMessage } from "./order-messages.ts";
import { positionMessage } from "./position-messages.ts";
import { alertMessage } from "./risk-messages.ts";
import { everyBot, selected } from "./selection.ts";

const SNAPSHOT_ALERTS = 100;
const MARK_INTERVAL_MS = 250;

const LEAST: Readonly<Record<number, AlertSeverity>> = {
  [Severity.UNSPECIFIED]: "info",
  [Severity.INFO]: "info",
  [Severity.WARNING]: "warning",
  [Severity.ERROR]: "error",
  [Severity.CRITICAL]: "critical",
};
const UPDATE_TYPES: Readonly<Record<PostingCause, string>> = {
  fill: "fill",
  funding: "funding",
  adjustment: "adjust",
  adoption: "adopt",
};

type PositionUpdate = Pick<BooksChange, "book"> & { readonly row: MoneyRow | null; readonly cause: string };
type AlertsStream = AsyncGenerator<DeepPartial<SubscribeRiskAlertsResponse>, void>;
type PositionsStream = AsyncGenerator<DeepPartial<PositionServiceSubscribePositionsResponse>, void>;

export class BookStreams {
  private readonly books: Books;
  private readonly alerts: Topic<KeptAlert>;
  private readonly positions: Topic<PositionUpdate>;
  private readonly ends: readonly (() => void)[];

  constructor(books: Books, metrics?: TopicMetrics) {
    this.books = books;
    const counted = metrics === undefined ? {} : { metrics };
    this.alerts = new Topic<KeptAlert>({
      name: "SubscribeRiskAlerts",
      local: true,
      snapshot: () => books.alerts.newest(SNAPSHOT_ALERTS),
      ...counted,
    });
    this.positions = new Topic<PositionUpdate>({
      name: "SubscribePositions",
      local: true,
      intervalMs: MARK_INTERVAL_MS,
      conflate: ({ book, cause }) => (cause === "mark" ? book.bot : null),
      snapshot: () => everyBot(books).map(({ book }) => ({ book, row: null, cause: "" })),
      ...counted,
    });
    this.ends = [
      books.alerts.onAlert((alert) => this.alerts.publish(alert)),
      books.onChange((change) => this.changed(change)),
    ];
  }

  async *subscribeRiskAlerts(request: SubscribeRiskAlertsRequest, context: CallContext): AlertsStream {
    const least = LEAST[optionalEnum("severity_min", request.severityMin, Severity)] ?? "info";
    const resumeToken = optionalText("resume_token", request.resumeToken, 200);
    const filter = ({ severity }: KeptAlert): boolean => isAtLeast(severity, least);
    for await (const { meta, item } of this.alerts.subscribe({ signal: context.signal, resumeToken, filter })) {
      yield item === null ? { meta } : { meta, alert: alertMessage(item) };
    }
  }

  async *subscribePositions(request: PositionServiceSubscribePositionsRequest, context: CallContext): PositionsStream {
    const { symbols, resumeToken } = request;
    selected(this.books, { symbols }); // refuses names that can be none
    if (resumeToken !== "") throw invalidField("resume_token", "this stream is not resumed: subscribe without one");
    const wanted = new Set(symbols);
    const filter = ({ book }: PositionUpdate): boolean =>
      wanted.size === 0 || wanted.has(book.instrument?.symbol ?? "");
    for await (const { meta, item } of this.positions.subscribe({ signal: context.signal, filter })) {
      yield item === null ? { meta } : { meta, ...updateMessage(item) };
    }
  }

  close(): void {
    for (const end of this.ends) end();
    this.alerts.close();
    this.positions.close();
  }

  private changed({ book, change }: BooksChange): void {
    if (this.positions.subscribers === 0 || change.kind === "reconciled") return;
    if (change.kind === "money") {
      this.positions.publish({ book, row: change.row, cause: UPDATE_TYPES[change.row.entry.cause] });
    } else if (book.position() !== 0) this.positions.publish({ book, row: null, cause: "mark" });
  }
}

/** The position as it is when the message is made: never older than its cause. */
function updateMessage({ book, row, cause }: PositionUpdate): DeepPartial<PositionServiceSubscribePositionsResponse> {
  const { instrument } = book satisfies BotBook;
  if (instrument === null) return {};
  const trigger = row === null ? null : fillMessage(book.bot, instrument, row);
  const position = positionMessage({ book, instrument });
  return { position, updateType: cause, ...(trigger === null ? {} : { trigger }) };
}
