// What an operator may ask for that spans steps, and what is refused before anything is recorded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accountLimits, usdt } from "../../risk/account/account.fixture.ts";
import { RpcRefusal } from "../../rpc/refusal.ts";
import { ANN, acts, botOf, botText, symbolOf, world } from "../fleet/fleet.fixture.ts";
import { readFlow, sendFlow } from "./flow-commands.ts";

const limits = accountLimits({ exposureGrossMax: usdt(100_000) });

test("DUR-63 API-11 a flow is recorded with who asked; what cannot be is refused before", async (t) => {
  const w = world(t, 1);
  const p = w.start({ account: { limits } });
  const { fleet } = p;
  const refused = (id: string, name: string, args: Record<string, string>): string => {
    try {
      readFlow(fleet, id, { name, args });
    } catch (error) {
      if (error instanceof RpcRefusal) return error.message;
      throw error;
    }
    return "";
  };
  assert.equal(readFlow(fleet, "a", { name: "reanchor", args: {} }), null, "a strategy's own command");
  assert.match(refused("a", "retire", {}), /no bot a/);
  assert.match(refused("a", "add", {}), /missing/);
  const add = readFlow(fleet, "a", { name: "add", args: { config: botText("a", 0) } });
  assert.ok(add !== null);
  assert.ok((await w.until(sendFlow(fleet, add, ANN))) > 0);
  await w.untilTrue(() => botOf(p, "a").host?.state.phase === "running");
  assert.match(refused("a", "add", { config: "x" }), /already/);
  assert.match(refused("a", "setLeverage", { leverage: "5" }), /stop it first/);
  assert.match(refused("a", "setLeverage", { leverage: "500" }), /1 to 125/);
  assert.match(refused("a", "setMarginMode", { mode: "both" }), /cross or isolated/);
  await w.until(fleet.stop({ id: "a", cancelOnExit: null }, ANN));
  await w.untilTrue(() => botOf(p, "a").stage === "idle");
  const set = readFlow(fleet, "a", { name: "setLeverage", args: { leverage: "5" } });
  assert.deepEqual(set, { flow: "leverage", bot: "a", facts: { symbol: symbolOf(0), leverage: 5 } });
  assert.deepEqual(acts(p, "a").slice(0, 2), ["create", "start"]);
  const [asked] = [...(fleet.account?.host.journal.records(0) ?? [])].filter(({ kind }) => kind === "flow-asked");
  assert.match(asked?.body ?? "", /"by":"ann"/);
  w.kill(p);
});
