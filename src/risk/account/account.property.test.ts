// Laws of the account machine for all inputs: what bots believe in sum, determinism, and the latch.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../../test/arbitraries/values.ts";
import { decodeCanonical, encodeCanonical } from "../../base/canonical.ts";
import { money } from "../../market/amounts.ts";
import type { BotFigures } from "../../trading/account-event.ts";
import type { Effect } from "../../trading/effect.ts";
import type { EngineEvent } from "../../trading/event.ts";
import { accountLimits, usdt } from "./account.fixture.ts";
import { grantable, heldInSum } from "./grants.ts";
import { type AccountState, initialAccountState } from "./state.ts";
import { accountStep } from "./step.ts";

const LIMITS = accountLimits({ exposureGrossMax: usdt(1_000) });

const BOTS = ["a", "b", "c"] as const;
type BotId = (typeof BOTS)[number];

/** What happens to a bot; the bots below act like real ones: they hear late, trade up to what they believe, and die. */
type Deed =
  | { readonly deed: "join"; readonly bot: BotId; readonly wanted: number }
  | { readonly deed: "leave"; readonly bot: BotId; readonly knows: boolean }
  | { readonly deed: "hear"; readonly bot: BotId }
  | { readonly deed: "trade"; readonly bot: BotId; readonly share: number }
  | { readonly deed: "figures"; readonly outside: number | null }
  | { readonly deed: "limit"; readonly gross: number; readonly share: number }
  | { readonly deed: "process-killed" };

const bot = fc.constantFrom(...BOTS);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ deed: fc.constant("join" as const), bot, wanted: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ deed: fc.constant("leave" as const), bot, knows: fc.boolean() }),
  { weight: 4, arbitrary: fc.record({ deed: fc.constant("hear" as const), bot }) },
  {
    weight: 4,
    arbitrary: fc.record({ deed: fc.constant("trade" as const), bot, share: fc.integer({ min: 0, max: 100 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      deed: fc.constant("figures" as const),
      outside: fc.option(fc.integer({ min: 0, max: 1_200 })),
    }),
  },
  fc.record({
    deed: fc.constant("limit" as const),
    gross: fc.integer({ min: 0, max: 2_000 }),
    share: fc.integer({ min: 1, max: 10_000 }),
  }),
  fc.record({ deed: fc.constant("process-killed" as const) }),
);

/** A bot as it is: what it believes it may have, what it has, and what is on its way to it. */
class Bot {
  running = false;
  believes = 0n;
  exposure = 0n;
  mail: { readonly id: number; readonly gross: bigint }[] = [];

  /** The most it can have without hearing anything more; what it has beyond a smaller grant it only gives back. */
  get most(): bigint {
    return this.running && this.believes > this.exposure ? this.believes : this.exposure;
  }
}

class World {
  state: AccountState = initialAccountState();
  readonly bots = new Map<string, Bot>(BOTS.map((id) => [id, new Bot()]));
  private atMs = 1_000;

  constructor() {
    this.tell({ kind: "account-configured", atMs: 0, limits: LIMITS, by: "test" });
  }

  tell(event: EngineEvent): void {
    this.atMs += 7;
    const effects = accountStep(this.state, { ...event, atMs: this.atMs });
    for (const effect of effects) this.deliver(effect);
  }

  private deliver(effect: Effect): void {
    if (effect.kind === "grant") this.of(effect.bot).mail.push({ id: effect.id, gross: effect.gross });
  }

  of(id: string): Bot {
    const found = this.bots.get(id);
    assert.ok(found);
    return found;
  }

  run(given: Deed): void {
    const at = { atMs: 0 };
    switch (given.deed) {
      case "join":
        Object.assign(this.of(given.bot), { running: true, believes: 0n, mail: [] });
        this.tell({ kind: "bot-joined", ...at, bot: given.bot, base: "BTC", wanted: usdt(given.wanted) });
        return;
      case "leave": {
        const one = this.of(given.bot);
        Object.assign(one, { running: false, believes: 0n, mail: [] });
        const exposure = given.knows ? money(one.exposure) : null;
        this.tell({ kind: "bot-left", ...at, bot: given.bot, exposure, removed: given.knows && one.exposure === 0n });
        return;
      }
      case "hear": {
        const one = this.of(given.bot);
        const next = one.running ? one.mail.shift() : undefined;
        if (next === undefined) return;
        one.believes = next.gross;
        const exposure = money(one.exposure);
        this.tell({ kind: "grant-acknowledged", ...at, bot: given.bot, id: next.id, exposure });
        return;
      }
      case "trade": {
        const one = this.of(given.bot);
        const to = (one.believes * BigInt(given.share)) / 100n;
        // opening only up to what it believes; closing always
        if (one.running && (to <= one.believes || to < one.exposure)) one.exposure = to;
        return;
      }
      case "figures":
        this.tell(this.figures(given.outside));
        return;
      case "limit": {
        const limits = { ...LIMITS, exposureGrossMax: usdt(given.gross), accountShareBps: given.share };
        this.tell({ kind: "account-configured", ...at, limits, by: "test" });
        return;
      }
      case "process-killed":
        for (const one of this.bots.values()) Object.assign(one, { running: false, believes: 0n, mail: [] });
        this.state = decodeCanonical(encodeCanonical(this.state)) as object as AccountState;
        this.tell(runStarted);
        return;
    }
  }

  private figures(outside: number | null): EngineEvent {
    const bots: BotFigures[] = [...this.bots].map(([id, one]) => {
      const exposure = money(one.exposure);
      return { bot: id, exposure, net: exposure, profit: null, budget: null, cash: null, orders: 0 };
    });
    const others = outside === null ? null : { gross: usdt(outside), net: [] };
    return { kind: "account-figures", atMs: 0, bots, equity: null, outside: others, requests: [] };
  }
}

const runStarted: EngineEvent = {
  kind: "run-started",
  atMs: 0,
  epoch: 2,
  lineage: 1,
  host: "h",
  release: "r",
  coreHash: "c",
  configHash: "f",
  clockOffsetMs: 0,
};

test("TEST-P17 RISK-09 RISK-51 what all bots may have in sum never passes the limit, through kills", () => {
  const property = fc.property(fc.array(deed, { maxLength: 60 }), (deeds) => {
    const world = new World();
    for (const each of deeds) {
      const before = heldInSum(world.state);
      world.run(each);
      const held = heldInSum(world.state);
      const limit = grantable(world.state);
      // a limit that falls below what is granted already takes nothing back by itself: nobody gets more until it fits
      assert.ok(held <= limit || held <= before, `${held} is granted of ${limit}, and it was ${before}`);
      for (const [id, one] of world.bots) {
        const told = [one.believes, ...(one.running ? one.mail.map(({ gross }) => gross) : []), one.exposure];
        const most = told.reduce((a, b) => (a > b ? a : b), 0n);
        const counted = world.state.bots.get(id)?.held ?? 0n;
        assert.ok(most <= counted, `${id} may have ${most}, but ${counted} is counted`);
      }
    }
  });
  fc.assert(property, runs(171));
});

test("RISK-09 what a bot gave back is left to the others, and everybody gets a fair part in the end", () => {
  const property = fc.property(fc.array(deed, { maxLength: 40 }), (deeds) => {
    const world = new World();
    for (const each of deeds) world.run(each);
    world.run({ deed: "limit", gross: 1_000, share: 10_000 });
    world.run({ deed: "figures", outside: 0 });
    for (const id of BOTS) {
      world.of(id).exposure = 0n;
      if (!world.of(id).running) world.run({ deed: "join", bot: id, wanted: 900 });
      else world.tell({ kind: "bot-joined", atMs: 0, bot: id, base: "BTC", wanted: usdt(900) });
    }
    for (let round = 0; round < 20; round += 1) for (const id of BOTS) world.run({ deed: "hear", bot: id });
    for (const id of BOTS) {
      // three want 900 each of 1,000
      const third = usdt(1_000) / 3n;
      const { believes } = world.of(id);
      assert.ok(believes >= third && believes <= third + 1n, `${id} has ${believes}`);
    }
  });
  fc.assert(property, runs(172, 2));
});
