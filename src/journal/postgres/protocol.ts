// What the thread of a journal's main loop asks the thread that owns the connections, and what it is told. Plain data.

/** A value as Postgres is given it. */
export type Cell = string | number | boolean | Uint8Array | null | readonly (string | number | null)[];

export type Row = readonly unknown[];

export interface Statement {
  readonly sql: string;
  readonly values: readonly Cell[];
  /** Prepared once for a connection under this name. */
  readonly name?: string;
}

/** Where the row `head` of a journal stands: it moves with every append, in the append's own transaction. */
export interface HeadRow {
  readonly epoch: number;
  readonly position: number;
  readonly hash: string;
  readonly posting: number;
  readonly postingHash: string;
}

/** Who holds a lease, as others will read it. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  readonly sinceMs: number;
  /** Kernel and process namespace, where the system tells: there a process that is gone is known to be gone. */
  readonly machine: string;
}

export interface LeaseTimes {
  /** Life of a lease from its last renewal, by the database's clock. */
  readonly ttlMs: number;
  readonly renewMs: number;
  /** Age of the last renewal, by the holder's own monotonic clock, from which on it sends nothing. */
  readonly stopMs: number;
  /** What a taker waits after the end of a lease. */
  readonly graceMs: number;
}

export type Request =
  /** `twice`: it only reads, and is asked again on a new connection where the answer was lost. */
  | { readonly kind: "query"; readonly statement: Statement; readonly twice: boolean }
  /** All or none, in order; the rows of each. `twice`: done again on a new connection where the answer was lost. */
  | { readonly kind: "transaction"; readonly statements: readonly Statement[]; readonly twice: boolean }
  /** One statement that moves `head` from `before` to `after` or does nothing. A lost connection is looked up. */
  | {
      readonly kind: "append";
      readonly statement: Statement;
      readonly journal: number;
      readonly before: HeadRow;
      readonly after: HeadRow;
      /** It counts when a synchronous standby has it too, where there is one. */
      readonly synced: boolean;
    }
  | { readonly kind: "acquire"; readonly name: string; readonly holder: LeaseHolder }
  | { readonly kind: "release"; readonly name: string }
  | { readonly kind: "close" };

export interface Asked {
  readonly id: number;
  readonly request: Request;
  /** The answer comes within this time, whatever it is. */
  readonly budgetMs: number;
  /** After so long without a word a connection is taken for broken, and a new one tried while there is time. */
  readonly tryMs: number;
}

/** What went wrong. `lost`: no server answered in time, and whether it was done is not known or it was not. */
export interface Failure {
  readonly text: string;
  /** SQLSTATE of the server's own word; null where the connection failed. */
  readonly state: string | null;
  readonly constraint: string | null;
}

/** Why a lease was not given. */
export interface LeaseRefusal {
  readonly holder: LeaseHolder;
  /** The holder's session is gone and nothing but time stands in the way: so long, ms. Null while it holds it. */
  readonly freeInMs: number | null;
}

export type Answer =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "results"; readonly results: readonly (readonly Row[])[] }
  | { readonly kind: "appended" }
  /** `head` is not where it was left: another writer (its epoch), or a database that lost what it had taken. */
  | { readonly kind: "moved"; readonly head: HeadRow | null }
  | { readonly kind: "acquired"; readonly slot: number }
  | { readonly kind: "held"; readonly refusal: LeaseRefusal }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface Told {
  readonly id: number;
  readonly answer: Answer;
}

/** What the thread is started with. */
export interface WorkerStart {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  readonly lease: LeaseTimes;
  /** This kernel and process namespace; empty where the system does not tell. */
  readonly machine: string;
  /** Counts answers: the main thread sleeps on it. */
  readonly bell: SharedArrayBuffer;
  /** Monotonic time (ns) of the last renewal of each lease; 0: not held. */
  readonly renewals: SharedArrayBuffer;
  /** Monotonic time (ns) of the server's last word; how often none came in time, or a connection broke. */
  readonly pulse: SharedArrayBuffer;
}

/** Places in `pulse`. */
export const PULSE = { heard: 0, lost: 1 } as const;

/** Leases one process may hold: its bots', its registry's and a few more. */
export const LEASES_MAX = 2048;
