// User events of the emulated USDⓈ-M market: listen keys, who listens to them, and their end, told or not.

import { fail, ok } from "../../../../base/result.ts";
import type { FrameTraits } from "../../protocol.ts";
import type { EmulatedAccount, EmulatorWorld } from "../../world.ts";
import { type ListenKey, ListenKeys } from "../wire/listen-keys.ts";
import { oddNumbers } from "../wire/odd-numbers.ts";
import type { Parameters } from "../wire/parameters.ts";
import { refusals } from "../wire/refusals.ts";
import type { Answer } from "../wire/routes.ts";
import type { StreamHub } from "../wire/stream-hub.ts";

export class UserStreams {
  private readonly world: EmulatorWorld;
  private readonly hub: StreamHub;
  private readonly keys: ListenKeys;

  constructor(world: EmulatorWorld, hub: StreamHub) {
    this.world = world;
    this.hub = hub;
    this.keys = new ListenKeys({
      seed: `${world.seed}/binance-usdm`,
      clock: world.clock,
      ended: (key, announced) => {
        if (announced) this.expired(key);
      },
    });
  }

  /** The account's key: the living one, renewed, or a new one. */
  start(account: EmulatedAccount): string {
    return this.keys.start(account.name).key;
  }

  renew(from: Parameters, account: EmulatedAccount): Answer {
    const key = this.ofCall(from, account);
    if (key === null) return fail(refusals.listenKey());
    this.keys.renew(key);
    return ok({ listenKey: key.key });
  }

  stop(from: Parameters, account: EmulatedAccount): Answer {
    const key = this.ofCall(from, account);
    if (key === null) return fail(refusals.listenKey());
    this.keys.end(key, false);
    return ok({});
  }

  tell(account: string, event: { readonly name: string; readonly symbol: string | null }, body: object): void {
    const key = this.keys.ofAccount(account);
    if (key === null) return;
    this.hub.publish(key.key, this.traits(account, event.name, event.symbol), () => {
      const { name: route, symbol } = event;
      const asked = { route, kind: "stream", account, symbol, side: null, clientOrderId: null } as const;
      const text = JSON.stringify(body);
      return this.world.strike("oddNumbers", asked) === null ? text : oddNumbers(text);
    });
  }

  /** Ends keys before their time; false where there are none. */
  expire(account: string | null, announced: boolean): boolean {
    const keys = this.keys.all().filter((key) => account === null || key.account === account);
    for (const key of keys) this.keys.end(key, announced);
    return keys.length > 0;
  }

  close(): void {
    this.keys.close();
  }

  /** The named key; without a name, the account's own. */
  private ofCall(from: Parameters, account: EmulatedAccount): ListenKey | null {
    const name = from.text("listenKey");
    const key = name === null ? this.keys.ofAccount(account.name) : this.keys.find(name);
    return key?.account === account.name ? key : null;
  }

  private expired(key: ListenKey): void {
    const body = { e: "listenKeyExpired", E: this.world.clock.nowMs(), listenKey: key.key };
    this.hub.publish(key.key, this.traits(key.account, "listenKeyExpired", null), () => JSON.stringify(body));
  }

  private traits(account: string, event: string, symbol: string | null): FrameTraits {
    return { kind: "user", event, account, symbol };
  }
}
