// BotService (api.md section 10): every call of it, put together from the files beside this one. Wiring only.

import type { BotServiceImplementation } from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import type { ProcessInfo } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { unnamedProcess } from "../../rpc/process-info.ts";
import type { Timers } from "../../rpc/timers.ts";
import type { TopicMetrics } from "../../rpc/topic.ts";
import type { Books } from "../books/books.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { botChanges } from "./bot-changes.ts";
import { subscribeEvents } from "./bot-events.ts";
import { explainOrder } from "./bot-explain.ts";
import { type LogLines, subscribeLogs } from "./bot-logs.ts";
import { botMessage } from "./bot-messages.ts";
import { pnlCurve } from "./bot-pnl.ts";
import { previewBot } from "./bot-preview.ts";
import { requiredBot } from "./bot-refusals.ts";
import { slotsMessage } from "./bot-slots.ts";
import { StateAt } from "./bot-state-at.ts";
import { BotTopics } from "./bot-topics.ts";
import { type WhatIfRunner, whatIfCalls } from "./bot-what-if.ts";
import { journalInfos } from "./journal-info.ts";
import { pageOf } from "./paging.ts";

export interface BotServiceOptions {
  readonly fleet: Fleet;
  readonly books: Books;
  readonly log: LogLines;
  /** The process it runs in, as GetProcess tells it; unnamed when absent. */
  readonly process?: () => ProcessInfo;
  /** Where a browser may command the bots (API-37); empty where it may not. */
  readonly operatorUrl: string;
  /** Plays what-ifs in processes of their own; absent: UNIMPLEMENTED. */
  readonly whatIf?: WhatIfRunner;
  readonly metrics?: TopicMetrics;
  /** Time of heartbeats and pace; the machine's when absent. */
  readonly timers?: Timers;
}

export interface BotCalls {
  readonly implementation: BotServiceImplementation;
  /** Ends its topics; before the fleet is closed. */
  close(): void;
}

export function botService(options: BotServiceOptions): BotCalls {
  const { fleet, books, log, operatorUrl } = options;
  const self = options.process ?? (() => unnamedProcess(fleet.options.release));
  const topics = new BotTopics(options);
  const stateAt = new StateAt(fleet);
  const implementation: BotServiceImplementation = {
    ...botChanges(fleet, operatorUrl),
    listBots: async (request) => {
      const keyOf = ({ id }: { readonly id: string }): string => id;
      const { items, nextPageToken } = pageOf(fleet.bots(), request, { list: "ListBots", keyOf, falling: false });
      const nowMs = fleet.options.clock.nowMs();
      return { bots: items.map((bot) => botMessage(bot, operatorUrl)), nextPageToken, nowMs };
    },
    getBot: async ({ botId }) => {
      const bot = requiredBot(fleet, botId);
      return { bot: botMessage(bot, operatorUrl), config: bot.record.config };
    },
    previewBot: (request) => previewBot(fleet, request),
    getSlots: async ({ botId }) => slotsMessage(requiredBot(fleet, botId).state),
    subscribeSlots: (request, { signal }) => topics.subscribeSlots(request, signal),
    subscribeBots: (request, { signal }) => topics.subscribeBots(request, signal),
    subscribeEvents: (request, { signal }) => subscribeEvents(fleet, request, signal),
    subscribeLogs: (request, { signal }) => subscribeLogs(log, request, signal),
    explainOrder: (request, { signal }) => explainOrder(fleet, request, signal),
    getStateAt: (request, { signal }) => stateAt.answer(request, signal),
    ...whatIfCalls(fleet, options.whatIf),
    getProcess: async () => ({ process: self(), journals: journalInfos(fleet) }),
    getPnlCurve: async (request) => ({ points: pnlCurve(books, request) }),
  };
  return { implementation, close: () => topics.close() };
}
