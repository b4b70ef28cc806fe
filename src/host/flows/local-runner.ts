// Runs flows in this process alone, where journals are in SQLite: the journal itself is their progress. What a killed
// process left is begun again, and its record of an earlier run makes sure that it is settled and not sent (DUR-64).

import type { Flow, FlowRunner, FlowSteps, OpenRunner } from "./flow.ts";

class LocalRunner implements FlowRunner {
  readonly name = "local";
  private readonly steps: FlowSteps;
  private readonly running = new Set<string>();
  private closed = false;

  constructor(steps: FlowSteps) {
    this.steps = steps;
  }

  start(flow: Flow): Promise<void> {
    if (this.closed || this.running.has(flow.id)) return Promise.resolve();
    this.running.add(flow.id);
    void this.run(flow).finally(() => this.running.delete(flow.id));
    return Promise.resolve();
  }

  async takeOver(open: readonly Flow[]): Promise<void> {
    for (const flow of open) await this.start(flow);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private async run(flow: Flow): Promise<void> {
    this.steps.begun(flow);
    await this.steps.settle(flow, await this.steps.send(flow));
  }
}

export const localRunner: OpenRunner = ({ steps }) => new LocalRunner(steps);
