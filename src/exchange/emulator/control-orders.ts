// What the control operations are told: plain data, as it comes from a test or from the body of a call.

import type { MarketChoice } from "./market/choice.ts";
import type { OrderLife } from "./order-history.ts";
import type { ProtocolName } from "./protocol.ts";
import type { ClockMode } from "./time.ts";
import type { EmulatedAccount } from "./world.ts";

export interface ClockOrder {
  readonly mode?: ClockMode;
  /** Emulated milliseconds in one of the machine's, where the mode is `paced`. */
  readonly speed?: number;
  /** Manual time goes on by so much … */
  readonly advanceMs?: number;
  /** … or up to there, Unix ms. */
  readonly toMs?: number;
  /** Added to the time everybody is told. */
  readonly skewMs?: number;
}

export interface ResetOrder {
  readonly seed?: string;
  readonly market?: MarketChoice;
  readonly clock?: { readonly mode: ClockMode; readonly speed?: number; readonly startMs?: number };
}

/** What may change about an account while it lives. */
export interface AccountChange {
  /** Another key of the same account; the one before is unknown from now on. */
  readonly apiKey?: string;
  readonly secret?: string;
  readonly positionMode?: EmulatedAccount["positionMode"];
  readonly skewMs?: number;
  /** True: its key is refused from now on. */
  readonly revoked?: boolean;
  readonly rights?: Partial<EmulatedAccount["rights"]>;
  readonly fees?: { readonly makerPpm: number; readonly takerPpm: number };
}

/** Which sockets; what is not given does not matter. */
export interface SocketFilter {
  readonly id?: number;
  readonly protocol?: ProtocolName;
  /** The path begins with it. */
  readonly path?: string;
  /** It is subscribed to a stream whose name has this in it. */
  readonly stream?: string;
}

/** Everything given must hold. */
export interface BarrierOrder {
  readonly order?: { readonly clientOrderId: string; readonly status: OrderLife["status"] | "absent" };
  readonly sockets?: { readonly filter?: SocketFilter; readonly count: number };
  /** At least so many requests came since the world began. */
  readonly requests?: number;
  readonly deadlineMs?: number;
}
