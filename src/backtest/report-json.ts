// report.json: the machine's copy of a report, with a versioned schema (docs/report-v1.schema.json is generated from
// it). Money is exact decimal text; ratios are numbers; null means the figure does not exist, `notAvailable` says why.

import { z } from "zod";
import { CURVE_ROWS_MAX } from "./curve.ts";
import type { RunRecord } from "./run-record.ts";

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const REPORT_VERSION = 1;

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .describe("exact decimal text");
const figure = z.number().nullable();
const timeUs = z.number().int().describe("microseconds since 1970-01-01 UTC");

const header = z.object({
  strategy: z.string(),
  exchange: z.string(),
  symbol: z.string(),
  quote: z.string(),
  base: z.string(),
  tickSize: decimal,
  lotSize: decimal,
  level: z.enum(["L0", "L1", "L2"]),
  fillModel: z.string(),
  latency: z.string(),
  markSource: z.string(),
  data: z.array(z.object({ name: z.string(), hash: z.string() })),
  dataHash: z.string(),
  configHash: z.string(),
  seed: z.string(),
  codeVersion: z.string(),
  stateHash: z.string(),
  whole: z.boolean(),
  reason: z.string().describe('why it is partial, "" when whole'),
  synthetic: z.boolean(),
  ordersMoveTheMarket: z.literal(false).describe("our orders never change the recorded market (BT-13)"),
  startUs: timeUs,
  endUs: timeUs,
});

const split = z.object({
  spread: decimal.describe("Σ s·q·(m − p) over fills"),
  inventory: decimal.describe("Σ position · change of the mark"),
  fees: decimal,
  rebates: decimal,
  liquidationFees: decimal,
  funding: decimal,
  interest: decimal,
  total: decimal.describe("sum of the above = equityEnd − equityStart − transfers, exactly"),
});

const metrics = z.object({
  days: z.number(),
  dailyReturns: z.number().int(),
  return: figure,
  annualisedReturn: figure,
  drawdown: z
    .object({
      depth: z.number(),
      inQuote: z.number(),
      peakUs: timeUs,
      bottomUs: timeUs,
      recoveredUs: timeUs.nullable(),
    })
    .nullable(),
  sharpe: figure,
  sortino: figure,
  annualised: z.boolean().describe("Sharpe and Sortino are per year; otherwise per day"),
  calmar: figure,
  fillRatioLots: figure,
  fillRatioOrders: figure,
  makerShare: figure,
  turnoverPerDay: figure,
  notional: decimal,
  inventory: z.object({
    meanLots: figure,
    sdLots: figure,
    maxLots: z.number(),
    minLots: z.number(),
    atLimit: figure,
    flatToFlatUs: figure,
    roundTrips: z.number().int(),
  }),
  markOuts: z.array(
    z.object({
      horizonS: z.number(),
      markOutBps: figure,
      adverseBps: figure,
      counted: z.number().int(),
      leftOut: z.number().int(),
    }),
  ),
});

const counts = z.object({
  ordersPlaced: z.number().int(),
  ordersAccepted: z.number().int(),
  ordersRejected: z.number().int(),
  ordersWithFill: z.number().int(),
  fills: z.number().int(),
  buys: z.number().int(),
  sells: z.number().int(),
  liquidations: z.number().int(),
  lotsPlaced: decimal.describe("in base units"),
  lotsFilled: decimal.describe("in base units"),
  others: z.record(z.string(), z.number().int()),
});

const finding = z.object({
  finding: z.string(),
  count: z.number().int(),
  first: z.string(),
  effect: z.string(),
  action: z.string(),
});

export const reportSchema = z.object({
  v: z.literal(REPORT_VERSION),
  kind: z.literal("opensqt.backtest"),
  header,
  equityStart: decimal,
  equityEnd: decimal,
  transfers: decimal,
  split,
  tiesOut: z.boolean().describe("the split adds up and the engine's ledger says the same equity"),
  tieNote: z.string(),
  metrics,
  notAvailable: z.record(z.string(), z.string()),
  counts,
  findings: z.array(finding),
  band: z.array(z.object({ path: z.string(), equityChange: decimal })),
  curveRows: z
    .number()
    .int()
    .max(CURVE_ROWS_MAX)
    .describe("points kept for the charts; extremes are never thinned away"),
  wall: z
    .object({ startedAt: z.string(), seconds: z.number(), events: z.number().int() })
    .nullable()
    .describe("the only part two equal runs may differ in"),
});

export type ReportDocument = z.infer<typeof reportSchema>;

/** The document of a record. */
export function reportDocument(record: RunRecord): ReportDocument {
  const { identity, end, metrics: m } = record;
  const { instrument } = identity;
  return {
    v: REPORT_VERSION,
    kind: "opensqt.backtest",
    header: {
      strategy: identity.strategy,
      exchange: instrument.exchange,
      symbol: instrument.symbol,
      quote: instrument.quote,
      base: instrument.base,
      tickSize: instrument.tickSize,
      lotSize: instrument.lotSize,
      level: identity.level,
      fillModel: identity.fillModel,
      latency: identity.latency,
      markSource: identity.markSource,
      data: identity.data.map(({ name, hash }) => ({ name, hash })),
      dataHash: identity.dataHash,
      configHash: identity.configHash,
      seed: identity.seed,
      codeVersion: identity.codeVersion,
      stateHash: end.stateHash,
      whole: end.whole,
      reason: end.reason,
      synthetic: identity.synthetic,
      ordersMoveTheMarket: false,
      startUs: record.startUs,
      endUs: record.endUs,
    },
    equityStart: record.equityStart,
    equityEnd: record.equityEnd,
    transfers: record.transfers,
    split: { ...record.split },
    tiesOut: record.tiesOut,
    tieNote: record.tieNote,
    metrics: {
      ...m,
      drawdown: m.drawdown === null ? null : { ...m.drawdown },
      inventory: { ...m.inventory },
      markOuts: m.markOuts.map((row) => ({ ...row })),
    },
    notAvailable: { ...record.notAvailable },
    counts: { ...record.counts, others: { ...record.counts.others } },
    findings: identity.findings.map((row) => ({ ...row })),
    band: record.band.map((row) => ({ ...row })),
    curveRows: record.curve.length,
    wall: record.wall === null ? null : { ...record.wall },
  };
}

/** JSON Schema of the document, for programs that read reports. */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`;
}
