// SubscribeBots and SubscribeSlots: bots as they change, at most four times a second a subscriber. What is queued is
// the bot itself, so a slow subscriber sees its newest state and costs nothing.

import { optionalText, requiredText } from "../../rpc/fields.ts";
import type {
  SubscribeBotsRequest,
  SubscribeBotsResponse,
  SubscribeSlotsRequest,
  SubscribeSlotsResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import { invalidField } from "../../rpc/refusal.ts";
import type { Timers } from "../../rpc/timers.ts";
import { Topic, type TopicMetrics } from "../../rpc/topic.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { FleetBot } from "../fleet/fleet-bot.ts";
import { botMessage } from "./bot-messages.ts";
import { requiredBot } from "./bot-refusals.ts";
import { slotsMessage } from "./bot-slots.ts";

/** Four a second. */
const INTERVAL_MS = 250;
const IDS_MAX = 200;
const TOKEN_LENGTH_MAX = 200;

export interface BotTopicsOptions {
  readonly fleet: Fleet;
  readonly operatorUrl: string;
  readonly metrics?: TopicMetrics;
  /** Time of heartbeats and pace; the machine's when absent. */
  readonly timers?: Timers;
}

export class BotTopics {
  private readonly fleet: Fleet;
  private readonly options: BotTopicsOptions;
  private readonly bots: Topic<FleetBot>;
  private readonly slots = new Map<string, Topic<FleetBot>>();
  private readonly stop: () => void;

  constructor(options: BotTopicsOptions) {
    this.fleet = options.fleet;
    this.options = options;
    this.bots = this.topic("bots", () => this.fleet.bots());
    let known = this.ids();
    this.stop = options.fleet.observe((bot) => {
      if (this.fleet.bot(bot.id) === bot) this.bots.publish(bot);
      this.slots.get(bot.id)?.publish(bot);
      const now = this.ids();
      if (now === known) return;
      // a bot came or went: whoever looks at all of them is shown all of them anew
      known = now;
      this.bots.refresh();
    });
  }

  async *subscribeBots(
    request: SubscribeBotsRequest,
    signal: AbortSignal,
  ): AsyncGenerator<Partial<SubscribeBotsResponse>> {
    const wanted = idsOf(request.botIds);
    const filter = ({ id }: FleetBot): boolean => wanted.size === 0 || wanted.has(id);
    for await (const { meta, item } of this.bots.subscribe({ signal, filter, resumeToken: tokenOf(request) })) {
      yield item === null ? { meta } : { meta, bot: botMessage(item, this.options.operatorUrl) };
    }
  }

  async *subscribeSlots(
    request: SubscribeSlotsRequest,
    signal: AbortSignal,
  ): AsyncGenerator<Partial<SubscribeSlotsResponse>> {
    const bot = requiredBot(this.fleet, request.botId);
    const topic = this.slotsOf(bot);
    for await (const { meta, item } of topic.subscribe({ signal, resumeToken: tokenOf(request) })) {
      yield item === null ? { meta } : { meta, ...slotsMessage(item.state) };
    }
  }

  close(): void {
    this.stop();
    this.bots.close();
    for (const topic of this.slots.values()) topic.close();
    this.slots.clear();
  }

  private slotsOf(bot: FleetBot): Topic<FleetBot> {
    const known = this.slots.get(bot.id);
    if (known !== undefined) return known;
    const { id } = bot;
    const now = (): readonly FleetBot[] => {
      const present = this.fleet.bot(id);
      return present === null ? [] : [present];
    };
    const topic = this.topic(`slots/${id}`, now, () => {
      this.slots.delete(id);
    });
    this.slots.set(bot.id, topic);
    return topic;
  }

  private topic(name: string, snapshot: () => readonly FleetBot[], onIdle?: () => void): Topic<FleetBot> {
    const { metrics, timers } = this.options;
    return new Topic({
      name,
      local: true,
      intervalMs: INTERVAL_MS,
      conflate: ({ id }) => id,
      snapshot,
      ...(onIdle === undefined ? {} : { onIdle }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(timers === undefined ? {} : { timers }),
    });
  }

  private ids(): string {
    return this.fleet
      .bots()
      .map(({ id }) => id)
      .join(" ");
  }
}

const tokenOf = ({ resumeToken }: { readonly resumeToken: string }): string =>
  optionalText("resume_token", resumeToken, TOKEN_LENGTH_MAX);

function idsOf(given: readonly string[]): ReadonlySet<string> {
  if (given.length > IDS_MAX) throw invalidField("bot_ids", `has ${given.length} entries, at most ${IDS_MAX}`);
  for (const [i, id] of given.entries()) requiredText(`bot_ids[${i}]`, id, 32);
  return new Set(given);
}
