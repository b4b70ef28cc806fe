// Writes deploy/grafana and deploy/prometheus from one table: `node tools/dashboards.ts` (RISK-46, OPS-26, OPS-27).
// Every metric a process tells stands in a panel or in a rule; a test holds files, table and metrics together.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { p99, RULES } from "./alert-rules.ts";

interface PanelText {
  readonly title: string;
  readonly unit: string;
  /** Expression → legend. */
  readonly lines: Readonly<Record<string, string>>;
}

const rate = (name: string, by: string): string => `sum by (${by}) (rate(${name}[5m]))`;
const realised = (sign: string): string => `sum by (bot) (market_maker_pnl_realized_total{sign="${sign}"})`;

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
