// The exchange port over ccxt (exchanges.md section 2): one account on one market of one exchange. It composes; what each
// part does stands in its own file.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../observe/log.ts";
import type { ExchangePort } from "../port.ts";

/** Keys of an account; a passphrase only where the exchange asks for one. */
export interface CcxtCredentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string | null;
}

export interface CcxtPortOptions {
  /** `binance`, `okx`, `bybit`, `gate`, `bitget`, or any other id of ccxt (EXCH-61). */
  readonly exchange: string;
  readonly market: "spot" | "perpetual";
  readonly symbols: readonly string[];
  /** Null: market data only. */
  readonly credentials: CcxtCredentials | null;
  /** Reads the keys again from where they came (EXCH-52); absent where they cannot change. */
  readonly credentialsAgain?: () => Promise<CcxtCredentials>;
  readonly environment: "live" | "demo" | "emulator";
  /** Where an emulator listens; null: the exchange's own addresses. */
  readonly endpoints?: { readonly rest: string; readonly websocket: string } | null;
  /** What the account must be set to; null: whatever it is (EXCH-38). */
  readonly expect?: { readonly leverage?: number | null; readonly marginMode?: "cross" | "isolated" | null };
  /** Nobody else trades on the account: bulk cancels and the dead-man timer may be used (RISK-38). */
  readonly exclusive?: boolean;
  readonly allowWithdrawKeys?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CcxtPort extends ExchangePort {
  /** Sentences that stand in the console as long as the port lives (EXCH-54, EXCH-61). */
  readonly warnings: readonly string[];
  /** Resolves when every socket, timer and connection is gone. */
  closed(): Promise<void>;
}

/** Why a port could not be opened; the message says what to change. */
export class CcxtPortError extends Error {
  override readonly name = "CcxtPortError";
  readonly code: "UNREACHABLE" | "REFUSED" | "CREDENTIALS" | "UNSUPPORTED";

  constructor(code: CcxtPortError["code"], text: string) {
    super(text);
    this.code = code;
  }
}

/**
 * Connects: markets are read, the clock is measured, the account is checked (EXCH-38, EXCH-54). Throws
 * {@link CcxtPortError}.
 */
export async function openCcxtPort(options: CcxtPortOptions): Promise<CcxtPort> {
  throw new CcxtPortError("UNSUPPORTED", `the connection to ${options.exchange} is not built yet`);
}
