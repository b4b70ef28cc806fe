// The alert channels of a process, made from its configuration: who is told what, through which address. Addresses and
// tokens are looked up at each try, so that a renewed one counts without a restart.

import type { AlertsConfig } from "../../config/process/alerts-shape.ts";
import { alertWords } from "../../host/books/alert-words.ts";
import type { HostAlert } from "../../host/context.ts";
import { MONOTONIC_CLOCK } from "../../host/wall-clock.ts";
import { causeOf } from "../../observe/alerts/alert.ts";
import { AlertHub, type OpenedChannel } from "../../observe/alerts/alert-hub.ts";
import { CHANNEL_KINDS } from "../../observe/alerts/channel.ts";
import { quietTeller } from "../../observe/alerts/quiet-hours.ts";
import { slackChannel } from "../../observe/alerts/slack.ts";
import { Standing } from "../../observe/alerts/standing.ts";
import { telegramChannel } from "../../observe/alerts/telegram.ts";
import { webhookChannel } from "../../observe/alerts/webhook.ts";
import type { Verdict } from "../../observe/liveness.ts";
import { connectWaitMs } from "../../rpc/backoff.ts";
import type { ProcessFrame } from "./process-frame.ts";

/** The end of a process waits so long for its last alerts. */
const FLUSH_MS = 3_000;
const LOOK_MS = 1_000;
/** RISK-42: an exchange that is away for less is only in the log. */
export const EXCHANGE_LOST_MS = 30_000;

export interface Speaker {
  /** Who speaks, as messages name it. */
  readonly name: string;
  readonly release: string;
}

/** What stands in the configuration now. */
export interface CurrentAlerts {
  config: AlertsConfig;
}

/** One channel a Slack webhook, a Telegram chat, a webhook. */
export function channelsOf(current: CurrentAlerts, { name: process, release }: Speaker): readonly OpenedChannel[] {
  const { slack, telegram, webhook } = current.config;
  const opened: OpenedChannel[] = [];
  if (slack !== null) {
    const url = (): string => (current.config.slack ?? slack).url.reveal();
    opened.push({ channel: slackChannel({ name: "slack", url, process }), rules: slack });
  }
  if (telegram !== null) {
    const { chats, endpoint } = telegram;
    const token = (): string => (current.config.telegram ?? telegram).token.reveal();
    for (const [index, chat] of chats.entries()) {
      const name = chats.length === 1 ? "telegram" : `telegram ${index + 1}`;
      opened.push({ channel: telegramChannel({ name, endpoint, token, chat, process }), rules: telegram });
    }
  }
  if (webhook !== null) {
    const now = (): NonNullable<AlertsConfig["webhook"]> => current.config.webhook ?? webhook;
    const url = (): string => now().url.reveal();
    const secret = (): string | null => now().secret?.reveal() ?? null;
    const parts = { name: "webhook", url, secret, process, release, nowMs: Date.now };
    opened.push({ channel: webhookChannel(parts), rules: webhook });
  }
  return opened;
}

/** Shorter paths are no secrets, and would mask ordinary words. */
const PATH_LENGTH_MIN = 16;

/** What no text may show: secrets whole, and of an address its path, which is what is secret in it. */
export function hiddenOf(secrets: readonly { reveal(): string }[]): readonly string[] {
  return secrets.flatMap((secret) => {
    const value = secret.reveal();
    const url = URL.parse(value);
    const path = url === null || !url.protocol.startsWith("http") ? "" : `${url.pathname}${url.search}`;
    return path.length < PATH_LENGTH_MIN ? [value] : [value, path, path.slice(1)];
  });
}

/** The process's alerts: bots', and its own conditions. */
export interface ProcessAlerts {
  readonly hub: AlertHub;
  /** An alert of a bot, as its host tells it; `bot` "" for the process. */
  tell(bot: string, alert: HostAlert, instrument: string): void;
  /** Raised when the verdict has been bad for `afterMs`, ended when it is good; looked at once a second. */
  watch(condition: WatchedCondition): void;
  /** Addresses, tokens and secrets as they were read again. Who is told, and of what, stays. */
  renew(config: AlertsConfig, secrets: readonly { reveal(): string }[]): void;
}

export interface WatchedCondition {
  readonly code: string;
  readonly severity: HostAlert["severity"];
  readonly afterMs: number;
  readonly read: () => Verdict;
  /** When it begins, before the channels hear of it; and when it ends. */
  readonly onBegin: (alert: HostAlert) => void;
  readonly onEnd: (text: string) => void;
}

export interface AlertsGiven {
  readonly alerts: AlertsConfig;
  /** All of the configuration. */
  readonly secrets: readonly { reveal(): string }[];
}

/** `lookMs`: how often conditions are looked at. */
export function openAlerts(
  { alerts: config, secrets }: AlertsGiven,
  frame: Pick<ProcessFrame, "name" | "release" | "log" | "metrics" | "owners">,
  lookMs = LOOK_MS,
): ProcessAlerts {
  const { log, metrics, owners } = frame;
  const labels = { channel: CHANNEL_KINDS, severity: ["info", "warning", "error", "critical"] } as const;
  const sent = metrics.counter({ name: "alerts_sent_total", help: "alerts a channel took", labels });
  const dropped = metrics.counter({ name: "alerts_dropped_total", help: "alerts a channel never got", labels });
  const current: CurrentAlerts = { config };
  const { quietHours } = config;
  const hub = new AlertHub({
    channels: channelsOf(current, frame),
    clock: MONOTONIC_CLOCK,
    wallMs: Date.now,
    quiet: quietHours === null ? () => false : quietTeller(quietHours),
    waitMs: (failures) => connectWaitMs(failures),
    log,
    onSent: (channel, severity) => sent.add({ channel, severity }),
    onDropped: (channel, severity) => dropped.add({ channel, severity }),
  });
  const conceal = (values: readonly { reveal(): string }[]): void => {
    hub.conceal(hiddenOf(values));
    log.conceal(hiddenOf(values));
  };
  conceal(secrets);
  owners.add("alerts", () => hub.close(FLUSH_MS));
  const tell = (bot: string, alert: HostAlert, instrument: string): void =>
    hub.raise({ ...alert, ...alertWords(alert.code), bot, instrument, atMs: Date.now() });
  const watched: (() => void)[] = [];
  const looking = setInterval(() => {
    for (const look of watched) look();
  }, lookMs);
  owners.add("alert conditions", () => clearInterval(looking));
  return {
    hub,
    tell,
    watch: (condition) => watched.push(lookAt(condition, { hub, tell })),
    renew: (next, values) => {
      conceal(values);
      current.config = next;
    },
  };
}

/** The look at one condition, to be called again and again. */
function lookAt(
  { code, severity, afterMs, read, onBegin, onEnd }: WatchedCondition,
  { hub, tell }: Pick<ProcessAlerts, "hub" | "tell">,
): () => void {
  const standing = new Standing(afterMs);
  return () => {
    const { ok, text } = read();
    const change = standing.look(!ok, performance.now());
    if (change === "begins") {
      const alert: HostAlert = { id: `process/${code}/${Date.now()}`, code, severity, text, facts: {} };
      onBegin(alert);
      tell("", alert, "");
    } else if (change === "ends") {
      onEnd(text);
      hub.end(causeOf({ code, bot: "", instrument: "", facts: {} }), text);
    }
  };
}
