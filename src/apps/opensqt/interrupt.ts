// Ctrl-C and SIGTERM as a question a long command asks now and then. A second signal ends the process at once.

import { signalCode } from "./exit-codes.ts";

export class Interrupt {
  /** The first signal that came, or null. */
  signal: NodeJS.Signals | null = null;
  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (this.signal !== null) process.exit(signalCode(signal));
    this.signal = signal;
  };

  constructor() {
    process.on("SIGINT", this.onSignal);
    process.on("SIGTERM", this.onSignal);
  }

  close(): void {
    process.off("SIGINT", this.onSignal);
    process.off("SIGTERM", this.onSignal);
  }
}
