// What the account has that no bot of ours made (RISK-12), from complete reads of the exchange. A difference counts
// when two reads a second apart show it, since a fill may be on its way. It is counted; nothing of it is ever sold.

import type { Clock } from "../../base/clock.ts";
import { positionShown } from "../../engine/owned.ts";
import type { BotState } from "../../engine/state.ts";
import { provenPosition } from "../../engine/unbooked.ts";
import { markOf } from "../../engine/view.ts";
import type { ExchangePort, PositionView } from "../../exchange/port.ts";
import { type MilliTicks, money } from "../../market/amounts.ts";
import { type Instrument, unitMoney } from "../../market/instrument.ts";
import type { OutsideFigures } from "../../trading/account-event.ts";
import { CONFIRM_MS, type ExchangeRead } from "../reconciler.ts";

interface Foreign {
  /** Signed lots beyond what our bots hold, as the newest read showed; since when; and what was confirmed last. */
  readonly lots: number;
  readonly sinceMs: number;
  readonly confirmed: number;
  readonly instrument: Instrument | null;
  readonly mark: MilliTicks | null;
}

type Held = Pick<PositionView, "entry"> & { readonly lots: number };

export class Outside {
  private readonly port: Pick<ExchangePort, "instrument">;
  private readonly onUnknown: (text: string) => void;
  private readonly clock: Pick<Clock, "monotonicMs">;
  private readonly bySymbol = new Map<string, Foreign>();
  private readonly asked = new Map<string, Instrument | null>();

  constructor(
    port: Pick<ExchangePort, "instrument">,
    onUnknown: (text: string) => void,
    clock: Pick<Clock, "monotonicMs">,
  ) {
    this.port = port;
    this.onUnknown = onUnknown;
    this.clock = clock;
  }

  /** A bot's complete read; `states`: of every bot there is, by symbol. */
  saw(read: ExchangeRead, of: BotState, states: ReadonlyMap<string, readonly BotState[]>): void {
    const { instrument } = of;
    if (instrument === null) return;
    if (instrument.kind === "spot") {
      const shown = positionShown(of, read.account.baseTotal);
      this.note(instrument.symbol, shown - provenPosition(of), { instrument, mark: markOf(of) });
      return;
    }
    const seen = new Set([instrument.symbol]);
    for (const { symbol, lots, entry } of read.account.positions) {
      seen.delete(symbol);
      this.position(symbol, { lots, entry }, states.get(symbol) ?? []);
    }
    // an exchange may leave out what is flat
    for (const symbol of seen) this.position(symbol, { lots: 0, entry: null }, states.get(symbol) ?? []);
  }

  /** Null before the first read. What has no price is told of and left out. */
  figures(): OutsideFigures | null {
    if (this.bySymbol.size === 0) return null;
    let gross = 0n;
    const net = new Map<string, bigint>();
    for (const [symbol, { confirmed, instrument, mark }] of this.bySymbol) {
      if (confirmed === 0) continue;
      if (instrument === null || mark === null) {
        this.onUnknown(`${confirmed} lots of ${symbol} in the account are not ours, and their price is not known`);
        continue;
      }
      const value = (BigInt(confirmed) * BigInt(mark) * unitMoney(instrument)) / 1000n;
      gross += value < 0n ? -value : value;
      net.set(instrument.base, (net.get(instrument.base) ?? 0n) + value);
    }
    return { gross: money(gross), net: [...net].map(([base, amount]) => ({ base, net: money(amount) })) };
  }

  private position(symbol: string, { lots, entry }: Held, states: readonly BotState[]): void {
    let ours = 0;
    for (const state of states) ours += provenPosition(state);
    const [state] = states;
    const instrument = state?.instrument ?? this.instrumentOf(symbol);
    const mark = state === undefined ? entry : (markOf(state) ?? entry);
    this.note(symbol, lots - ours, { instrument, mark });
  }

  private note(symbol: string, lots: number, { instrument, mark }: Pick<Foreign, "instrument" | "mark">): void {
    const before = this.bySymbol.get(symbol);
    const nowMs = this.clock.monotonicMs();
    const sinceMs = before?.lots === lots ? before.sinceMs : nowMs;
    // bots that read at the same moment, as after a reconnect, all miss the same fills
    const isShown = lots === 0 || nowMs - sinceMs >= CONFIRM_MS;
    const confirmed = isShown ? lots : (before?.confirmed ?? 0);
    this.bySymbol.set(symbol, { lots, sinceMs, confirmed, instrument, mark: mark ?? before?.mark ?? null });
  }

  /** Asked once; known from a later read on. */
  private instrumentOf(symbol: string): Instrument | null {
    const known = this.asked.get(symbol);
    if (known !== undefined) return known;
    this.asked.set(symbol, null);
    this.port.instrument(symbol, (answer) => {
      if (answer.result === "ok") this.asked.set(symbol, answer.instrument);
      else this.asked.delete(symbol);
    });
    return null;
  }
}
