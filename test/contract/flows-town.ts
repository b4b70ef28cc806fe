// An exchange that knows nothing but leverage, for flows: it outlives whoever asks it, and its wire loses requests and
// replies when told to.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { INSTRUMENT } from "../../src/engine/probe.fixture.ts";
import type { AccountSettings, SettingOutcome } from "../../src/exchange/port.ts";
import type { SettingPort } from "../../src/host/flows/setting-deeds.ts";
import { money } from "../../src/market/amounts.ts";
import type { Instrument } from "../../src/market/instrument.ts";

/** `lost`: it never arrives; `deaf`: it arrives and its answer does not. */
export type Fate = "fine" | "lost" | "deaf" | "refused" | "unknown";

export class FlowTown implements SettingPort {
  readonly name = "town";
  readonly requestExpiryMs = 100;
  readonly lookupLagMs = 50;
  fate: Fate = "fine";
  isAway = false;
  leverage = 1;
  private readonly tape: string | null;
  private readonly memory: number[] = [];
  /** Resolves when the next request was sent, whatever becomes of it. */
  asked = Promise.withResolvers<void>();

  /** `tape`: a file that outlives the processes that ask. */
  constructor(tape: string | null = null) {
    this.tape = tape;
  }

  /** Every request to change something that arrived. */
  get arrived(): readonly number[] {
    if (this.tape === null) return this.memory;
    if (!existsSync(this.tape)) return [];
    return readFileSync(this.tape, "utf8")
      .trim()
      .split("\n")
      .map((line) => Number.parseInt(line, 10));
  }

  readonly settings: AccountSettings = {
    rights: (done) => queueMicrotask(() => done({ result: "unavailable", text: "not asked here" })),
    feeTier: (_symbol, done) => queueMicrotask(() => done({ result: "unavailable", text: "not asked here" })),
    setLeverage: (_symbol, leverage, done) => {
      const { fate } = this;
      if (fate === "fine" || fate === "deaf") {
        if (this.tape === null) this.memory.push(leverage);
        else appendFileSync(this.tape, `${leverage}\n`);
        this.leverage = leverage;
      }
      this.asked.resolve();
      this.asked = Promise.withResolvers<void>();
      const outcome = OUTCOMES[fate];
      if (outcome !== null) queueMicrotask(() => done(outcome));
    },
    setMarginMode: (_symbol, _mode, done) => queueMicrotask(() => done({ result: "unchanged" })),
    reloadCredentials: () => Promise.resolve("0123456789ab"),
  };

  readonly account: SettingPort["account"] = (_symbol, done) => {
    if (this.isAway) return queueMicrotask(() => done({ result: "unavailable", text: "the town is away" }));
    const none = { quoteTotal: money(0n), quoteAvailable: money(0n), equity: money(0n), maintenanceMargin: money(0n) };
    const account = { ...none, baseTotal: money(0n), positions: [], oneWayMode: true };
    return queueMicrotask(() => done({ result: "ok", ...account }));
  };

  readonly instrument: SettingPort["instrument"] = (symbol, done) => this.instrumentOf(INSTRUMENT)(symbol, done);

  /** An instrument as it is traded here: with the leverage that was set. */
  instrumentOf(instrument: Instrument): SettingPort["instrument"] {
    return (_symbol, done) => {
      const leverage = this.tape === null ? this.leverage : (this.arrived.at(-1) ?? instrument.leverage);
      queueMicrotask(() => done({ result: "ok", instrument: { ...instrument, leverage } }));
    };
  }
}

const OUTCOMES: Readonly<Record<Fate, SettingOutcome | null>> = {
  fine: { result: "accepted" },
  lost: null,
  deaf: null,
  refused: { result: "rejected", text: "no such leverage" },
  unknown: { result: "unknown", text: "no answer in time" },
};
