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

  /** Throws PERMISSION_DENIED for a tag, or the id of an order, that means orders another bot is known to own. */
  check(context: CallContext, tag: string): void {
    if (callerOf(context).bots === null) return;
    const own = parseClientOrderId(tag)?.tag;
    if (own !== undefined) {
      const owner = this.owners.get(own);
      if (owner !== undefined) requireBot(context, owner);
      return;
    }
    // ids are meant by what they begin with: a part of a tag means everybody's whose tag begins so
    for (const [known, owner] of this.owners) if (meansAny(tag, known)) requireBot(context, owner);
  }
}

/** Whether a tag, given with or without the first letter of ids, means ids of this bot's tag. */
const meansAny = (tag: string, known: string): boolean =>
  [`o${tag}`, tag].some((start) => start.startsWith(`o${known}`) || `o${known}`.startsWith(start));
