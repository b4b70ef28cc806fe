// What strikes the market and the exchange around it: rules that change, instruments that leave, positions closed by
// force, funding out of turn, books that break. Each is undone again, or is over by itself.

import { milliTicks, money } from "../../src/market/amounts.ts";
import type { InstrumentStatus } from "../../src/market/instrument.ts";
import { Interventions } from "../../src/sim/interventions.ts";
import type { MarketFault } from "./faults.ts";
import { ACCOUNT, type World } from "./world.ts";

export class MarketStrikes {
  private readonly world: World;
  private readonly over: () => boolean;
  private readonly exchange: Interventions;
  private undo = new Set<() => void>();
  private settledUs = 0;

  constructor(world: World, over: () => boolean) {
    this.world = world;
    this.over = over;
    this.exchange = new Interventions(world.exchange);
  }

  /** Everything as it was. */
  end(): void {
    for (const act of this.undo) act();
    this.undo.clear();
    this.world.driver.touch();
  }

  strike(kind: MarketFault): void {
    const { world, exchange } = this;
    const { prng, scenario } = world;
    const { symbol } = scenario.instrument;
    const market = world.exchange.market(symbol);
    switch (kind) {
      case "stepsChanged":
        exchange.setRules(market.instrument, { priceStep: prng.pick([2, 5]), quantityStep: prng.pick([1, 2]) });
        this.later(() => exchange.setRules(market.instrument, { priceStep: 1, quantityStep: 1 }));
        break;
      case "minimumChanged": {
        const { minNotional } = market.instrument;
        exchange.setRules({ ...market.instrument, minNotional: minNotional * prng.pick([2, 10]) });
        this.later(() => exchange.setRules({ ...market.instrument, minNotional: scenario.instrument.minNotional }));
        break;
      }
      case "delisting":
        this.status(prng.pick<InstrumentStatus>(["delisting", "cancel-only"]));
        break;
      case "tradingHalt":
        this.status("halted");
        break;
      case "adl":
      case "liquidated": {
        const held = Math.abs(world.exchangePosition());
        if (held === 0) return;
        const origin = kind === "adl" ? "adl" : "liquidation";
        exchange.closeByForce({ account: ACCOUNT, symbol }, { origin, quantity: prng.integer(1, held) });
        break;
      }
      case "fundingMoved":
        // one settlement a moment: its time is its name
        if (market.instrument.kind !== "perpetual" || world.clock.nowUs() < this.settledUs + 1_000_000) return;
        this.settledUs = world.clock.nowUs();
        exchange.settleFunding(symbol, prng.integer(-200_000_000, 200_000_000), world.clock.nowUs());
        break;
      case "priceSpike": {
        const mid = Math.round(market.markMilli / 1000);
        const far = Math.max(1, Math.round(mid * (0.002 + 0.02 * prng.float())));
        const side = prng.pick<"buy" | "sell">(["buy", "sell"]);
        market.tradeThrough(side, side === "buy" ? Math.max(1, mid - far) : mid + far);
        break;
      }
      case "markMoved": {
        const mark = milliTicks(Math.round(market.markMilli * (1 + 0.02 * (prng.float() - 0.5))));
        exchange.inject(symbol, [{ kind: "mark", mark }]);
        this.later(() => exchange.inject(symbol, [{ kind: "mark", mark: null }]));
        break;
      }
      case "bookBroken":
        market.publisher.suspend(true);
        this.later(() => market.publisher.suspend(false), 5_000);
        break;
      case "bookCrossed":
        market.publisher.crossed(world.clock.nowUs());
        break;
      case "transfer": {
        // no exchange lets out what margin may need: a fifth of the wallet at most
        const fifth = world.exchange.clearing.balance(world.exchange.clearing.account(ACCOUNT), "USDT") / 5n;
        const most = fifth < 0n ? 0 : Math.min(200, Number.parseInt(String(fifth / 10n ** 18n), 10));
        const amount = BigInt(prng.integer(-most, 200)) * 10n ** 18n;
        world.transferred += amount;
        exchange.deposit(ACCOUNT, scenario.instrument.quote, money(amount));
        break;
      }
    }
    world.driver.touch();
  }

  private status(status: InstrumentStatus): void {
    const market = this.world.exchange.market(this.world.scenario.instrument.symbol);
    market.setStatus(status);
    this.later(() => market.setStatus("trading"));
  }

  private later(act: () => void, mostMs = 120_000): void {
    const { world } = this;
    this.undo.add(act);
    world.after(world.prng.integer(1_000, mostMs), () => {
      if (!this.undo.delete(act) || this.over()) return;
      act();
      world.driver.touch();
    });
  }
}
