// Writes deploy/grafana and deploy/prometheus from one table: `node tools/dashboards.ts` (RISK-46, OPS-26, OPS-27).
// Every metric a process tells stands in a panel or in a rule; a test holds files, table and metrics together.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface PanelText {
  readonly title: string;
  readonly unit: string;
  /** Expression → legend. */
  readonly lines: Readonly<Record<string, string>>;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
  /** Heading of docs/monitoring.md that says what to do. */
  readonly runbook: string;
}

const rate = (name: string, by: string): string => `sum by (${by}) (rate(${name}[5m]))`;
const p99 = (name: string, by: string): string =>
  `histogram_quantile(0.99, sum by (le, ${by}) (rate(${name}_bucket[5m])))`;

const realised = (sign: string): string => `sum by (bot) (market_maker_pnl_realized_total{sign="${sign}"})`;
const counted = (name: string): string => `sum by (exchange) (increase(${name}[5m]))`;

const panel = (title: string, unit: string, lines: PanelText["lines"]): PanelText => ({ title, unit, lines });

export const DASHBOARDS: Readonly<Record<string, readonly PanelText[]>> = {
  bots: [
    panel("Realised result", "short", {
      [`${realised("gain")} - ${realised("loss")}`]: "{{bot}}",
    }),
    panel("Unrealised result", "short", { market_maker_pnl_unrealized: "{{bot}} {{instrument}}" }),
    panel("Phase", "short", { "opensqt_bot_phase == 1": "{{bot}} {{phase}}" }),
    panel("Position", "short", {
      market_maker_position_size: "{{bot}} {{instrument}}",
      market_maker_position_divergence_lots: "divergence, lots {{bot}}",
      opensqt_dust_quote: "dust {{bot}}",
    }),
    panel("Orders", "short", {
      market_maker_orders_active: "active {{bot}}",
      market_maker_orders_unknown: "unknown {{bot}}",
    }),
    panel("Orders and fills a second", "ops", {
      [rate("market_maker_orders_placed_total", "bot, side")]: "placed {{bot}} {{side}}",
      [rate("market_maker_orders_filled_total", "bot, side")]: "filled {{bot}} {{side}}",
    }),
    panel("Value traded a second", "short", { [rate("market_maker_volume_total", "bot, side")]: "{{bot}} {{side}}" }),
    panel("Slots", "short", {
      position_total_slots: "all {{bot}}",
      position_active_slots: "held {{bot}}",
    }),
    panel("Exposure and margin", "short", {
      market_maker_exposure_quote: "exposure {{bot}}",
      position_margin_locked: "margin {{bot}}",
      opensqt_budget_reserved_quote: "reserved {{bot}}",
    }),
    panel("Leverage, margin, liquidation", "percentunit", {
      market_maker_leverage_ratio: "leverage {{bot}}",
      market_maker_margin_ratio: "margin {{bot}}",
      market_maker_liquidation_distance_ratio: "distance to liquidation {{bot}}",
    }),
    panel("Refusals of risk a second", "ops", {
      [rate("market_maker_refusals_total", "bot, code")]: "{{bot}} {{code}}",
    }),
    panel("Breakers and monitor", "short", {
      "market_maker_circuit_breaker_open == 1": "{{bot}} {{breaker}}",
      market_maker_risk_triggered: "monitor {{bot}}",
    }),
    panel("Falls and losses ÷ the limit they open a breaker at", "percentunit", {
      opensqt_drawdown_ratio: "drawdown {{bot}}",
      opensqt_day_loss_ratio: "since midnight {{bot}}",
    }),
    panel("Net exposure", "short", { opensqt_net_exposure_quote: "{{bot}} {{asset}}" }),
    panel("Lots held", "short", { opensqt_lots_open: "{{bot}}" }),
    panel("What no book explains", "short", { opensqt_budget_drift_quote: "{{bot}}" }),
    panel("Entries kept away, times a second", "ops", {
      [rate("opensqt_entry_blocks_total", "bot, reason")]: "{{bot}} {{reason}}",
    }),
    panel("Corrections", "short", { market_maker_position_corrections_total: "{{bot}} {{action}}" }),
  ],
  exchange: [
    panel("Outcomes a second", "ops", {
      [rate("order_outcome_total", "exchange, outcome")]: "{{exchange}} {{outcome}}",
      [rate("order_placements_total", "exchange")]: "sends {{exchange}}",
      [rate("order_retries_total", "exchange")]: "tries again {{exchange}}",
      [rate("order_failures_total", "exchange, reason")]: "failed {{exchange}} {{reason}}",
    }),
    panel("Calls a second", "ops", {
      [rate("opensqt_exchange_calls_total", "exchange, call, outcome")]: "{{exchange}} {{call}} {{outcome}}",
    }),
    panel("Calls, p99", "s", { [p99("opensqt_exchange_call_seconds", "exchange, call")]: "{{exchange}} {{call}}" }),
    panel("Clock of the exchange less ours", "s", { opensqt_clock_offset_seconds: "{{exchange}}" }),
    panel("Answers of the exchange, p99", "ms", {
      [p99("market_maker_latency_exchange_ms", "exchange, call")]: "{{exchange}} {{call}}",
    }),
    panel("Tick to trade, p99", "ms", { [p99("market_maker_latency_tick_to_trade_ms", "bot")]: "{{bot}}" }),
    panel("Streams", "short", { exchange_stream_connected: "{{exchange}} {{stream}}" }),
    panel("Messages a second", "ops", {
      [rate("exchange_stream_messages_total", "exchange, stream")]: "{{exchange}} {{stream}}",
    }),
    panel("Age of feeds", "s", {
      market_maker_feed_age_seconds: "{{bot}} {{stream}}",
      "market_maker_feed_stale == 1": "stale {{bot}} {{stream}}",
    }),
    panel("Request budget used", "percentunit", { exchange_request_budget_used_ratio: "{{exchange}}" }),
    panel("Books replaced before they were seen", "ops", { [rate("opensqt_conflated_total", "bot")]: "{{bot}}" }),
  ],
  host: [
    panel("Journal: commit p99", "s", { [p99("market_maker_journal_commit_seconds", "bot")]: "{{bot}}" }),
    panel("Journal: bytes a second", "Bps", { "rate(market_maker_journal_bytes[5m])": "{{bot}}" }),
    panel("Snapshots and backups: age", "s", {
      opensqt_snapshot_age_seconds: "snapshot {{bot}}",
      opensqt_backup_age_seconds: "backup {{bot}}",
    }),
    panel("Journal: turns not taken", "short", { opensqt_journal_failures_total: "{{bot}} {{phase}}" }),
    panel("Certificates: good for", "s", { opensqt_certificate_expiry_seconds: "{{role}}" }),
    panel("Recovery, p99", "s", { [p99("market_maker_recovery_seconds", "bot")]: "{{bot}}" }),
    panel("Steps, p99", "s", { [p99("opensqt_step_seconds", "bot")]: "{{bot}}" }),
    panel("Flows a second", "ops", {
      [rate("workflow_executions_total", "kind, outcome")]: "{{kind}} {{outcome}}",
    }),
    panel("Flows, p99", "s", { [p99("workflow_processing_latency_seconds", "kind")]: "{{kind}}" }),
    panel("Mailbox", "short", { market_maker_mailbox_depth: "{{bot}}" }),
    panel("Loop lag", "s", { opensqt_event_loop_lag_seconds: "{{job}}" }),
    panel("Memory", "bytes", { process_resident_memory_bytes: "{{job}}" }),
    panel("Calls a second", "ops", {
      [rate("grpc_requests_total", "method, code")]: "{{method}} {{code}}",
      [rate("grpc_auth_failures_total", "reason")]: "refused {{reason}}",
    }),
    panel("Calls, p99", "s", { [p99("grpc_request_duration_seconds", "method")]: "{{method}}" }),
    panel("Streams of the API", "short", {
      grpc_stream_subscribers: "{{method}}",
      [rate("grpc_stream_messages_total", "method")]: "messages {{method}}",
      [rate("grpc_stream_conflated_total", "method")]: "conflated {{method}}",
      [rate("grpc_stream_overruns_total", "method")]: "overruns {{method}}",
    }),
    panel("Browsers", "short", {
      websocket_active_connections: "connected",
      [rate("websocket_rejected_total", "reason")]: "refused {{reason}}",
      [rate("opensqt_ws_slow_total", "job")]: "slow",
      [rate("opensqt_ws_ended_total", "reason")]: "ended {{reason}}",
      [rate("opensqt_ws_messages_total", "type")]: "messages {{type}}",
    }),
    panel("Broadcast, p99", "s", { [p99("opensqt_ws_broadcast_seconds", "job")]: "{{job}}" }),
    panel("Alerts", "ops", {
      [rate("alerts_sent_total", "channel, severity")]: "sent {{channel}} {{severity}}",
      [rate("alerts_dropped_total", "channel, severity")]: "dropped {{channel}} {{severity}}",
    }),
    panel("Releases", "short", { opensqt_build_info: "{{role}} {{release}}" }),
  ],
};

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

/** File below deploy/ → its text. */
export function deployFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, panels] of Object.entries(DASHBOARDS))
    files.set(`grafana/${name}.json`, dashboardText(name, panels));
  files.set("prometheus/rules.yml", rulesText());
  return files;
}

function dashboardText(name: string, panels: readonly PanelText[]): string {
  const source = { type: "prometheus", uid: "$source" };
  const dashboard = {
    uid: `opensqt-${name}`,
    title: `OpenSQT ${name}`,
    tags: ["opensqt"],
    timezone: "utc",
    refresh: "10s",
    schemaVersion: 39,
    time: { from: "now-1h", to: "now" },
    templating: { list: [{ name: "source", type: "datasource", query: "prometheus" }] },
    panels: panels.map(({ title, unit, lines }, index) => ({
      id: index + 1,
      type: "timeseries",
      title,
      datasource: source,
      gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit }, overrides: [] },
      targets: Object.entries(lines).map(([expr, legendFormat], at) => ({
        refId: String.fromCharCode(65 + at),
        datasource: source,
        expr,
        legendFormat,
      })),
    })),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function rulesText(): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const lines = RULES.flatMap(({ alert, expr, for: lasting, severity, summary, runbook }) => [
    `      - alert: ${alert}`,
    `        expr: ${quoted(expr)}`,
    `        for: ${lasting}`,
    `        labels: { severity: ${severity} }`,
    "        annotations:",
    `          summary: ${quoted(summary)}`,
    `          runbook: docs/monitoring.md#${runbook}`,
  ]);
  return ["# Written by tools/dashboards.ts.", "groups:", "  - name: opensqt", "    rules:", ...lines, ""].join("\n");
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..", "deploy");
  for (const [name, text] of deployFiles()) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
