// What a connector tells the rest of its process: lines for the log, numbers for the metrics (API-39). Ports only.

export interface ConnectorLog {
  info(text: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void;
  error(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const OUTCOMES = ["accepted", "rejected", "not_sent", "unknown"] as const;
export type SendWord = (typeof OUTCOMES)[number];

export const STREAMS = ["book", "trades", "candles", "funding", "orders", "account", "positions"] as const;
export type StreamWord = (typeof STREAMS)[number];

/** What is asked of an exchange; `setting` is whatever is asked of an account beside orders. */
export const CALLS = [
  "place",
  "cancel",
  "cancel-everything",
  "lookup",
  "open-orders",
  "fills",
  "funding",
  "account",
  "candles",
  "book",
  "day",
  "rates",
  "open-interest",
  "setting",
] as const;
export type CallWord = (typeof CALLS)[number];

export const CALL_OUTCOMES = ["ok", "rejected", "absent", "unavailable", "not_sent", "unknown"] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export interface ConnectorMetrics {
  /** opensqt_exchange_calls_total and opensqt_exchange_call_seconds: `ms` of the machine until its answer. */
  call(call: CallWord, outcome: CallOutcome, ms: number): void;
  /** order_outcome_total */
  outcome(outcome: SendWord): void;
  /** exchange_stream_connected */
  connected(stream: StreamWord, connected: boolean): void;
  /** exchange_stream_messages_total */
  message(stream: StreamWord): void;
}

export const SILENT_LOG: ConnectorLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const UNCOUNTED: ConnectorMetrics = {
  call: () => undefined,
  outcome: () => undefined,
  connected: () => undefined,
  message: () => undefined,
};
