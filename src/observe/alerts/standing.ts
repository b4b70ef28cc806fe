// A condition of the process that is looked at again and again: it counts when it has lasted, and ends at once. Pure.

export class Standing {
  private readonly afterMs: number;
  private sinceMs: number | null = null;
  private raised = false;

  /** `afterMs`: how long it must last before anybody is told. */
  constructor(afterMs: number) {
    this.afterMs = afterMs;
  }

  /** What one look changes. */
  look(holds: boolean, nowMs: number): "begins" | "ends" | null {
    if (!holds) {
      const ends = this.raised;
      this.sinceMs = null;
      this.raised = false;
      return ends ? "ends" : null;
    }
    this.sinceMs ??= nowMs;
    if (this.raised || nowMs - this.sinceMs < this.afterMs) return null;
    this.raised = true;
    return "begins";
  }
}
