// People: the operator's commands, and the owner who trades by hand on the same account. What they do is drawn from the
// seed; what they undo they undo later.

import type { HostEvent } from "../../src/host/context.ts";
import { lots, money } from "../../src/market/amounts.ts";
import { notionalMoney } from "../../src/market/instrument.ts";
import { changedLimits, type RiskLimits } from "../../src/risk/limits.ts";
import type { Session } from "../../src/sim/session.ts";
import { gridConfigFrom } from "../../src/strategy/grid/config-reader.ts";
import type { GridState } from "../../src/strategy/grid/state.ts";
import type { Command } from "../../src/trading/command.ts";
import type { BotConfigData } from "../../src/trading/event.ts";
import type { PeopleFault } from "./faults.ts";
import { ACCOUNT, type World } from "./world.ts";

/** An account that keeps nothing from the bot. */
const GRANTED_MOST = 10n ** 27n;

export class People {
  cashByHand = 0n;
  private readonly world: World;
  private readonly session: Session;
  private orders = 0;
  private grants = 0;
  private accountPhase: {
    readonly phase: "open" | "probation" | "closed";
    readonly action: "P" | "O" | "A";
  } | null = null;

  constructor(world: World) {
    this.world = world;
    this.session = world.exchange.connect(ACCOUNT);
  }

  act(kind: PeopleFault): void {
    const { prng } = this.world;
    switch (kind) {
      case "pause":
        this.command({
          name: "pause",
          cancelEntries: prng.chance(0.5),
          leg: prng.pick<"both" | "L" | "S">(["both", "both", "L", "S"]),
        });
        this.later(10_000, 300_000, () => this.command({ name: "resume" }));
        return;
      case "killSwitch":
        this.command({ name: "kill", flatten: prng.chance(0.5) });
        this.later(60_000, 600_000, () => this.command({ name: "killReset" }));
        return;
      case "flatten":
        this.command({ name: "flatten" });
        this.later(30_000, 200_000, () => this.command({ name: "clearGate", gate: "flatten" }));
        return;
      case "update":
        this.update(true);
        return;
      case "limits":
        this.tighten();
        return;
      case "relattice":
        this.relattice();
        return;
      case "handTrade":
        this.trade();
        this.later(20_000, 200_000, () => this.command({ name: "reconcileAccept" }));
        return;
      case "handOrder":
        this.rest();
        return;
      case "openBreaker":
        this.command({ name: "breakerOpen", action: prng.pick<"P" | "O" | "A">(["P", "O", "A"]) });
        this.later(20_000, 300_000, () =>
          this.command({ name: "breakerClose", breaker: "manual", force: prng.chance(0.5) }),
        );
        return;
      case "grantChanged":
        this.grant(prng.pick([0n, 50n, 500n]) * 10n ** 18n);
        this.later(20_000, 300_000, () => this.grant(GRANTED_MOST));
        return;
      case "accountBreaker":
        this.accountBreaker("open", prng.pick<"P" | "O" | "A">(["P", "O", "A"]));
        this.later(20_000, 300_000, () => this.accountBreaker(prng.pick(["probation", "closed"]), "P"));
        return;
      case "looserLimits":
        this.command({
          name: "limits",
          wanted: {
            positionQuantityMax: lots(prng.integer(5, 500)),
            positionNotionalMax: money(BigInt(prng.integer(100, 5_000)) * 10n ** 18n),
            orderQuantityMax: null,
            leverageMaxMilli: null,
          },
        });
        return;
    }
  }

  /** An operator who looks at the screen now and then, for as long as `on` says. */
  attend(on: () => boolean): void {
    const { world } = this;
    const everyMs = world.scenario.operatorMs;
    if (everyMs === null) return;
    const look = (): void => {
      if (!on()) return;
      const { kill } = world.journal.shadow;
      if (kill.phase === "off") this.close(false);
      world.after(everyMs * (0.5 + world.prng.float()), look);
    };
    world.after(everyMs, look);
  }

  /** Gives everything back into the bot's hands. */
  settle(): void {
    this.command({ name: "killReset" });
    this.command({ name: "resume" });
    this.command({ name: "reconcileAccept" });
    this.command({ name: "clearGate", gate: "flatten" });
    this.command({ name: "clearGate", gate: "stop" });
    if (this.world.granted !== null) this.grant(GRANTED_MOST);
    if (this.accountPhase !== null) this.accountBreaker("closed", "P");
    this.close(true);
  }

  /** What only a person closes: breakers, and the gate of an instrument whose rules have changed. */
  private close(force: boolean): void {
    const { shadow } = this.world.journal;
    for (const breaker of shadow.breakers.keys()) this.command({ name: "breakerClose", breaker, force });
    const grid = shadow.strategy as GridState | null;
    if (shadow.instrument?.status === "trading" && grid?.gates.has("instrument") === true)
      this.command({ name: "clearGate", gate: "instrument" });
  }

  /** What the account machine grants; told again to every run that begins (RISK-09). */
  private grant(gross: bigint): void {
    this.world.granted = gross;
    this.tellGrant();
  }

  /** A run waits for the account's terms: the newest are told once it is there. */
  tellGrant(): void {
    const { world } = this;
    if (world.granted === null) return;
    this.grants += 1;
    this.offer({ kind: "grant", id: this.grants, gross: money(world.granted) });
  }

  /** A breaker of the account as the bot hears of it; what was not heard is told when the run begins. */
  private accountBreaker(phase: "open" | "probation" | "closed", action: "P" | "O" | "A"): void {
    this.accountPhase = { phase, action };
    this.tellAccount();
  }

  tellAccount(): void {
    if (this.accountPhase === null) return;
    const told = { breaker: "drawdown-total", reason: "simulation", value: "", limit: "" };
    this.offer({ kind: "account-breaker", ...told, ...this.accountPhase });
  }

  private offer(event: HostEvent): void {
    const { world } = this;
    const { main } = world;
    if (main?.host == null || !world.alive) return;
    world.note(`account: ${event.kind}`);
    main.through(() => main.host?.offer(event));
  }

  command(command: Command): void {
    const { world } = this;
    const { main } = world;
    if (main?.host == null || !world.alive) return;
    world.note(`operator: ${command.name}`);
    main.through(() => main.host?.command(command, { by: "operator", reason: "simulation" }, () => {}));
  }

  private later(lowMs: number, highMs: number, act: () => void): void {
    const { world } = this;
    world.after(world.prng.integer(lowMs, highMs), act);
  }

  private get config(): BotConfigData | null {
    return this.world.journal.shadow.config;
  }

  private update(undo: boolean): void {
    const { world, config } = this;
    const { prng, scenario } = world;
    if (config === null) return;
    const changes = {
      entryLevels: prng.integer(1, 8),
      exitLevels: prng.integer(1, 8),
      windowSlack: prng.integer(0, 3),
      entryGapPct: prng.pick([1, 20]),
      heldSlotsMax: prng.pick([3, 50]),
      orderQuote: prng.pick(["60", "100"]),
    };
    const reading = gridConfigFrom({ ...scenario.grid, ...changes }, scenario.instrument);
    if (!reading.ok) return;
    this.command({ name: "update", config: { ...config, strategyConfig: reading.value.config } });
    if (undo) this.later(20_000, 600_000, () => this.update(false));
  }

  private tighten(): void {
    const { world, config } = this;
    if (config === null) return;
    const configured = world.scenario.config.risk as RiskLimits;
    const tighter = changedLimits(configured, {
      positionNotionalMax: money(configured.positionNotionalMax / 3n),
      positionQuantityMax: lots(world.prng.integer(10, 200)),
    });
    this.command({ name: "update", config: { ...config, risk: tighter } });
    this.later(20_000, 300_000, () => {
      const now = this.config;
      if (now !== null) this.command({ name: "update", config: { ...now, risk: configured } });
    });
  }

  private relattice(): void {
    const { world, config } = this;
    const { scenario } = world;
    if (config === null) return;
    const { interval: _interval, ...rest } = scenario.grid;
    const texts = scenario.grid["interval"] === undefined ? rest : { ...rest, spacing: "geometric", spacingBps: "35" };
    const reading = gridConfigFrom(texts, scenario.instrument);
    if (reading.ok) this.command({ name: "relattice", config: { ...config, strategyConfig: reading.value.config } });
  }

  private nextId(): string {
    this.orders += 1;
    return `hand-${this.orders}`;
  }

  /** At the market, a few lots. */
  private trade(): void {
    const { world } = this;
    const { instrument } = world.scenario;
    const side = world.prng.pick<"buy" | "sell">(["buy", "sell"]);
    const market = world.exchange.market(instrument.symbol);
    const best = market.best(side === "buy" ? "sell" : "buy");
    if (best <= 0) return;
    const quantity = Math.max(1, Math.ceil(instrument.minNotional / best) + world.prng.integer(0, 5));
    const clientOrderId = this.nextId();
    world.note(`owner: ${side} ${quantity} at the market, ${clientOrderId}`);
    const order = {
      symbol: instrument.symbol,
      clientOrderId,
      side,
      price: best,
      quantity,
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: false,
    } as const;
    this.session.place(world.clock.nowUs(), order, () => {});
    world.driver.touch();
  }

  /** Rests far away, and is taken back later by its owner. */
  private rest(): void {
    const { world } = this;
    const { instrument } = world.scenario;
    const market = world.exchange.market(instrument.symbol);
    const best = market.best("buy");
    if (best <= 0) return;
    const price = Math.max(1, Math.round(best * 0.97));
    const quantity = Math.max(1, Math.ceil(instrument.minNotional / price));
    const clientOrderId = this.nextId();
    const order = {
      symbol: instrument.symbol,
      clientOrderId,
      side: "buy",
      price,
      quantity,
      timeInForce: "GTC",
      postOnly: true,
      reduceOnly: false,
    } as const;
    world.note(`owner: rests ${quantity} at ${price}, ${clientOrderId}`);
    this.session.place(world.clock.nowUs(), order, () => {});
    world.driver.touch();
    this.later(30_000, 600_000, () => {
      this.session.cancel(world.clock.nowUs(), instrument.symbol, clientOrderId, () => {});
      world.driver.touch();
    });
  }

  /** What moved the account's cash beside the bot: transfers, hand trades, what the insurance paid for it. */
  cash(): bigint {
    const { instrument } = this.world.scenario;
    let cash = this.world.transferred;
    for (const entry of this.world.records) {
      if (entry.kind === "liquidation") cash += BigInt(entry.insurance);
      if (entry.kind !== "fill" || this.world.tape.isOwn(entry.clientOrderId) || entry.origin !== "order") continue;
      const notional = notionalMoney(instrument, entry.price as never, lots(entry.quantity));
      cash += (entry.side === "buy" ? -notional : notional) - BigInt(entry.fee);
    }
    return cash;
  }
}
