// What live-server knows, in memory and bounded (LIVE-04): sources write it, a hub listens to its changes, and the
// opening of a connection is read from it. It asks nobody and keeps nothing on disk.

import { AlertBook } from "./alert-book.ts";
import { FeedBoard } from "./feed-board.ts";
import type { Alert, Bot, FeedState, JournalFigures, LogLine, Pnl, PnlPoint, Risk, System } from "./messages.ts";
import type { FeedReport, Measures, PictureWriter, ProcessReport, SourceReport } from "./picture-writer.ts";
import { SystemBoard } from "./system-board.ts";
import { STATE_PER_SECOND, TradePicture } from "./trade-picture.ts";
import { CURVE_POINTS_MAX, LOG_LINES_MAX } from "./update.ts";

export { instrumentKey } from "./market-picture.ts";
export { FILLS_LISTED } from "./trade-picture.ts";

const LOG_MAX = 1000;
/** Alerts of a whole list. */
export const ALERTS_LISTED = 100;

export class Picture extends TradePicture implements PictureWriter {
  readonly alertBook = new AlertBook();
  readonly board: FeedBoard;
  readonly systemBoard: SystemBoard;
  readonly botsOf = new Map<string, { readonly source: string; readonly bot: Bot }>();
  readonly pnlOf = new Map<string, Omit<Pnl, "curve">>();
  readonly curveOf = new Map<string, PnlPoint[]>();
  readonly riskOf = new Map<string, Risk>();
  readonly demoOf = new Map<string, boolean>();
  readonly logLines: LogLine[] = [];
  readonly doorsOf = new Map<string, readonly { readonly bot: string; readonly url: string }[]>();

  /** `monotonicMs`: what ages are told by; `historyLimit`: candles of one history. */
  constructor(options: { readonly monotonicMs: () => number; readonly historyLimit: number }) {
    super(options);
    this.board = new FeedBoard(options.monotonicMs);
    this.systemBoard = new SystemBoard(options.monotonicMs);
  }

  // ------------------------------------------------------------------------------------------------- bots

  demo(source: string, simulated: boolean): void {
    this.version += 1;
    this.demoOf.set(source, simulated);
  }

  doors(source: string, list: readonly { readonly bot: string; readonly url: string }[]): void {
    this.version += 1;
    this.doorsOf.set(source, list);
  }

  bots(source: string, list: readonly Bot[]): void {
    const listed = new Set(list.map(({ id }) => id));
    for (const [id, known] of this.botsOf) if (known.source === source && !listed.has(id)) this.forgetBot(id);
    for (const bot of list) this.botsOf.set(bot.id, { source, bot });
    const all = [...this.botsOf.values()].map(({ bot }) => bot);
    this.tell({ type: "bots", of: {}, data: { all } }, { supersedes: "bots|" });
  }

  bot(source: string, bot: Bot): void {
    this.botsOf.set(bot.id, { source, bot });
    this.tell({ type: "bots", of: { bot: bot.id }, data: bot }, { key: `bots|${bot.id}`, perSecond: STATE_PER_SECOND });
  }

  botGone(source: string, id: string): void {
    if (this.botsOf.get(id)?.source !== source) return;
    this.forgetBot(id);
    this.tell({ type: "bots", of: { bot: id }, data: { id, gone: true } }, { key: `bots|${id}` });
  }

  private forgetBot(id: string): void {
    for (const map of [this.botsOf, this.slotsOf, this.pnlOf, this.curveOf, this.riskOf]) map.delete(id);
  }

  pnl(bot: string, pnl: Omit<Pnl, "curve">): void {
    this.pnlOf.set(bot, pnl);
    this.tellPnl(bot, []);
  }

  curve(bot: string, points: readonly PnlPoint[]): void {
    const known = this.curveOf.get(bot) ?? [];
    const newest = known.at(-1)?.[0] ?? -1;
    const news = points.filter(([at]) => at > newest);
    if (news.length === 0) return;
    known.push(...news.slice(-CURVE_POINTS_MAX));
    if (known.length > CURVE_POINTS_MAX) known.splice(0, known.length - CURVE_POINTS_MAX);
    this.curveOf.set(bot, known);
    this.tellPnl(bot, news);
  }

  /** Time of the newest point of a curve, Unix ms; 0 = there is none. */
  newestPoint(bot: string): number {
    return this.curveOf.get(bot)?.at(-1)?.[0] ?? 0;
  }

  private tellPnl(bot: string, curve: readonly PnlPoint[]): void {
    const pnl = this.pnlOf.get(bot);
    if (pnl === undefined) return;
    this.tell(
      { type: "pnl", of: { bot }, data: curve.length === 0 ? pnl : { ...pnl, curve } },
      { key: `pnl|${bot}`, perSecond: STATE_PER_SECOND },
    );
  }

  risk(bot: string, risk: Risk): void {
    this.riskOf.set(bot, risk);
    this.tell({ type: "risk", of: { bot }, data: risk }, { key: `risk|${bot}`, perSecond: STATE_PER_SECOND });
  }

  // ------------------------------------------------------------------------------------------------- the system

  feeds(source: string, list: readonly FeedReport[]): void {
    this.board.replace(source, list);
    this.tellFeeds();
  }

  feed(source: string, feed: FeedReport): void {
    this.board.put(source, feed);
    this.tellFeeds();
  }

  source(report: SourceReport): void {
    this.board.source(report);
    this.tellFeeds();
    if (this.systemBoard.changed(this.stateOf)) this.tellSystem();
  }

  measures(source: string, measures: Measures): void {
    this.board.measure(source, measures);
    this.tellFeeds();
  }

  process(report: ProcessReport): void {
    this.systemBoard.process(report);
    this.tellSystem();
  }

  journals(source: string, list: readonly JournalFigures[]): void {
    this.systemBoard.journals(source, list);
  }

  systemNow(): System {
    return this.systemBoard.read(this.stateOf);
  }

  private tellSystem(): void {
    this.tell({ type: "system", of: {}, data: this.systemNow() }, { key: "system", perSecond: STATE_PER_SECOND });
  }

  /** What is no source is this server itself, which lives while it speaks. */
  private readonly stateOf = (id: string): FeedState =>
    this.board.sourceList().find(({ name }) => name === id)?.state ?? "LIVE";

  /** Tells the feeds with their ages of now; whoever runs the picture calls it once a second. */
  tellFeeds(): void {
    this.tell({ type: "feeds", of: {}, data: this.board.read() }, { key: "feeds", perSecond: STATE_PER_SECOND });
  }

  alerts(source: string, list: readonly Alert[]): void {
    this.alertBook.replace(source, list);
    this.tell({ type: "alerts", of: {}, data: { all: this.alertBook.last(ALERTS_LISTED) } });
  }

  alert(source: string, alert: Alert): void {
    if (!this.alertBook.put(source, alert)) return;
    this.tell({ type: "alerts", of: alert.bot === "" ? {} : { bot: alert.bot }, data: alert });
  }

  log(lines: readonly LogLine[], dropped = 0): void {
    this.logLines.push(...lines.slice(-LOG_MAX));
    if (this.logLines.length > LOG_MAX) this.logLines.splice(0, this.logLines.length - LOG_MAX);
    const data = { lines: lines.slice(-LOG_LINES_MAX), dropped: dropped + Math.max(0, lines.length - LOG_LINES_MAX) };
    this.tell({ type: "log", of: {}, data }, { key: "log", perSecond: STATE_PER_SECOND });
  }
}
