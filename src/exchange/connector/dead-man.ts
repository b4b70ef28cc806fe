// The dead-man timer where the exchange has none (API-45, RISK-38): when a bot's heartbeat is missing for as long as it
// said, the connector cancels the bot's own orders itself, and goes on until it is proven that none is left.

import { RpcRefusal } from "../../rpc/refusal.ts";
import type { CancelDesk, Meant } from "./cancel-desk.ts";
import { ofTag } from "./cancel-desk.ts";
import type { ConnectorCore } from "./core.ts";

/** How long one sweep may try before it is said that orders are left, and tried again. */
const SWEEP_MS = 20_000;
/** Silences shorter than a few heartbeats would fire by accident; longer ones protect nobody. */
const TTL_MS_MIN = 1_000;
const TTL_MS_MAX = 3_600_000;
const TIMERS_MAX = 1_000;

export interface Arming {
  readonly botId: string;
  /** Empty: every instrument. */
  readonly symbol: string;
  /** Prefix of the bot's client order ids; empty: only orders this connector placed for it are known. */
  readonly tag: string;
  /** 0: off. */
  readonly ttlMs: number;
}

export type DeadManState = "armed" | "off" | "fired" | "failed";

interface Timer extends Arming {
  cancel: () => void;
}

export class DeadMan {
  /** Told of every change of state; a renewal is none. */
  onState: (arming: Arming, state: DeadManState) => void = () => undefined;
  private readonly core: ConnectorCore;
  private readonly desk: CancelDesk;
  private readonly timers = new Map<string, Timer>();
  private closed = false;

  constructor(core: ConnectorCore, desk: CancelDesk) {
    this.core = core;
    this.desk = desk;
  }

  /** Arms or renews. Returns when it fires without a renewal, Unix ms of this machine; 0 when off. */
  arm(arming: Arming): number {
    const key = `${arming.botId} ${arming.symbol}`;
    const before = this.timers.get(key);
    before?.cancel();
    if (arming.ttlMs === 0) {
      if (this.timers.delete(key)) this.onState(arming, "off");
      return 0;
    }
    if (before === undefined && this.timers.size >= TIMERS_MAX) throw tooMany();
    const { machine, unixMs } = this.core;
    const cancel = machine.at(machine.nowMs() + arming.ttlMs, () => void this.fire(key));
    this.timers.set(key, { ...arming, cancel });
    if (before === undefined) this.onState(arming, "armed");
    return unixMs() + arming.ttlMs;
  }

  /** Timers that run. */
  get armed(): number {
    return this.timers.size;
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers.values()) timer.cancel();
    this.timers.clear();
  }

  private async fire(key: string): Promise<void> {
    const timer = this.timers.get(key);
    if (timer === undefined) return;
    this.timers.delete(key);
    const { log, machine, instruments, orders } = this.core;
    const { botId, symbol, tag, ttlMs } = timer;
    log.error("dead-man timer fired: cancelling the bot's orders", { bot: botId, symbol, ttlMs });
    this.onState(timer, "fired");
    const symbols = symbol === "" ? instruments.symbols : [symbol];
    // a bot that is back and has armed again places orders of its own: they are no longer meant
    const own: Meant = ({ clientOrderId }) =>
      !this.timers.has(key) && (orders.botOf(clientOrderId) === botId || (tag !== "" && ofTag(clientOrderId, tag)));
    // until it is proven, or the bot is back and has armed again
    while (!this.closed && !this.timers.has(key)) {
      try {
        const swept = await this.desk.sweep(symbols, own, machine.monotonicMs() + SWEEP_MS);
        if (this.timers.has(key)) {
          log.warn("dead-man timer: the bot is back", { bot: botId, cancelled: swept.cancelled });
          return;
        }
        if (swept.proven) {
          log.warn("dead-man timer: the bot's orders are gone", { bot: botId, cancelled: swept.cancelled });
          return;
        }
        log.error("dead-man timer: orders are left", { bot: botId, left: swept.left.length });
      } catch (error) {
        log.error("dead-man timer: the exchange does not answer", { bot: botId, error: String(error) });
      }
      this.onState(timer, "failed");
    }
  }
}

export const isTtl = (ttlMs: number): boolean =>
  ttlMs === 0 || (Number.isSafeInteger(ttlMs) && ttlMs >= TTL_MS_MIN && ttlMs <= TTL_MS_MAX);

export const TTL_WORDS = `must be 0 (off) or ${TTL_MS_MIN} to ${TTL_MS_MAX}`;

const tooMany = (): RpcRefusal =>
  new RpcRefusal({
    status: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY",
    message: `${TIMERS_MAX} dead-man timers are armed, which is the most`,
    outcome: "not_sent",
  });
