// The largest fall from a peak (BT-35), kept while samples stream past: constant memory, one comparison a sample.

/**
 * The deepest fall seen. Equities in quote, times in µs; `recoveredUs` is null while the peak was not reached again.
 */
export interface Drawdown {
  readonly depth: number;
  readonly peak: number;
  readonly bottom: number;
  readonly peakUs: number;
  readonly bottomUs: number;
  readonly recoveredUs: number | null;
}

export class DrawdownTracker {
  private peak = Number.NEGATIVE_INFINITY;
  private peakUs = 0;
  private worst: Drawdown | null = null;
  private worstOpen = false;

  /** Next sample, in order of time. */
  add(atUs: number, equity: number): void {
    if (equity >= this.peak) {
      if (this.worstOpen && this.worst !== null && equity >= this.worst.peak) {
        this.worst = { ...this.worst, recoveredUs: atUs };
        this.worstOpen = false;
      }
      // an equal value is no new peak: the fall is timed from the first time the peak was reached
      if (equity > this.peak) {
        this.peak = equity;
        this.peakUs = atUs;
      }
      return;
    }
    if (this.peak <= 0) return;
    const depth = 1 - equity / this.peak;
    if (this.worst !== null && depth <= this.worst.depth) return;
    this.worst = {
      depth,
      peak: this.peak,
      bottom: equity,
      peakUs: this.peakUs,
      bottomUs: atUs,
      recoveredUs: null,
    };
    this.worstOpen = true;
  }

  /** Null before the first sample; a curve that never fell has depth 0. */
  result(): Drawdown | null {
    if (this.worst !== null) return this.worst;
    if (this.peak === Number.NEGATIVE_INFINITY) return null;
    const { peak, peakUs } = this;
    return { depth: 0, peak, bottom: peak, peakUs, bottomUs: peakUs, recoveredUs: peakUs };
  }
}
