// Once a day at a quiet hour every journal is verified whole, one after the other, beside the bots (DUR-26). It tells
// what it finds and repairs nothing.

import type { Clock } from "../base/clock.ts";
import { type JournalAddress, type Verification, type Verified, verifyBeside } from "../journal/verify-beside.ts";
import type { AlertOver, HostAlert } from "./context.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What else stops it (a database that is away, a bot deleted meanwhile) says nothing about the journal. */
const DAMAGE: ReadonlySet<string> = new Set(["JOURNAL_CORRUPT", "JOURNAL_BEHIND", "JOURNAL_NO_BASE"]);

export interface NamedJournal {
  /** The bot's id; "account" for the account machine's. */
  readonly name: string;
  readonly at: JournalAddress;
}

export interface NightlyParts {
  /** The machine's: nights are people's. */
  readonly clock: Clock;
  /** Hour of the day in UTC at which it begins. */
  readonly hourUtc: number;
  /** Asked anew each night. */
  readonly journals: () => readonly NamedJournal[];
  readonly onFound: (journal: string, alert: HostAlert) => void;
  /** A journal that was found damaged is whole. */
  readonly onOver: (journal: string, over: AlertOver) => void;
}

/** What is known of a journal since this process began. */
export interface NightlyResult {
  readonly journal: string;
  /** When it was last looked at whole, ms UTC; 0: not yet. */
  readonly atMs: number;
  readonly goodTo: number;
  /** Empty: everything is what was written. */
  readonly problem: string;
}

export class NightlyVerify {
  private readonly parts: NightlyParts;
  private readonly results = new Map<string, NightlyResult>();
  private cancel = (): void => {};
  private running: Promise<void> = Promise.resolve();
  private thread: Verification | null = null;
  private closed = false;
  private nextMs = 0;

  constructor(parts: NightlyParts) {
    this.parts = parts;
    this.arm();
  }

  /** When it begins next, ms UTC. */
  get nextAtMs(): number {
    return this.nextMs;
  }

  /** A line for each journal there is. */
  report(): readonly NightlyResult[] {
    return this.parts
      .journals()
      .map(({ name }) => this.results.get(name) ?? { journal: name, atMs: 0, goodTo: 0, problem: "" });
  }

  /** Looks at all of them now; a round that is under way is waited for first. */
  round(): Promise<void> {
    this.running = this.running.then(() => this.all());
    return this.running;
  }

  /** What is under way is given up: the thread ends before this does. */
  async close(): Promise<void> {
    this.closed = true;
    this.cancel();
    await this.thread?.close();
    await this.running;
  }

  private arm(): void {
    const { clock, hourUtc } = this.parts;
    this.nextMs = nextHour(clock.nowMs(), hourUtc);
    this.cancel = clock.at(this.nextMs, () => {
      this.arm();
      void this.round();
    });
  }

  private async all(): Promise<void> {
    for (const { name, at } of this.parts.journals()) {
      if (this.closed) return;
      const found = await this.looked(at);
      if (!this.closed) this.tell(name, found);
    }
  }

  /** What is found beside a writer is believed when it is found again. */
  private async looked(at: JournalAddress): Promise<Verified> {
    const found = await this.once(at);
    return found.damage === null || this.closed ? found : this.once(at);
  }

  private async once(at: JournalAddress): Promise<Verified> {
    this.thread = verifyBeside(at);
    try {
      return await this.thread.result;
    } finally {
      const { thread } = this;
      this.thread = null;
      await thread.close();
    }
  }

  private tell(journal: string, { goodTo, damage }: Verified): void {
    const atMs = this.parts.clock.nowMs();
    const before = this.results.get(journal)?.problem ?? "";
    this.results.set(journal, { journal, atMs, goodTo, problem: damage?.text ?? "" });
    const facts = { journal };
    if (damage !== null) {
      const isDamage = DAMAGE.has(damage.code);
      const code = isDamage ? "journal-corrupt" : "journal-not-verified";
      const severity = isDamage ? "critical" : "warning";
      const text = `the nightly look at the journal of ${journal}: ${damage.text}`;
      this.parts.onFound(journal, { id: `nightly/${journal}/${atMs}`, code, severity, text, facts });
    } else if (before !== "") {
      for (const code of ["journal-corrupt", "journal-not-verified"]) {
        this.parts.onOver(journal, { code, facts, text: `the journal of ${journal} is whole` });
      }
    }
  }
}

/** The next time it is this hour after `nowMs`, ms UTC. */
export function nextHour(nowMs: number, hourUtc: number): number {
  const today = nowMs - (nowMs % DAY_MS) + hourUtc * HOUR_MS;
  return today > nowMs ? today : today + DAY_MS;
}
