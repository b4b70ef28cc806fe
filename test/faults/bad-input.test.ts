// What nobody wants to hear from an exchange, while the grid trades: nonsense on every stream and in every reply, and a
// key that is revoked. A clear word, a safe state, and a way back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NonsenseGate } from "./nonsense.ts";
import { differ, differences } from "./sides.ts";
import { ACCOUNT, Town, until } from "./town.ts";
import { illness } from "./trial.ts";

/** Pieces of nonsense that a grid hears. */
const SAID = 12;
/** Events of a bot that may not trade: so long is it looked whether it does. */
const EVENTS = 20;

/** Nothing has been wrong for half a second. */
async function well(town: Town): Promise<void> {
  let lastIllMs = Date.now();
  const ill = (): readonly string[] => illness(town, 0n);
  await until("all is well", 60_000, () => {
    if (ill().length > 0) lastIllMs = Date.now();
    return Date.now() - lastIllMs > 500;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${ill().join("; ")}\n${town.story()}`);
  });
}

for (const [what, share] of [
  ["every stream", { frames: 0.1, replies: 0 }],
  ["every reply", { frames: 0, replies: 0.3 }],
] as const) {
  test(`EXCH-07 EXCH-37 nonsense in ${what} while the grid trades: nothing is doubled, forgotten or lost`, {
    timeout: 200_000,
  }, async () => {
    const gates: NonsenseGate[] = [];
    const gate = (parts: ConstructorParameters<typeof NonsenseGate>[0]): NonsenseGate => {
      const made = new NonsenseGate(parts, 1);
      gates.push(made);
      return made;
    };
    const town = await Town.open({ seed: `nonsense in ${what}`, gate });
    try {
      const [of] = gates;
      assert.ok(of !== undefined);
      of.share = share;
      await until("nonsense was said", 60_000, () => of.said >= SAID);
      of.share = { frames: 0, replies: 0 };
      await well(town);
      const { fills } = town.host.state.ledger;
      await until("the grid trades on", 60_000, () => town.host.state.ledger.fills > fills);
      town.rest();
      await well(town);
      assert.deepEqual(differ(differences(town)), []);
      assert.equal(town.end, null);
    } finally {
      await town.close();
    }
  });
}

test("EXCH-39 EXCH-52 RISK-44 a key revoked while the grid trades is said, no order leaves, a reload brings all back", {
  timeout: 240_000,
}, async () => {
  const credentialsAgain = async () => ({ apiKey: "demo-key", secret: "demo-secret" });
  const town = await Town.open({ seed: "revoked", port: { credentialsAgain } });
  try {
    const { control } = town.emulator;
    control.changeAccount(ACCOUNT, { revoked: true });
    await until("the key is said to be refused", 60_000, () => town.health.get("credentials")?.state === "down");
    assert.match(town.health.get("credentials")?.text ?? "", /refuses the API key .*put another in its place/);
    await until("the service is not serving", 10_000, () => town.stage.health.of("")?.health === "not-serving");
    await until("the bot takes no new risk", 10_000, () => town.host.state.blocks.has("feed-orders"));
    const placed = control.universe.history.size;
    const { seq } = town.host.state;
    await until("the market goes on", 60_000, () => town.host.state.seq > seq + EVENTS);
    assert.equal(control.universe.history.size, placed);
    control.changeAccount(ACCOUNT, { revoked: false });
    await town.stage.exchange("operator").reloadCredentials({});
    await well(town);
    await until("the grid trades again", 60_000, () => control.universe.history.size > placed);
    town.rest();
    await well(town);
    assert.deepEqual(differ(differences(town)), []);
  } finally {
    await town.close();
  }
});
