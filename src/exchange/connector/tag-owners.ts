// Whose a tag is (API-29): learned from the orders placed and the timers armed. A key that is bound to bots may not
// cancel what is known to belong to another.

import type { CallContext } from "nice-grpc-common";
import { callerOf, requireBot } from "../../rpc/caller.ts";
import { parseClientOrderId } from "../../trading/client-order-id.ts";

const OWNERS_MAX = 10_000;

export class TagOwners {
  private readonly owners = new Map<string, string>();

  /** An order of `botId` carries this id. */
  placed(id: string, botId: string): void {
    const tag = parseClientOrderId(id)?.tag;
    if (tag !== undefined) this.learn(tag, botId);
  }

  learn(tag: string, botId: string): void {
    if (tag === "" || botId === "" || this.owners.get(tag) === botId || this.owners.size >= OWNERS_MAX) return;
    this.owners.set(tag, botId);
  }

  /** Throws PERMISSION_DENIED for a tag, or the id of an order, that another bot is known to own. */
  check(context: CallContext, tag: string): void {
    if (callerOf(context).bots === null) return;
    const owner = this.owners.get(tag) ?? this.owners.get(parseClientOrderId(tag)?.tag ?? "");
    if (owner !== undefined) requireBot(context, owner);
  }
}
