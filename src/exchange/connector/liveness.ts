// Whether the exchange answers (API-31, RISK-44): the connector serves while it was heard within 30 s, its key is
// taken, and no private stream that somebody needs is down. When nobody asks anything, it asks something small itself.

import { ExchangeServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { RpcHealth } from "../../rpc/health.ts";
import type { ConnectorCore } from "./core.ts";
import type { Feeds } from "./feeds.ts";

/** API-31. */
const SILENCE_MS_MAX = 30_000;
const LOOK_MS = 2_000;
/** Silence after which the connector asks. */
const ASK_AFTER_MS = 5_000;

export interface ConnectorHealth {
  readonly serving: boolean;
  readonly reason: string;
  /** Milliseconds since the exchange answered anything. */
  readonly silentMs: number;
}

export class Liveness {
  private readonly core: ConnectorCore;
  private readonly feeds: Feeds;
  private readonly health: RpcHealth;
  private heardMs: number;
  private cancel: () => void = () => undefined;
  private closed = false;

  constructor(core: ConnectorCore, feeds: Feeds, health: RpcHealth) {
    this.core = core;
    this.feeds = feeds;
    this.health = health;
    this.heardMs = core.machine.monotonicMs();
    core.upstream.onAnswer = () => this.heard();
    feeds.onChange = () => this.judge();
    this.judge();
    this.later();
  }

  get now(): ConnectorHealth {
    const silentMs = Math.max(0, this.core.machine.monotonicMs() - this.heardMs);
    const { exchange } = this.core;
    if (silentMs > SILENCE_MS_MAX) {
      return { serving: false, reason: `${exchange} has not answered for ${Math.floor(silentMs / 1000)} s`, silentMs };
    }
    const { keyRefused } = this.feeds;
    if (keyRefused !== "") return { serving: false, reason: keyRefused, silentMs };
    if (this.feeds.privateDown) return { serving: false, reason: `the order stream of ${exchange} is down`, silentMs };
    return { serving: true, reason: "", silentMs };
  }

  close(): void {
    this.closed = true;
    this.cancel();
  }

  private heard(): void {
    const wasSilent = !this.now.serving;
    this.heardMs = this.core.machine.monotonicMs();
    if (wasSilent) this.judge();
  }

  private judge(): void {
    if (this.closed) return;
    const { serving, reason } = this.now;
    this.health.set(ExchangeServiceDefinition.fullName, serving ? "serving" : "not-serving", reason);
  }

  private look(): void {
    const [symbol] = this.core.instruments.symbols;
    const silentMs = this.core.machine.monotonicMs() - this.heardMs;
    if (silentMs >= ASK_AFTER_MS && symbol !== undefined) void this.core.upstream.alive(symbol);
    this.judge();
    this.later();
  }

  private later(): void {
    if (this.closed) return;
    const { machine } = this.core;
    this.cancel = machine.at(machine.nowMs() + LOOK_MS, () => this.look());
  }
}
