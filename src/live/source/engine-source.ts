// An engine as a source: its bots with their ladders, fills, results and risk, its alerts and its log. One
// subscription a topic; what the API only answers when asked (results, risk) is asked for once for all browsers.

import { fail, ok, type Result } from "../../base/result.ts";
import type { RpcClientOf } from "../../rpc/client.ts";
import {
  BotServiceDefinition,
  type SubscribeBotsResponse,
  type SubscribeLogsResponse,
  type SubscribeSlotsResponse,
  type Bot as WireBot,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import {
  PositionServiceDefinition,
  type PositionServiceSubscribePositionsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/position.ts";
import {
  RiskServiceDefinition,
  type SubscribeRiskAlertsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { Severity } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { refusalOf } from "../../rpc/refusal.ts";
import { pause } from "../../rpc/timers.ts";
import type { Bot, LogLine } from "../messages.ts";
import type {
  Explanation,
  NoPreview,
  StateQuestion,
  ToldConfig,
  ToldPreview,
  ToldState,
  ToldWhatIf,
} from "../questions.ts";
import { askConfig, askPreview, OneByOne, stateAtOf } from "./bot-questions.ts";
import { readPnl } from "./pnl-reads.ts";
import { readRisk } from "./risk-reads.ts";
import { type Asked, Source, type SourceOptions } from "./source.ts";
import { journalsOf, PROCESS_EVERY_MS, RECOVERING_EVERY_MS, readUnlessUnknown, toldOf } from "./system-reads.ts";
import { askWhatIf } from "./what-if-question.ts";
import { alertOf, botOf, explanationOf, fillOf, orderOf, severityOf, slotOf, told } from "./words.ts";

const FILLS_PAGE = 1000;
const BOTS_EVERY_MS = 5000;
const PNL_EVERY_MS = 2000;
const BOTS_AT_ONCE = 20;
/** With many bots results come less often: three reads each, and a key may ask 100 times a second (API-30). */
const PNL_OF_BOT_MS = 60;
const RISK_EVERY_MS = 1000;
/** A client order id of ours (API-03). */
const CLIENT_ORDER_ID = /^[a-su-z][0-9A-Za-z]{0,27}$/;

export interface EngineOptions extends SourceOptions {
  /** No connector tells orders and positions: they come from the engine's books. */
  readonly tellsOrders: boolean;
  readonly nameOf: (exchange: string, symbol: string) => string;
  /** Real ms since a moment of the exchange's clock; null while no connector tells that clock. */
  readonly sinceMs: (exchange: string, atMs: number) => number | null;
}

interface Known {
  readonly bot: Bot;
  readonly url: string;
  /** When this run of it was first heard of, monotonic ms. */
  readonly seenMs: number;
  readonly startedAtMs: number;
  readonly ending: AbortController;
}

export class EngineSource extends Source {
  private readonly own: EngineOptions;
  private readonly bots: RpcClientOf<typeof BotServiceDefinition>;
  private readonly positions: RpcClientOf<typeof PositionServiceDefinition>;
  private readonly risk: RpcClientOf<typeof RiskServiceDefinition>;
  private readonly known = new Map<string, Known>();
  private readonly looksBack = new OneByOne();
  private hadFills = false;
  private isReady = false;

  constructor(options: EngineOptions) {
    super(options);
    this.own = options;
    this.tellProcess("engine", null);
    this.bots = options.client.client(BotServiceDefinition);
    this.positions = options.client.client(PositionServiceDefinition);
    this.risk = options.client.client(RiskServiceDefinition);
  }

  protected async run(): Promise<void> {
    const { signal } = this.ending;
    if (!(await this.insist("first contact", async () => void (await this.bots.listBots({}, { signal }))))) return;
    this.holdBots();
    this.holdFills();
    this.holdAlerts();
    this.holdLog();
    this.repeat(
      "bots",
      () => BOTS_EVERY_MS,
      () => this.listBots(),
    );
    this.repeat(
      "results",
      () => Math.max(PNL_EVERY_MS, this.known.size * PNL_OF_BOT_MS),
      () => this.results(),
    );
    this.repeat(
      "risk",
      () => RISK_EVERY_MS,
      async () => {
        const bots = [...this.known.values()].map(({ bot }) => bot);
        for (const [bot, risk] of await readRisk(this.risk, bots, signal)) this.options.picture.risk(bot, risk);
      },
    );
    this.repeat(
      "process",
      () => (this.isReady ? PROCESS_EVERY_MS : RECOVERING_EVERY_MS),
      () => this.readProcess(),
    );
    if (this.own.tellsOrders)
      this.repeat(
        "orders",
        () => RISK_EVERY_MS,
        () => this.openOrders(),
      );
  }

  // ------------------------------------------------------------------------------------------------- bots

  private holdBots(): void {
    this.hold<SubscribeBotsResponse>({
      name: "bots",
      open: ({ resumeToken, signal }) => this.bots.subscribeBots({ botIds: [], resumeToken }, { signal }),
      snapshot: (items) => {
        this.allBots(items.flatMap(({ bot }) => bot ?? []));
        // it may be another process by now, and recovering
        this.later("process", () => this.readProcess());
      },
      update: ({ bot }) => {
        if (bot !== undefined) this.options.picture.bot(this.name, this.meet(bot));
        this.tellDoors();
      },
    });
  }

  /** A stream says what changes; that a bot was deleted only a list can tell. */
  private async listBots(): Promise<void> {
    const list: WireBot[] = [];
    let pageToken = "";
    do {
      const page = await this.bots.listBots({ pageSize: 1000, pageToken }, { signal: this.ending.signal });
      list.push(...page.bots);
      pageToken = page.nextPageToken;
    } while (pageToken !== "" && list.length < 100_000);
    const there = new Set(list.map(({ botId }) => botId));
    if ([...this.known.keys()].some((id) => !there.has(id))) this.allBots(list);
  }

  private allBots(list: readonly WireBot[]): void {
    const there = new Set(list.map(({ botId }) => botId));
    for (const [id, { ending }] of this.known) {
      if (there.has(id)) continue;
      ending.abort();
      this.known.delete(id);
    }
    this.options.picture.bots(
      this.name,
      list.map((bot) => this.meet(bot)),
    );
    this.tellDoors();
  }

  private meet(wire: WireBot): Bot {
    const { startedAtMs } = wire;
    const before = this.known.get(wire.botId);
    const seenMs = before?.startedAtMs === startedAtMs ? before.seenMs : this.options.monotonicMs();
    const bot = botOf(wire, this.uptime(wire, seenMs));
    const ending = before?.ending ?? new AbortController();
    this.known.set(bot.id, { bot, url: wire.operatorUrl, seenMs, startedAtMs, ending });
    if (before === undefined) this.holdSlots(bot.id, ending.signal);
    return bot;
  }

  /** It started by the market's clock, which may run ahead of the wall: without that clock, since it was heard of. */
  private uptime({ exchange, startedAtMs }: WireBot, seenMs: number): number {
    if (startedAtMs === 0) return 0;
    const heardMs = this.options.monotonicMs() - seenMs;
    const sinceMs = this.own.sinceMs(exchange, startedAtMs) ?? this.options.wallMs() - startedAtMs;
    return Math.round(Math.max(0, heardMs, sinceMs));
  }

  private tellDoors(): void {
    const doors = [...this.known].flatMap(([bot, { url }]) => (url === "" ? [] : [{ bot, url }]));
    this.options.picture.doors(this.name, doors);
  }

  private holdSlots(botId: string, signal: AbortSignal): void {
    const take = (ladder: SubscribeSlotsResponse): void => {
      const bot = this.known.get(botId)?.bot;
      if (bot === undefined) return;
      const nowMs = this.options.wallMs();
      this.options.picture.slots(
        { bot: botId, exchange: bot.exchange, symbol: bot.symbol },
        {
          anchor: told(ladder.anchor, ""),
          ref: told(ladder.ref, ""),
          windowLow: told(ladder.windowLow, ""),
          windowHigh: told(ladder.windowHigh, ""),
          averageEntry: told(ladder.averageEntry, ""),
          stray: told(ladder.stray, ""),
          dust: "",
          slots: ladder.slots.map((slot) => slotOf(slot, nowMs)),
        },
      );
    };
    this.hold<SubscribeSlotsResponse>({
      name: `slots of ${botId}`,
      signal,
      open: ({ resumeToken, signal: until }) => this.bots.subscribeSlots({ botId, resumeToken }, { signal: until }),
      snapshot: (items) => {
        for (const item of items) take(item);
      },
      update: take,
    });
  }

  // ------------------------------------------------------------------------------------------------- fills, results

  private holdFills(): void {
    this.hold<PositionServiceSubscribePositionsResponse>({
      name: "fills",
      open: ({ resumeToken, signal }) => this.positions.subscribePositions({ symbols: [], resumeToken }, { signal }),
      // positions themselves are the exchange's to tell; what filled while nobody listened is looked up
      snapshot: () => this.later("fills", () => this.lookUpFills()),
      update: ({ trigger }) => {
        if (trigger !== undefined) this.options.picture.fill(fillOf(trigger));
      },
    });
  }

  private async lookUpFills(): Promise<void> {
    const asked = { symbols: [], botIds: [], fromMs: 0, toMs: 0, pageSize: FILLS_PAGE, pageToken: "" };
    const { fills } = await this.positions.getFills(asked, { signal: this.ending.signal });
    this.options.picture.fills(fills.map(fillOf), { silent: !this.hadFills });
    this.hadFills = true;
  }

  private async readProcess(): Promise<void> {
    const { signal } = this.ending;
    const answer = await readUnlessUnknown(() => this.bots.getProcess({}, { signal }));
    if (answer !== null) this.options.picture.journals(this.name, journalsOf(answer));
    this.isReady = answer?.process?.ready ?? true;
    this.tellProcess("engine", toldOf(answer?.process));
  }

  private async results(): Promise<void> {
    const { picture } = this.options;
    for (const { bot } of this.known.values()) {
      const newest = picture.newestPoint(bot.id);
      const { pnl, points } = await readPnl(this, { bot, fromMs: newest === 0 ? 0 : newest + 1 });
      picture.curve(bot.id, points);
      picture.pnl(bot.id, pnl);
      await pause(this.known.size > BOTS_AT_ONCE ? PNL_OF_BOT_MS : 0, this.ending.signal);
    }
  }

  /** What the reads of results need of this source. */
  get reading() {
    return { positions: this.positions, bots: this.bots, signal: this.ending.signal };
  }

  private async openOrders(): Promise<void> {
    const { signal } = this.ending;
    const { orders } = await this.positions.getOpenOrders({ pageSize: 1000 }, { signal });
    const byExchange = Map.groupBy(orders, ({ exchange }) => exchange);
    const exchanges = new Set([...byExchange.keys(), ...[...this.known.values()].map(({ bot }) => bot.exchange)]);
    for (const exchange of exchanges) {
      const placed = (byExchange.get(exchange) ?? []).map((each) =>
        orderOf(each, this.own.nameOf(exchange, each.symbol)),
      );
      const vanished = this.options.picture.orders(exchange, placed);
      for (const { order } of vanished) {
        const { order: found } = await this.positions.getOrder(
          { clientOrderId: order.clientOrder, exchange },
          { signal },
        );
        if (found !== undefined) this.options.picture.order(orderOf(found, order.symbol));
      }
    }
  }

  // ------------------------------------------------------------------------------------------------- alerts, log

  private holdAlerts(): void {
    const { picture } = this.options;
    this.hold<SubscribeRiskAlertsResponse>({
      name: "alerts",
      open: ({ resumeToken, signal }) =>
        this.risk.subscribeRiskAlerts({ severityMin: Severity.INFO, resumeToken }, { signal }),
      snapshot: (items) =>
        picture.alerts(
          this.name,
          items.flatMap(({ alert }) => (alert === undefined ? [] : [alertOf(alert)])),
        ),
      update: ({ alert }) => {
        if (alert !== undefined) picture.alert(this.name, alertOf(alert));
      },
    });
  }

  private holdLog(): void {
    // that somebody looked is no news to those who look: it would be most of the log, and half of it our own reads
    const isRead = ({ fields }: SubscribeLogsResponse): boolean =>
      fields["role"] === "reader" && fields["status"] === "OK";
    const lineOf = ({ atMs, level, process, code, text, fields }: SubscribeLogsResponse): LogLine => {
      return { at: atMs, level: severityOf(level).toLowerCase(), process, code, text, fields };
    };
    const take = (items: readonly SubscribeLogsResponse[]): void => {
      // a snapshot after a gap tells again what was told before it
      const news = items.filter((item) => item.atMs > newestMs && !isRead(item));
      newestMs = Math.max(newestMs, ...items.map(({ atMs }) => atMs));
      this.options.picture.log(news.map(lineOf));
    };
    let newestMs = 0;
    this.hold<SubscribeLogsResponse>({
      name: "log",
      open: ({ resumeToken, signal }) => this.bots.subscribeLogs({ levelMin: Severity.INFO, resumeToken }, { signal }),
      snapshot: take,
      update: (item) => {
        newestMs = Math.max(newestMs, item.atMs);
        if (!isRead(item)) this.options.picture.log([lineOf(item)], item.meta?.conflated ?? 0);
      },
    });
  }

  // ------------------------------------------------------------------------------------------------- why

  /** By whatever the id turns out to be; the error is the engine's own when none of them knows it. */
  async explain(id: string): Asked<Omit<Explanation, "requestId">> {
    const clientOrder = CLIENT_ORDER_ID.test(id) ? [{ clientOrderId: id }] : [];
    let error = `${this.name} knows nothing of ${id}`;
    for (const by of [...clientOrder, { orderId: id }, { tradeId: id }, { refusalId: id }]) {
      try {
        return ok(explanationOf(await this.bots.explainOrder(by, { signal: this.ending.signal })));
      } catch (failure) {
        const refusal = refusalOf(failure);
        if (refusal.status !== "NOT_FOUND" && refusal.status !== "INVALID_ARGUMENT") return fail(refusal.message);
        if (refusal.status === "NOT_FOUND") error = refusal.message;
      }
    }
    return fail(error);
  }

  // ------------------------------------------------------------------------------------------------- setup, replay

  has(bot: string): boolean {
    return this.known.has(bot);
  }

  config(bot: string): Asked<ToldConfig> {
    return askConfig(this.reading, bot);
  }

  preview(bot: string, config: string): Promise<Result<ToldPreview, NoPreview>> {
    return askPreview(this.reading, { bot, config });
  }

  whatIf(bot: string): Asked<ToldWhatIf> {
    return askWhatIf(this.reading, bot);
  }

  /** One after another: an engine replays for one at a time. */
  state({ bot, sequence, at }: StateQuestion): Asked<ToldState> {
    const { signal } = this.ending;
    return this.looksBack.ask(async () => {
      try {
        const answer = await this.bots.getStateAt({ botId: bot, sequence, atMs: at }, { signal });
        return ok(stateAtOf(bot, answer, this.options.wallMs()));
      } catch (failure) {
        return fail(refusalOf(failure).message);
      }
    });
  }
}
