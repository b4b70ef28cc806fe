// Metrics of a process in Prometheus' form. A label's values are an enum of the code or a bounded set of configured
// names (RISK-45): what does not fit is counted as "other", so that no input can make series without end.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Values a label may take: a list of them, or how many different ones at most. */
export type LabelBounds = Readonly<Record<string, readonly string[] | number>>;
export type LabelsOf<B extends LabelBounds> = { readonly [name in keyof B]: string };

export interface CounterOf<B extends LabelBounds> {
  add(labels: LabelsOf<B>, amount?: number): void;
}
export interface GaugeOf<B extends LabelBounds> {
  set(labels: LabelsOf<B>, value: number): void;
  /** Forgets one series: a bot that is gone. */
  remove(labels: LabelsOf<B>): void;
}
export interface HistogramOf<B extends LabelBounds> {
  /** In the unit of the name. */
  observe(labels: LabelsOf<B>, value: number): void;
}

export interface MetricName<B extends LabelBounds> {
  readonly name: string;
  readonly help: string;
  readonly labels: B;
}

/** Configured instruments at most, then "other". */
export const INSTRUMENT_LABELS_MAX = 200;
export const OTHER = "other";
/** Seconds, from a tenth of a millisecond to a minute. */
const SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export class Metrics {
  readonly registry = new Registry();
  private readonly measures: (() => void)[] = [];
  private readonly lag: ReturnType<typeof monitorEventLoopDelay> | null;

  /** `own` false leaves out what is told about the process itself (for tests, and a second set in one process). */
  constructor(options: { readonly process: string; readonly release: string; readonly own?: boolean }) {
    this.lag = options.own === false ? null : monitorEventLoopDelay({ resolution: 20 });
    if (this.lag === null) return;
    const { lag } = this;
    lag.enable();
    collectDefaultMetrics({ register: this.registry });
    this.reading(
      { name: "opensqt_event_loop_lag_seconds", help: "p99 of the loop's lag since the last scrape" },
      () => {
        const seconds = lag.percentile(99) / 1e9;
        lag.reset();
        return Number.isFinite(seconds) ? seconds : 0;
      },
    );
    const build = {
      name: "opensqt_build_info",
      help: "release and role of this process",
      labels: { role: 1, release: 1 },
    };
    this.gauge(build).set({ role: options.process, release: options.release }, 1);
  }

  /** The same name again is the same counter. */
  counter<const B extends LabelBounds>(metric: MetricName<B>): CounterOf<B> {
    const found = this.registry.getSingleMetric(metric.name);
    const counter =
      found instanceof Counter ? found : new Counter({ ...this.shape(metric), registers: [this.registry] });
    const bounded = boundsOf(metric.labels);
    return { add: (labels, amount = 1) => counter.inc(bounded(labels), amount) };
  }

  gauge<const B extends LabelBounds>(metric: MetricName<B>): GaugeOf<B> {
    const found = this.registry.getSingleMetric(metric.name);
    const gauge = found instanceof Gauge ? found : new Gauge({ ...this.shape(metric), registers: [this.registry] });
    const bounded = boundsOf(metric.labels);
    return {
      set: (labels, value) => gauge.set(bounded(labels), value),
      remove: (labels) => gauge.remove(bounded(labels)),
    };
  }

  /** Seconds, unless other buckets are given. */
  histogram<const B extends LabelBounds>(metric: MetricName<B>, buckets: readonly number[] = SECONDS): HistogramOf<B> {
    const found = this.registry.getSingleMetric(metric.name);
    const histogram =
      found instanceof Histogram
        ? found
        : new Histogram({ ...this.shape(metric), buckets: [...buckets], registers: [this.registry] });
    const bounded = boundsOf(metric.labels);
    return { observe: (labels, value) => histogram.observe(bounded(labels), value) };
  }

  /** A gauge without labels that is read when somebody scrapes. */
  reading(metric: { readonly name: string; readonly help: string }, read: () => number): void {
    const { registry } = this;
    registry.removeSingleMetric(metric.name);
    const gauge: Gauge = new Gauge({ ...metric, registers: [registry], collect: () => gauge.set(read()) });
  }

  /** Called before each scrape: gauges with labels are set there, from what is so now. */
  onScrape(measure: () => void): void {
    this.measures.push(measure);
  }

  text(): Promise<string> {
    for (const measure of this.measures) measure();
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  close(): void {
    this.lag?.disable();
    this.registry.clear();
  }

  private shape({ name, help, labels }: MetricName<LabelBounds>) {
    return { name, help, labelNames: Object.keys(labels) };
  }
}

/** Values as they may be told; the first ones seen take the room of a counted label. */
function boundsOf(labels: LabelBounds): (given: Readonly<Record<string, string>>) => Record<string, string> {
  const bounds = Object.entries(labels).map(([name, bound]) => [name, bounded(bound)] as const);
  return (given) => Object.fromEntries(bounds.map(([name, take]) => [name, take(given[name] ?? "")]));
}

function bounded(bound: readonly string[] | number): (value: string) => string {
  const seen = new Set<string>(typeof bound === "number" ? [] : bound);
  if (typeof bound !== "number") return (value) => (seen.has(value) ? value : OTHER);
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= bound) return OTHER;
    seen.add(value);
    return value;
  };
}
