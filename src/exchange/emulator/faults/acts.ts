// Faults that are deeds: when they are done, to what, and how they are taken back. A deed waits for its time, or,
// where it names requests or lets some pass, for a request that matches.

import type { Protocol, ProtocolAct } from "../protocol.ts";
import type { EmulatorClock } from "../world.ts";
import { type ActFault, isAct, isFault } from "./catalogue.ts";
import { type FaultDesk, flagOf, type Struck, wholeOf } from "./desk.ts";
import { type FaultFilter, type FaultMatter, NOTHING } from "./fault.ts";
import type { Deed, FaultHands } from "./hands.ts";
import type { SocketCloser } from "./socket-closer.ts";
import { FaultTimers } from "./timers.ts";
import type { RefusalWindows } from "./windows.ts";

export interface ActParts {
  readonly desk: FaultDesk;
  readonly clock: EmulatorClock;
  readonly windows: RefusalWindows;
  readonly hands: FaultHands;
  readonly sockets: SocketCloser;
  readonly protocols: () => readonly Protocol[];
}

type Performer = (struck: Struck, filter: FaultFilter) => Deed;

const NO_PROTOCOL = "no protocol of this emulator knows it";

export class Acts {
  private readonly parts: ActParts;
  private readonly timers: FaultTimers;
  private readonly waiting = new Set<string>();
  private readonly undo = new Map<string, () => void>();
  private readonly performers: Readonly<Record<ActFault, Performer>>;

  constructor(parts: ActParts) {
    this.parts = parts;
    this.timers = new FaultTimers(parts.clock);
    this.performers = this.allPerformers();
  }

  /** A fault was put in force: if it is a deed, it is done now, at its time, or when requests bring it about. */
  injected(id: string): void {
    const view = this.parts.desk.view(id);
    if (view === null || !isFault(view.name) || !isAct(view.name)) return;
    const { route, side, clientOrderId } = view.filter;
    if (view.after > 0 || route !== undefined || side !== undefined || clientOrderId !== undefined) {
      this.waiting.add(id);
      return;
    }
    const waitMs = (view.atMs ?? 0) - this.parts.clock.nowMs();
    this.timers.after(waitMs, id, () => {
      const touched: FaultMatter = { ...NOTHING, account: view.filter.account ?? null };
      const struck = this.parts.desk.claim(id, { ...touched, symbol: view.filter.instrument ?? null });
      if (struck !== null) this.perform(struck, view.filter);
    });
  }

  /** Deeds that wait for requests look at each one before it is done. */
  follow(matter: FaultMatter): void {
    for (const id of this.waiting) {
      const struck = this.parts.desk.strikeWith(id, matter);
      if (struck !== null) this.perform(struck, this.parts.desk.view(id)?.filter ?? {});
    }
  }

  ended(id: string): void {
    this.waiting.delete(id);
    this.timers.cancel(id);
    this.undo.get(id)?.();
    this.undo.delete(id);
  }

  close(): void {
    this.timers.cancel();
    this.waiting.clear();
    this.undo.clear();
  }

  private perform(struck: Struck, filter: FaultFilter): void {
    if (!isAct(struck.name)) return;
    const deed = this.performers[struck.name](struck, filter);
    this.parts.desk.note(struck.id, deed);
  }

  private allPerformers(): Readonly<Record<ActFault, Performer>> {
    const { hands, sockets } = this.parts;
    return {
      closeStorm: (struck, filter) => sockets.storm(struck, filter, this.timers),
      maintenance: (struck, filter) => this.maintenance(struck, filter),
      listenKeyExpiry: (struck, filter) => {
        const account = filter.account ?? null;
        return this.tell(filter, { act: "expire-keys", account, announced: flagOf(struck, "announced") });
      },
      loginLost: () => NO_PROTOCOL,
      serviceRestart: (_struck, filter) => this.tell(filter, { act: "restart" }),
      clockSkew: (struck, filter) => this.skew(struck, filter.account ?? null),
      halt: (struck, { instrument = "" }) => {
        const trade = (): Deed => hands.status(instrument, "trading");
        this.lasting(struck, wholeOf(struck, "seconds") * 1000, trade);
        return hands.status(instrument, flagOf(struck, "cancelOnly") ? "cancel-only" : "halted");
      },
      filterChange: ({ parameters }, { instrument = "" }) => {
        const given = Object.entries(parameters).filter((each) => typeof each[1] === "string");
        return hands.change(instrument, Object.fromEntries(given));
      },
      fundingSettle: (struck, { instrument = "" }) => {
        const { rate, intervalH } = struck.parameters;
        const intervalMs = typeof intervalH === "number" ? intervalH * 3_600_000 : null;
        const settle = (): Deed => hands.settleFunding(instrument, String(rate), intervalMs);
        return this.late(struck, wholeOf(struck, "lateMs"), settle);
      },
      liquidate: (struck, { account = "", instrument = "" }) =>
        hands.liquidate(account, instrument, wholeOf(struck, "partPpm")),
      adl: (struck, { account = "", instrument = "" }) => hands.adl(account, instrument, wholeOf(struck, "lots")),
      balanceDrift: ({ parameters }, { account = "", protocol = null }) => {
        const { asset, amount } = parameters;
        return hands.deposit(account, { protocol, asset: String(asset), amount: String(amount) });
      },
      foreignOrder: (struck, { account = "", instrument = "" }) => {
        const { side, price } = struck.parameters;
        return hands.foreignOrder(account, {
          symbol: instrument,
          side: side === "sell" ? "sell" : "buy",
          lots: wholeOf(struck, "lots"),
          price: typeof price === "string" ? price : null,
        });
      },
    };
  }

  private maintenance(struck: Struck, { protocol }: FaultFilter): Deed {
    const { windows, hands, sockets } = this.parts;
    const { id } = struck;
    const told = this.tell(protocol === undefined ? {} : { protocol }, { act: "shutdown-notice" });
    return this.late(struck, wholeOf(struck, "noticeMs"), () => {
      windows.begin({
        id,
        protocol: protocol ?? null,
        peer: null,
        cause: "maintenance",
        seconds: wholeOf(struck, "seconds"),
        cancelOnly: flagOf(struck, "cancelOnly"),
      });
      // nobody is there to hear what becomes of the orders
      sockets.close(protocol === undefined ? {} : { protocol }, 1001);
      const cancelled = flagOf(struck, "cancelOrders") ? hands.cancelOrders(protocol ?? null) : null;
      return cancelled ?? (told === null ? null : "the exchange gives no notice");
    });
  }

  private skew(struck: Struck, account: string | null): Deed {
    const { hands } = this.parts;
    const drift = wholeOf(struck, "driftPerMinMs");
    let ms = wholeOf(struck, "ms");
    const drifts = (): void => {
      ms += drift;
      hands.skew(account, ms);
      this.timers.after(60_000, struck.id, drifts);
    };
    if (drift !== 0) this.timers.after(60_000, struck.id, drifts);
    const forMs = this.parts.desk.view(struck.id)?.forMs ?? null;
    this.lasting(struck, forMs, () => hands.skew(account, 0));
    return hands.skew(account, ms);
  }

  /** What is taken back after a while, or with the fault. */
  private lasting(struck: Struck, forMs: number | null, back: () => Deed): void {
    this.undo.set(struck.id, back);
    if (forMs === null) return;
    this.timers.after(forMs, struck.id, () => this.ended(struck.id));
  }

  private late(struck: Struck, delayMs: number, act: () => Deed): Deed {
    if (delayMs <= 0) return act();
    this.timers.after(delayMs, struck.id, () => this.parts.desk.note(struck.id, act()));
    return null;
  }

  private protocols(name: string | undefined): readonly Protocol[] {
    return this.parts.protocols().filter((protocol) => name === undefined || protocol.name === name);
  }

  private tell({ protocol }: FaultFilter, act: ProtocolAct): Deed {
    const concerned = this.protocols(protocol).filter((each) => each.act(act));
    return concerned.length === 0 ? NO_PROTOCOL : null;
  }
}
