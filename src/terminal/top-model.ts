// What `opensqt top` shows and what its keys may ask for: plain data with decimals as text, so it knows no transport
// and no engine. Ages are of the local clock, by receipt.

export interface TopSlot {
  /** "L12". */
  readonly key: string;
  readonly leg: "long" | "short";
  /** empty, held, sent, live, cancel, unknown. */
  readonly state: string;
  readonly entry: string | null;
  readonly exit: string | null;
  readonly held: string | null;
  /** Its order rests at the exchange. */
  readonly live: boolean;
  readonly clientOrderId: string;
  /** Why it has no entry; "" where it has. */
  readonly note: string;
}

export interface TopOrder {
  readonly clientOrderId: string;
  readonly side: "buy" | "sell";
  readonly price: string | null;
  readonly quantity: string | null;
  readonly filled: string | null;
  /** new, partially-filled, unknown-outcome, … */
  readonly status: string;
}

export interface TopFill {
  readonly atMs: number;
  readonly side: "buy" | "sell";
  readonly price: string | null;
  readonly quantity: string | null;
  readonly maker: boolean;
  readonly clientOrderId: string;
}

export interface TopLogLine {
  readonly atMs: number;
  /** info, warning, error, critical. */
  readonly severity: string;
  readonly text: string;
}

export interface TopBreaker {
  readonly name: string;
  readonly reason: string;
}

export interface TopBot {
  readonly bot: string;
  readonly strategy: string;
  readonly exchange: string;
  readonly symbol: string;
  readonly phase: string;
  readonly gates: readonly { readonly name: string; readonly level: string; readonly reason: string }[];
  readonly unknownOrders: number;
  readonly position: string | null;
  readonly entry: string | null;
  readonly price: string | null;
  readonly unrealized: string | null;
  readonly realized: string | null;
  readonly fees: string | null;
  readonly funding: string | null;
  /** Realised since 00:00 UTC of the bot's own clock, and what is open now. */
  readonly netToday: string | null;
  readonly lagMs: number;
  readonly sequence: number;
}

export type Connection =
  | { readonly state: "connecting" }
  /** `ageMs`: since anything was heard. */
  | { readonly state: "connected"; readonly ageMs: number }
  | { readonly state: "lost"; readonly ageMs: number | null; readonly nextTryMs: number; readonly reason: string };

export interface TopSnapshot {
  readonly address: string;
  readonly connection: Connection;
  /** Null while nothing is known, or there is no bot. */
  readonly bot: TopBot | null;
  /** Names of all bots, to go through with b. */
  readonly bots: readonly string[];
  readonly slots: readonly TopSlot[];
  readonly orders: readonly TopOrder[];
  /** Newest first. */
  readonly fills: readonly TopFill[];
  readonly breakers: readonly TopBreaker[];
  /** Newest first. */
  readonly log: readonly TopLogLine[];
}

export interface TopModel {
  snapshot(): TopSnapshot;
  /** Calls back after changes, as often as it likes; returns the function that ends it. */
  subscribe(listener: () => void): () => void;
}

/** What the keys ask for. Nothing here may throw; what came of it is told to `say`. */
export interface TopActions {
  nextBot(): void;
  pause(say: (text: string) => void): void;
  resume(say: (text: string) => void): void;
  kill(flatten: boolean, say: (text: string) => void): void;
  /** Lines that explain an order. */
  why(clientOrderId: string, say: (lines: readonly string[]) => void): void;
  quit(): void;
}
