// What a connector tells of its exchange's clock and of its key, as a bot's safety check asks for it (RISK-30). What
// was not told is not known: an unread key is not a key that may not withdraw, an unmeasured clock is not a good one.

import type { Clock } from "../base/clock.ts";
import type { RpcClientOf } from "../rpc/client.ts";
import type { ExchangeServiceDefinition } from "../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import type { StartFacts } from "../trading/event.ts";
import type { KeyRights } from "./port.ts";
import type { ClockReading } from "./remote-clock.ts";

/** An exchange's clock that was not measured may be off by this, ms: more than any start allows. */
const UNMEASURED_MS = 60_000;
const RIGHTS_MS_MAX = 5_000;

type Conditions = Pick<StartFacts, "clockOffsetMs" | "clockErrorMs" | "keyMayWithdraw" | "keyRights">;
type Client = Pick<RpcClientOf<typeof ExchangeServiceDefinition>, "getServerTime" | "getKeyRights">;

export class RemoteStanding {
  private readonly client: Client;
  private readonly exchange: string;
  private readonly hasKey: boolean;
  private clock: Pick<Conditions, "clockOffsetMs" | "clockErrorMs"> = { clockOffsetMs: 0, clockErrorMs: UNMEASURED_MS };
  private rights: KeyRights | null = null;

  /** `hasKey`: the connector has a key of an exchange; the simulated one has none, and nothing to tell. */
  constructor(client: Client, exchange: string, { hasKey }: { readonly hasKey: boolean }) {
    this.client = client;
    this.exchange = exchange;
    this.hasKey = hasKey;
  }

  /** As last told. */
  get conditions(): Conditions {
    const { clock, hasKey, rights } = this;
    return { ...clock, ...(hasKey ? standingOf(rights) : { keyMayWithdraw: false }) };
  }

  /** Asks for the exchange's time. Errors: those of the call. */
  async readClock(machine: Clock): Promise<ClockReading> {
    const askedMs = machine.monotonicMs();
    const told = await this.client.getServerTime({ exchange: this.exchange });
    const { nowMs, ratePpm, offsetMs, errorMs, measured } = told;
    if (measured === undefined) this.clock = { clockOffsetMs: 0, clockErrorMs: 0 };
    else if (measured) this.clock = { clockOffsetMs: offsetMs, clockErrorMs: errorMs };
    else this.clock = { clockOffsetMs: 0, clockErrorMs: UNMEASURED_MS };
    return { nowMs, ratePpm, askedMs, answeredMs: machine.monotonicMs() };
  }

  /** Asks what the key may do. No answer: that is not known from now on. */
  async askRights(): Promise<void> {
    if (!this.hasKey) return;
    const asked = this.client.getKeyRights({ exchange: this.exchange }, { deadlineMs: RIGHTS_MS_MAX });
    this.rights = await asked.then(keyRightsOf, () => null);
  }
}

function standingOf(rights: KeyRights | null): Pick<Conditions, "keyMayWithdraw" | "keyRights"> {
  if (rights === null) return { keyMayWithdraw: false, keyRights: "unread" };
  const keyMayWithdraw = rights.withdraw === true;
  if (rights.trade === false) return { keyMayWithdraw, keyRights: "read-only" };
  if (keyMayWithdraw)
    return rights.withdrawAllowed ? { keyMayWithdraw, keyRights: "withdraw-allowed" } : { keyMayWithdraw };
  const isWhole = rights.withdraw !== null && rights.trade !== null;
  return isWhole ? { keyMayWithdraw } : { keyMayWithdraw, keyRights: "unread" };
}

type Told = { readonly [R in keyof KeyRights]?: boolean | undefined };

/** What the wire leaves out, the exchange did not tell. */
export function keyRightsOf({ trade, withdraw, transfer, ipRestricted, withdrawAllowed }: Told): KeyRights {
  const told = (right: boolean | undefined): boolean | null => right ?? null;
  const rights = { trade: told(trade), withdraw: told(withdraw), transfer: told(transfer) };
  return { ...rights, ipRestricted: told(ipRestricted), ...(withdrawAllowed ? { withdrawAllowed } : {}) };
}
