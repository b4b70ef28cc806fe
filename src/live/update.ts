// One change of the picture on its way to clients: what it says, what waiting message it may replace, and who sees it.
// Its data becomes text once, whatever the number of clients.

import type { Bodies, ClassicMessage, ConsoleType, Of, PnlPoint } from "./messages.ts";

export type Body = {
  readonly [T in ConsoleType]: { readonly type: T; readonly of: Of; readonly data: Bodies[T] };
}[ConsoleType];

/** Lines of one `log` message at most. */
export const LOG_LINES_MAX = 50;
/** Points of a bot's curve kept (LIVE-04). */
export const CURVE_POINTS_MAX = 5000;

export interface UpdateParts {
  readonly body: Body;
  /** A waiting message of the same key is replaced by this one; empty for events, which queue. */
  readonly key?: string;
  /** Waiting messages whose key begins so are dropped: a whole list says more than its single items before it. */
  readonly supersedes?: string;
  /** How many of this key go out in a second at most; 0 = at once. */
  readonly perSecond?: number;
  /** The picture after this change: who joined later has it already. */
  readonly version: number;
  /** What classic connections of the instrument see; null = nothing. */
  readonly classic?: ClassicMessage | null;
  /** The exchange's name of the instrument, for classic connections; empty where it concerns all of an exchange. */
  readonly name?: string;
  readonly audience?: "all" | "classic" | "console";
}

export class Update {
  readonly body: Body;
  readonly key: string;
  readonly supersedes: string;
  readonly perSecond: number;
  readonly version: number;
  readonly classic: ClassicMessage | null;
  readonly name: string;
  readonly audience: "all" | "classic" | "console";
  private text: string | null = null;
  private readonly classicTexts = new Map<string, string>();

  constructor(parts: UpdateParts) {
    this.body = parts.body;
    this.key = parts.key ?? "";
    this.supersedes = parts.supersedes ?? "";
    this.perSecond = parts.perSecond ?? 0;
    this.version = parts.version;
    this.classic = parts.classic ?? null;
    this.name = parts.name ?? "";
    this.audience = parts.audience ?? "all";
  }

  /** `"type":…,"of":…` of the console's envelope. */
  get head(): string {
    return `{"type":"${this.body.type}","of":${JSON.stringify(this.body.of)},"seq":`;
  }

  get data(): string {
    this.text ??= JSON.stringify(this.body.data);
    return this.text;
  }

  /** The classic message for connections of the instrument `name`, made once a name by `encode`. */
  classicFor(name: string, encode: (message: ClassicMessage) => string): string | null {
    if (this.classic === null) return null;
    // an account belongs to no instrument, its classic message does
    const own = this.classic.type === "account";
    const known = this.classicTexts.get(own ? name : "");
    if (known !== undefined) return known;
    const { classic } = this;
    const message = classic.type === "account" ? { ...classic, data: { ...classic.data, symbol: name } } : classic;
    const text = encode(message);
    this.classicTexts.set(own ? name : "", text);
    return text;
  }

  /** This one in the place of `older`, which was not sent: no point of a curve and no line of a log may be lost. */
  replacing(older: Update): Update {
    const [was, is] = [older.body, this.body];
    if (was.type === "pnl" && is.type === "pnl" && was.data.curve !== undefined) {
      const curve: readonly PnlPoint[] = [...was.data.curve, ...(is.data.curve ?? [])].slice(-CURVE_POINTS_MAX);
      return this.saying({ type: "pnl", of: is.of, data: { ...is.data, curve } });
    }
    if (was.type === "log" && is.type === "log") {
      const lines = [...was.data.lines, ...is.data.lines];
      const kept = lines.slice(-LOG_LINES_MAX);
      const dropped = was.data.dropped + is.data.dropped + lines.length - kept.length;
      return this.saying({ type: "log", of: is.of, data: { lines: kept, dropped } });
    }
    return this;
  }

  /** This one at another pace, for whom it is too fast. */
  slowed(perSecond: number): Update {
    const { body, key, supersedes, version, classic, name, audience } = this;
    return new Update({ body, key, supersedes, perSecond, version, classic, name, audience });
  }

  private saying(body: Body): Update {
    const { key, supersedes, perSecond, version, classic, name, audience } = this;
    return new Update({ body, key, supersedes, perSecond, version, classic, name, audience });
  }
}
