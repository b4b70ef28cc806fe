// Lets the simulated exchange live in the emulator's time: what is due happens in the order of its times, deliveries
// before the wakes of the same instant. Requests are applied at the time they come in, between two of its steps.

import type { SimulatedExchange } from "../../sim/exchange.ts";
import type { EmulatorTime } from "./time.ts";

/** Market rows are looked at this often by the machine's clock. */
const LOOK_MS = 5;

export class Pump {
  private readonly exchange: SimulatedExchange;
  private readonly time: EmulatorTime;
  private disarm: () => void = () => undefined;
  private armedUs = Number.POSITIVE_INFINITY;
  private working = 0;
  private stopped = false;

  constructor(exchange: SimulatedExchange, time: EmulatorTime) {
    this.exchange = exchange;
    this.time = time;
    time.onChange(() => this.arm());
    this.arm();
  }

  /** Everything up to now has happened when it returns. */
  settle(): void {
    this.goTo(this.time.nowUs());
  }

  /** Everything up to `us` happens, in order. Those who hear of it may act at once. */
  goTo(us: number): void {
    const { exchange, time } = this;
    const { wakes } = time;
    this.working += 1;
    try {
      while (!this.stopped) {
        const limitUs = Math.min(us, wakes.nextUs());
        const dueUs = exchange.advance(limitUs);
        if (dueUs <= limitUs) {
          if (dueUs > wakes.nowUs()) wakes.moveTo(dueUs);
          exchange.deliver(dueUs);
        } else if (!wakes.runNext(us)) break;
      }
      if (us > wakes.nowUs() && !this.stopped) wakes.moveTo(us);
    } finally {
      this.working -= 1;
    }
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.disarm();
  }

  private arm(): void {
    if (this.stopped || this.working > 0) return;
    const { exchange, time } = this;
    this.disarm();
    if (time.speed === 0) return;
    const rowsUs = Math.max(exchange.nextUs(), time.nowUs() + LOOK_MS * 1000 * time.speed);
    this.armedUs = Math.min(rowsUs, exchange.nextDeliveryUs(), time.wakes.nextUs());
    this.disarm = time.whenReached(this.armedUs, () => this.settle());
  }
}
