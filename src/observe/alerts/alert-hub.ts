// The alerts of a process on their way to people: the desk decides, a courier a channel carries. Raising one returns at
// once and throws nothing, whatever the channels do; a channel that fails is told on the others (OPS-28).

import type { Clock } from "../../base/clock.ts";
import type { AlertSeverity } from "../../trading/effect.ts";
import { concealed } from "../conceal.ts";
import type { CheckResult } from "../liveness.ts";
import type { Log } from "../log.ts";
import { type Alert, type Cause, causeOf, type Moment, severityOf } from "./alert.ts";
import { AlertDesk } from "./alert-desk.ts";
import type { Channel, ChannelKind } from "./channel.ts";
import { Courier } from "./courier.ts";
import type { LaneRules } from "./lane.ts";
import { noticeLine } from "./notice-words.ts";

export interface OpenedChannel {
  readonly channel: Channel;
  readonly rules: LaneRules;
}

export interface AlertHubOptions {
  readonly channels: readonly OpenedChannel[];
  /** Time nobody can set back: windows, tries, waits. */
  readonly clock: Clock;
  /** Unix ms, for people. */
  readonly wallMs: () => number;
  /** Whether only critical alerts go out at that Unix time. */
  readonly quiet: (wallMs: number) => boolean;
  readonly waitMs: (failures: number) => number;
  readonly log: Log;
  readonly onSent: (kind: ChannelKind, severity: AlertSeverity) => void;
  /** Pushed out, or given up. */
  readonly onDropped: (kind: ChannelKind, severity: AlertSeverity) => void;
}

/** Code of the hub's own alert. */
export const CHANNEL_FAILED = "alert-channel-failed";
/** Shorter values would mask ordinary words, as in the log. */
const SECRET_LENGTH_MIN = 6;

export class AlertHub {
  private readonly options: AlertHubOptions;
  private readonly desk: AlertDesk;
  private readonly couriers: ReadonlyMap<string, Courier>;
  private readonly secrets = new Set<string>();
  private failures = 0;
  private cancelLook: (() => void) | null = null;
  private closed = false;

  constructor(options: AlertHubOptions) {
    this.options = options;
    const { channels } = options;
    const kinds = new Map(channels.map(({ channel }) => [channel.name, channel.kind]));
    this.desk = new AlertDesk({
      channels: new Map(channels.map(({ channel, rules }) => [channel.name, rules])),
      onDropped: (name, severity) => options.onDropped(kinds.get(name) ?? "webhook", severity),
    });
    this.couriers = new Map(channels.map(({ channel }) => [channel.name, this.courier(channel)]));
  }

  /** A person should know. Its text and facts go out without the values that were concealed. */
  raise(alert: Alert): void {
    this.safely(() => this.spread(() => this.desk.take(this.masked(alert), { moment: this.moment() })));
  }

  /** What was told is over. Nothing where it was not told. `text`: how, as a sentence without its full stop. */
  end(cause: Cause, text = ""): void {
    this.safely(() => this.spread(() => this.desk.end(cause, this.maskedText(text), { moment: this.moment() })));
  }

  /** Values that must not go out. Those under 6 characters are ignored. */
  conceal(secrets: readonly string[]): void {
    for (const secret of secrets) if (secret.length >= SECRET_LENGTH_MIN) this.secrets.add(secret);
  }

  /** One line a channel, for /status: the evidence is its last delivery. */
  checks(): readonly CheckResult[] {
    return [...this.couriers].map(([name, { state }]) => {
      const { failing, sent, waiting, folded, ageMs } = state;
      const queue = `${sent} sent, ${waiting} waiting, ${folded} for the digest`;
      const text = failing === null ? queue : `failing: ${this.maskedText(failing)}; ${queue}`;
      return { name: `alerts ${name}`, ok: failing === null, text, ageMs, limitMs: null };
    });
  }

  /** No channel fails. */
  get working(): boolean {
    return [...this.couriers.values()].every(({ state }) => state.failing === null);
  }

  /** Sends what waits, within `ms`; what is left then is counted and named in the log. */
  async close(ms: number): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.cancelLook?.();
    this.safely(() => this.desk.flush(this.moment()));
    const untilMs = this.options.clock.nowMs() + ms;
    const lost = await Promise.all([...this.couriers.values()].map((courier) => courier.close(untilMs)));
    const all = lost.reduce((sum, one) => sum + one, 0);
    if (all > 0) this.options.log.warn(`${all} alerts were not sent before the end`, { code: "alerts-unsent" });
  }

  private courier(channel: Channel): Courier {
    const { clock, waitMs, log, onSent } = this.options;
    const { name, kind } = channel;
    return new Courier(channel, this.desk.lane(name), {
      clock,
      moment: () => this.moment(),
      waitMs,
      onSent: (severity) => onSent(kind, severity),
      onFailing: (text) => this.safely(() => this.channelFailed(name, text)),
      onWorking: () => {
        log.info(`alerts reach ${name} again`, { code: "alert-channel-works", channel: name });
        this.safely(() => this.channelWorks(name));
      },
      onFault: (error) => log.error(`alerts to ${name} hit a fault: ${String(error)}`, { code: "alert-lost" }),
      onGivenUp: (notice, text) => {
        const facts = { code: "alert-not-sent", channel: name, severity: severityOf(notice) };
        log.warn(`an alert did not reach ${name}: ${this.maskedText(text)}: ${noticeLine(notice)}`, facts);
      },
    });
  }

  private channelFailed(name: string, text: string): void {
    this.failures += 1;
    const alert: Alert = {
      ...failedAlert(name),
      id: `${CHANNEL_FAILED}/${this.options.wallMs()}.${this.failures}`,
      severity: "error",
      atMs: this.options.wallMs(),
      title: "An alert channel fails",
      text: `${name} did not take an alert: ${this.maskedText(text)}`,
      done: "It is tried again every minute; critical alerts are kept for it.",
      todo: "Check its address and its token: opensqt alerts test.",
    };
    this.spread(() => this.desk.take(alert, { moment: this.moment(), except: name }));
  }

  private channelWorks(name: string): void {
    const cause = causeOf(failedAlert(name));
    this.spread(() => this.desk.end(cause, "It sends again", { moment: this.moment(), except: name }));
  }

  /** After the desk decided: those who have something to carry are woken, and the next window is watched. */
  private spread(decide: () => void): void {
    if (this.closed) return;
    decide();
    for (const courier of this.couriers.values()) courier.wake();
    this.cancelLook?.();
    const atMs = this.desk.nextAtMs();
    this.cancelLook = atMs === null ? null : this.options.clock.at(atMs, () => this.look());
  }

  private look(): void {
    this.safely(() => this.spread(() => this.desk.look(this.moment())));
  }

  private moment(): Moment {
    const wallMs = this.options.wallMs();
    return { nowMs: this.options.clock.nowMs(), wallMs, quiet: this.options.quiet(wallMs) };
  }

  private masked(alert: Alert): Alert {
    if (this.secrets.size === 0) return alert;
    const { title, text, done, todo } = alert;
    const facts = Object.entries(alert.facts).map(([name, value]) => [
      name,
      typeof value === "string" ? this.maskedText(value) : value,
    ]);
    const mask = (words: string): string => this.maskedText(words);
    return {
      ...alert,
      title: mask(title),
      text: mask(text),
      done: mask(done),
      todo: mask(todo),
      facts: Object.fromEntries(facts),
    };
  }

  private maskedText(text: string): string {
    return concealed(text, this.secrets);
  }

  /** Nothing that goes wrong with an alert may reach the one that raised it. */
  private safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.options.log.error(`an alert was lost: ${String(error)}`, { code: "alert-lost" });
    }
  }
}

const failedAlert = (channel: string) => ({ code: CHANNEL_FAILED, bot: "", instrument: "", facts: { channel } });
