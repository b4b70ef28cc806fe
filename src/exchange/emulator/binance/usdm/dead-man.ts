// `countdownCancelAll`: unless it is set again in time, every open order of one instrument is cancelled by the
// emulator's clock. Zero takes it back.

import { fail, ok } from "../../../../base/result.ts";
import { refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import type { UsdmCore } from "./core.ts";
import type { Trading } from "./trading.ts";

export class DeadMan {
  private readonly core: UsdmCore;
  private readonly trading: Trading;
  private readonly timers = new Map<string, () => void>();

  constructor(core: UsdmCore, trading: Trading) {
    this.core = core;
    this.trading = trading;
  }

  set(call: Call): Answer {
    const account = accountOf(call);
    const symbol = this.trading.symbolOf(call.parameters);
    if (!symbol.ok) return symbol;
    const countdown = call.parameters.integer("countdownTime");
    if (!countdown.ok) return countdown;
    if (countdown.value === null) return fail(refusals.missing("countdownTime"));
    if (countdown.value < 0) return fail(refusals.invalid("countdownTime"));
    const name = `${account.name} ${symbol.value}`;
    this.timers.get(name)?.();
    this.timers.delete(name);
    if (countdown.value > 0) {
      const cancel = this.core.world.clock.at(call.nowMs + countdown.value, () => {
        this.timers.delete(name);
        this.trading.cancelEverything(this.core.desk(account), symbol.value);
      });
      this.timers.set(name, cancel);
    }
    return ok({ symbol: symbol.value, countdownTime: String(countdown.value) });
  }

  close(): void {
    for (const cancel of this.timers.values()) cancel();
    this.timers.clear();
  }
}
