// The alert rules of deploy/prometheus (OPS-27): when, for how long, how bad, and the heading of docs/monitoring.md that
// says what to do. `node tools/dashboards.ts` writes them.

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
  /** Heading of docs/monitoring.md that says what to do. */
  readonly runbook: string;
}

/** The 99th of 100 of a histogram over five minutes, by these labels. */
export const p99 = (name: string, by: string): string =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${name}_bucket[5m])))`;

const counted = (name: string): string => `sum by (exchange) (increase(${name}[5m]))`;

const rule = (
  alert: string,
  when: readonly [expr: string, lasting: string],
  severity: Rule["severity"],
  said: readonly [summary: string, runbook: string],
): Rule => ({ alert, expr: when[0], for: when[1], severity, summary: said[0], runbook: said[1] });

const BOTH_DOWN = 'opensqt_bot_phase{phase=~"FAILED|QUARANTINED|KILLED"} == 1';

export const RULES: readonly Rule[] = [
  rule("ProcessDown", ['up{job=~"opensqt.*"} == 0', "1m"], "critical", [
    "{{ $labels.job }} does not answer",
    "a-process-is-down",
  ]),
  rule("NotReady", ["opensqt_ready == 0", "3m"], "critical", [
    "{{ $labels.job }} answers and cannot do its work",
    "a-process-is-not-ready",
  ]),
  rule("BreakerOpen", ["market_maker_circuit_breaker_open == 1", "0m"], "critical", [
    "{{ $labels.bot }}: breaker {{ $labels.breaker }} is open",
    "a-breaker-is-open",
  ]),
  rule("OrderUnknown", ["market_maker_orders_unknown > 0", "30s"], "warning", [
    "{{ $labels.bot }}: {{ $value }} orders whose outcome nobody knows",
    "an-order-is-unknown",
  ]),
  rule("OrderUnknownLong", ["market_maker_orders_unknown > 0", "5m"], "critical", [
    "{{ $labels.bot }}: {{ $value }} orders unknown for five minutes",
    "an-order-is-unknown",
  ]),
  rule("PositionDivergence", ["market_maker_position_divergence_lots != 0", "2m"], "critical", [
    "{{ $labels.bot }}: {{ $value }} lots that the ledger cannot explain",
    "position-divergence",
  ]),
  rule("FeedStale", ["market_maker_feed_stale == 1", "10s"], "warning", [
    "{{ $labels.bot }}: the {{ $labels.stream }} feed is stale",
    "a-feed-is-stale",
  ]),
  rule(
    "StreamSilent",
    ["exchange_stream_connected == 1 and on (exchange, stream) rate(exchange_stream_messages_total[1m]) == 0", "1m"],
    "warning",
    ["{{ $labels.exchange }}: {{ $labels.stream }} is connected and says nothing", "a-feed-is-stale"],
  ),
  rule("MarginLow", ["market_maker_margin_ratio > 0.30", "0m"], "warning", [
    "{{ $labels.bot }}: maintenance is {{ $value }} of equity",
    "margin-is-low",
  ]),
  rule("MarginCritical", ["market_maker_margin_ratio > 0.50", "0m"], "critical", [
    "{{ $labels.bot }}: maintenance is {{ $value }} of equity",
    "margin-is-low",
  ]),
  rule("LiquidationNear", ["market_maker_liquidation_distance_ratio < 0.20", "0m"], "warning", [
    "{{ $labels.bot }}: liquidation is {{ $value }} away",
    "margin-is-low",
  ]),
  rule("LiquidationCritical", ["market_maker_liquidation_distance_ratio < 0.10", "0m"], "critical", [
    "{{ $labels.bot }}: liquidation is {{ $value }} away",
    "margin-is-low",
  ]),
  rule("BotDown", [BOTH_DOWN, "0m"], "critical", ["{{ $labels.bot }} is {{ $labels.phase }}", "a-bot-is-down"]),
  rule("RequestBudgetHigh", ["exchange_request_budget_used_ratio > 0.8", "2m"], "warning", [
    "{{ $labels.exchange }}: {{ $value }} of the request budget is used",
    "the-request-budget-is-used-up",
  ]),
  rule(
    "OrderFailures",
    [
      `${counted("order_failures_total")} > 0.2 * ${counted("order_placements_total")} ` +
        `and ${counted("order_placements_total")} >= 20`,
      "0m",
    ],
    "warning",
    ["{{ $labels.exchange }}: more than a fifth of the sends fail", "orders-fail"],
  ),
  rule("JournalSlow", [`${p99("market_maker_journal_commit_seconds", "bot")} > 0.05`, "1m"], "warning", [
    "{{ $labels.bot }}: commits take {{ $value }} s",
    "the-journal-is-slow",
  ]),
  rule("SnapshotOld", ["opensqt_snapshot_age_seconds > 3600", "0m"], "warning", [
    "{{ $labels.bot }}: the newest snapshot is an hour old",
    "the-journal-is-slow",
  ]),
  rule("BackupOld", ["opensqt_backup_age_seconds > 26 * 3600", "0m"], "warning", [
    "{{ $labels.bot }}: the newest backup is {{ $value }} s old",
    "a-backup-is-old",
  ]),
  rule("JournalFailing", ["increase(opensqt_journal_failures_total[10m]) > 0", "0m"], "critical", [
    "{{ $labels.bot }}: the journal did not take {{ $labels.phase }}",
    "the-journal-fails",
  ]),
  rule("BudgetDrift", ["abs(opensqt_budget_drift_quote) > 10", "0m"], "critical", [
    "the exchange's total is {{ $value }} from what the budgets' books explain",
    "budget-drift",
  ]),
  rule("LossNearLimit", ["opensqt_drawdown_ratio > 0.8 or opensqt_day_loss_ratio > 0.8", "0m"], "warning", [
    "{{ $labels.bot }}: lost {{ $value }} of what opens the breaker",
    "a-loss-nears-its-limit",
  ]),
  rule("ClockOffset", ["abs(opensqt_clock_offset_seconds) > 0.5", "0m"], "warning", [
    "{{ $labels.exchange }}: the clocks are {{ $value }} s apart",
    "the-clock-is-off",
  ]),
  rule("CertificateExpiring", ["opensqt_certificate_expiry_seconds < 30 * 86400", "0m"], "warning", [
    "{{ $labels.role }}: its certificate is good for {{ $value }} s",
    "a-certificate-expires",
  ]),
  rule("CertificateExpiringSoon", ["opensqt_certificate_expiry_seconds < 7 * 86400", "0m"], "critical", [
    "{{ $labels.role }}: its certificate is good for {{ $value }} s",
    "a-certificate-expires",
  ]),
  rule("LoopLag", ["opensqt_event_loop_lag_seconds > 0.1", "1m"], "warning", [
    "{{ $labels.job }}: the loop lags {{ $value }} s",
    "the-loop-lags",
  ]),
  rule("MemoryGrowth", ["deriv(process_resident_memory_bytes[1h]) * 3600 > 100e6", "30m"], "warning", [
    "{{ $labels.job }}: grows more than 100 MB an hour",
    "memory-or-handles-grow",
  ]),
  rule("FilesHigh", ["process_open_fds > 0.8 * process_max_fds", "1m"], "warning", [
    "{{ $labels.job }}: {{ $value }} files are open",
    "memory-or-handles-grow",
  ]),
  rule("AlertsLost", ["increase(alerts_dropped_total[10m]) > 0", "0m"], "warning", [
    "{{ $labels.channel }}: alerts were given up",
    "an-alert-channel-fails",
  ]),
];
