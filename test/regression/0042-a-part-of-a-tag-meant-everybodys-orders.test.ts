// Found by reading: a key that is bound to bots may not cancel what belongs to another. But ids are meant by what they
// begin with, and only whole tags were looked up: with the first letter of all ids, or a part of another's tag, such
// a key could sweep every order of the account, or arm a timer that does.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallContext } from "nice-grpc-common";
import { TagOwners } from "../../src/exchange/connector/tag-owners.ts";
import { admit } from "../../src/rpc/caller.ts";
import { makeClientOrderId } from "../../src/trading/client-order-id.ts";

function contextOf(bots: readonly string[] | null): CallContext {
  const context = {} as CallContext;
  const caller = { name: "key", role: "trader", bots, requestId: "", address: "unix", note: "" } as const;
  admit(context, { caller, deadlineMs: null });
  return context;
}

const idOf = (tag: string): string => makeClientOrderId({ tag, lineage: 0, seq: 7, index: 0 });

test("API-29 a bound key names its own tag, never a part of it that others share", () => {
  const owners = new TagOwners();
  owners.learn("aaaaaa", "a");
  owners.learn("abbbbb", "b");
  const bound = contextOf(["a"]);
  for (const own of ["aaaaaa", "oaaaaaa", "aaaaaa01", "aa", idOf("aaaaaa"), "web"]) owners.check(bound, own);
  for (const others of ["o", "a", "oa", "ab", "abb", "oab", "abbbbb", "oabbbbb", "abbbbb01", idOf("abbbbb")]) {
    assert.throws(() => owners.check(bound, others), /may act for a, not for b/, others);
    owners.check(contextOf(null), others);
  }
});
