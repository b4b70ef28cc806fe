// What a case of the exchange port's contract is, and the stage it is played on: a port to judge, a market played by
// hand, faults by name, and the exchange's own word about what happened.

import type { ExchangePort } from "../../src/exchange/port.ts";
import type { Instrument, InstrumentStatus } from "../../src/market/instrument.ts";
import type { RemoteStage } from "./exchange-remote.ts";
import type { Hands, Watcher } from "./exchange-stage.ts";

/** Faults cases ask for: the names of the emulator's catalogue, and one of the simulated exchange. */
export type StageFault =
  | "acceptThenTimeout"
  | "timeoutNotAccepted"
  | "acceptLate"
  | "cutReply"
  | "serverErrorAfterAccept"
  | "serverErrorNotAccepted"
  | "duplicateEvent"
  | "reorderEvents"
  | "dropEvent"
  | "fillBeforeAck"
  | "rateLimit"
  | "ban"
  | "silentStall"
  | "sequenceGap"
  | "listenKeyExpiry"
  | "closeStorm";

/** How the exchange stands when the curtain rises. */
export interface CaseSetup {
  /** USDT of the account; a million unless given. */
  readonly balance?: string;
  readonly makerPpm?: number;
  /** Time of the exchange less ours, ms, where the account asks for it. */
  readonly skewMs?: number;
  /** Fees are taken in BNB, of which there is one, at 600 USDT each and 25 % off. */
  readonly feesInBnb?: boolean;
  /** Waits of the port before it dials again, where it has sockets. */
  readonly redialWaitsMs?: readonly number[];
  /** Requests may be as slow as a busy machine makes them: nothing of the case waits for one to be lost. */
  readonly patient?: boolean;
  /** How often the port compares orders and fills with what it was told. */
  readonly probeMs?: number;
}

/** What the exchange itself knows, asked beside the port. Quantities count in units. */
export interface Truth {
  open(): string[];
  /** Signed sum of the account's fills. */
  position(): number;
  /** What the account owns of an asset, to the last digit; on a perpetual less the cost of what it holds. */
  balance(asset: string): bigint;
  /** Requests seen so far, or those about orders; null where none can be counted. */
  requests(which: "all" | "orders" | "open orders"): number | null;
  /** Sockets of the port that are open; null where it has none. */
  sockets(): number | null;
}

export interface Stage {
  readonly port: ExchangePort;
  readonly hands: Hands;
  readonly instrument: Instrument;
  /** Lots that count as one in a case. */
  readonly unit: number;
  /** Exchange time at the beginning, ms. */
  readonly startMs: number;
  readonly fees: { readonly makerPpm: number; readonly takerPpm: number };
  readonly truth: Truth;
  /** The stage's connector, where the port is a remote one. */
  readonly remote: RemoteStage | null;
  /** Waits before each redial of a socket so far, ms, as the port logged them. */
  readonly redials: () => ReadonlyMap<string, readonly number[]>;
  /** `book 600000x50 / 600001x40`, `sold 599980x1`, `bought 600001x5`, `mark 600100`. */
  readonly say: (line: string) => void;
  /**
   * Resolves when the book is there and the private streams stand: no engine trades before (EXCH-23), and what happens
   * before is told by reads alone.
   */
  readonly ready: (watch: Watcher) => Promise<void>;
  /** From now on, each time it can strike, or `times` times. */
  readonly inject: (
    fault: StageFault,
    more?: { readonly times?: number; readonly [parameter: string]: number | boolean },
  ) => void;
  /** No fault strikes any more. */
  readonly heal: () => void;
  readonly struck: (fault: StageFault) => number;
  readonly status: (status: InstrumentStatus) => void;
  /** Funding of +0.0001 is settled now at a mark of 600,000 ticks. */
  readonly settleFunding: () => void;
  /** The position is closed by force. */
  readonly liquidate: () => void;
  /** An order of the account that its port did not send: `sell 600010 x 5`. */
  readonly foreign: (text: string, id: string) => void;
  close(): Promise<void>;
}

export interface Case {
  readonly n: number;
  readonly text: string;
  readonly setup?: CaseSetup;
  /** Faults without which it cannot be played. */
  readonly faults?: readonly StageFault[];
  /** Why it cannot be asked of this port; null: it can. */
  readonly unless?: (stage: Stage) => string | null;
  /** A minute unless given. */
  readonly timeoutMs?: number;
  readonly play: (stage: Stage) => Promise<void>;
}

/** A way to reach an exchange. */
export interface StageMaker {
  readonly name: string;
  /** Case number → why it cannot be asked of this implementation. */
  readonly skips: ReadonlyMap<number, string>;
  readonly faults: ReadonlySet<StageFault>;
  open(setup: CaseSetup): Promise<Stage>;
}

/** The market moves a little, until the function it gives is called: books come, and what is missing shows. */
export function moving({ say }: Stage): () => void {
  let n = 0;
  const timer = setInterval(() => {
    n += 1;
    say(`book 599999x${7 + (n % 5)} / 600003x9`);
  }, 50);
  return () => clearInterval(timer);
}

/** A perpetual is needed. */
export const onlyPerpetual = ({ instrument }: Stage): string | null =>
  instrument.kind === "perpetual" ? null : "spot has no positions, funding or liquidation";

/** What a fee is to the last digit: millionths of the value, in quote, or of what was received. */
export function feeOf(
  { instrument, unit }: Stage,
  fill: { readonly side: "buy" | "sell"; readonly price: number; readonly units: number; readonly ppm: number },
): { readonly fee: bigint; readonly feeAsset: string } {
  const scaled = (text: string): bigint => {
    const [whole = "0", fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(18, "0"));
  };
  const quantity = BigInt(fill.units * unit) * scaled(instrument.lotSize);
  const inBase = instrument.kind === "spot" && fill.side === "buy" && instrument.feeIn === "received";
  const value = (quantity * BigInt(fill.price) * scaled(instrument.tickSize)) / 10n ** 18n;
  const fee = ((inBase ? quantity : value) * BigInt(fill.ppm)) / 1_000_000n;
  return { fee, feeAsset: inBase ? instrument.base : instrument.quote };
}
