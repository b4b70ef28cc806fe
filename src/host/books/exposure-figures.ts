// Exposure over all bots (risk.md section 2): totals, by instrument, and each bot's grant. What is not known makes its
// sums unknown, never smaller.

import type { Instrument } from "../../market/instrument.ts";
import { exposureMoney } from "../../risk/exposure.ts";
import { shareBps } from "./pnl-figures.ts";
import { type BotAtRisk, grantOf, type Measured, measure } from "./risk-figures.ts";
import { moneyText, ratioText } from "./text.ts";

export interface ExposureFigures {
  /** Null where a bot that has something has no price: a sum without it would be too small. */
  readonly gross: string | null;
  readonly net: string | null;
  readonly unrealized: string | null;
  readonly leverage: string | null;
  readonly byInstrument: readonly {
    readonly exchange: string;
    readonly symbol: string;
    readonly notional: string | null;
    readonly shareBps: number;
  }[];
  readonly grants: readonly { readonly bot: string; readonly granted: string | null; readonly used: string | null }[];
}

/** Totals over bots of one quote asset each. What is not known makes its sums unknown, never smaller. */
export function exposureFigures(all: readonly BotAtRisk[]): ExposureFigures {
  const sums = { gross: 0n, net: 0n, unrealized: 0n, known: true };
  const instruments = new Map<string, InstrumentSum>();
  const equities = new Map<string, { equity: bigint | null; atMs: number }>();
  const grants = all.map((at) => {
    const { book, instrument, state } = at;
    const measured = measure(at);
    // nothing held and nothing open is no exposure, whatever the price
    const exposure = measured.exposure ?? (measured.worst === 0 ? 0n : null);
    addTo(sums, at, { ...measured, exposure });
    addInstrument(instruments, instrument, { ...measured, exposure });
    const account = `${instrument.exchange}|${instrument.quote}`;
    const atMs = book.account?.atMs ?? 0;
    if (atMs >= (equities.get(account)?.atMs ?? 0)) equities.set(account, { equity: measured.equity, atMs });
    const granted = state.limits === null ? null : moneyText(grantOf(state, state.limits));
    return { bot: book.bot, granted, used: exposure === null ? null : moneyText(exposure) };
  });
  const equity = [...equities.values()].reduce<bigint | null>(
    (sum, each) => (sum === null || each.equity === null ? null : sum + each.equity),
    0n,
  );
  const { gross, net, unrealized, known } = sums;
  const byInstrument = [...instruments.values()]
    .sort((a, b) => (a.exposure === b.exposure ? (a.symbol < b.symbol ? -1 : 1) : a.exposure > b.exposure ? -1 : 1))
    .map(({ exchange, symbol, exposure, signed }) => ({
      exchange,
      symbol,
      notional: signed === null ? null : moneyText(signed),
      shareBps: shareBps(exposure, gross),
    }));
  return {
    gross: known ? moneyText(gross) : null,
    net: known ? moneyText(net) : null,
    unrealized: known ? moneyText(unrealized) : null,
    leverage: equity === null || !known ? null : ratioText(gross, equity),
    byInstrument,
    grants,
  };
}

interface InstrumentSum {
  readonly exchange: string;
  readonly symbol: string;
  exposure: bigint;
  /** Null: not known. */
  signed: bigint | null;
}

function addTo(
  sums: { gross: bigint; net: bigint; unrealized: bigint; known: boolean },
  { book, instrument }: BotAtRisk,
  { position, exposure }: Measured,
): void {
  const mark = book.mark();
  if (exposure === null || (mark === null && position !== 0)) {
    sums.known = false;
    return;
  }
  const held = mark === null ? 0n : exposureMoney(instrument, mark, position);
  sums.gross += exposure;
  sums.net += position < 0 ? -held : held;
  sums.unrealized += book.result(mark).unrealized;
}

function addInstrument(
  instruments: Map<string, InstrumentSum>,
  { exchange, symbol }: Instrument,
  { exposure, long, short }: Measured,
): void {
  const key = `${exchange}|${symbol}`;
  const known = instruments.get(key) ?? { exchange, symbol, exposure: 0n, signed: 0n };
  const isShort = Math.abs(short) > Math.abs(long);
  known.exposure += exposure ?? 0n;
  known.signed = exposure === null || known.signed === null ? null : known.signed + (isShort ? -exposure : exposure);
  instruments.set(key, known);
}
