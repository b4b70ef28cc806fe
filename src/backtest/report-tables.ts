// The figures of a report as labelled rows, in the order a trader reads them. The page and the terminal print the same
// rows, so they can never disagree.

import { parseDecimal } from "../base/decimal.ts";
import {
  capital,
  countText,
  decimalText,
  durationText,
  NOT_AVAILABLE,
  numberText,
  percentText,
  signedNumber,
  signedPercent,
  signedText,
  utcText,
} from "./figures.ts";
import type { ReportDocument } from "./report-json.ts";

export interface FigureRow {
  readonly label: string;
  readonly value: string;
  /** A second, quieter word: a unit, a reason, a date. */
  readonly note: string;
}

export interface FigureTable {
  readonly title: string;
  readonly rows: readonly FigureRow[];
}

const row = (label: string, value: string, note = ""): FigureRow => ({ label, value, note });

/** Digits money is shown with. */
const MONEY_DIGITS = 2;
const SPLIT_DIGITS = 4;

/** The few figures that answer "was it worth it". */
export function headline(report: ReportDocument): readonly FigureRow[] {
  const { metrics: m, header, counts } = report;
  const ratioNote = m.sharpe === null ? (report.notAvailable["sharpe"] ?? "") : m.annualised ? "a year" : "a day";
  return [
    row("Result", signedText(report.split.total, MONEY_DIGITS), header.quote),
    row("Return", signedPercent(m.return), `on ${decimalText(report.equityStart, MONEY_DIGITS)}`),
    row("Max drawdown", percentText(m.drawdown?.depth ?? null), drawdownNote(report)),
    row("Sharpe", numberText(m.sharpe, 2), ratioNote),
    row("Fills", countText(counts.fills), `${countText(counts.buys)} buys, ${countText(counts.sells)} sells`),
    row("Turnover", m.turnoverPerDay === null ? NOT_AVAILABLE : `${numberText(m.turnoverPerDay, 2)} ×`, "equity a day"),
  ];
}

/** Every table of the report below the headline. */
export function figureTables(report: ReportDocument): readonly FigureTable[] {
  return [splitTable(report), returnTable(report), tradingTable(report), inventoryTable(report), markOutTable(report)];
}

function splitTable({ split, header }: ReportDocument): FigureTable {
  const line = (label: string, text: string): FigureRow => row(label, signedText(text, SPLIT_DIGITS));
  const rows = [
    line("Spread capture", split.spread),
    line("Inventory", split.inventory),
    line("Fees", split.fees),
    line("Rebates", split.rebates),
    line("Funding", split.funding),
    line("Interest", split.interest),
    line("Liquidation fees", split.liquidationFees),
    line("Total", split.total),
  ];
  return { title: `Where the result comes from, ${header.quote}`, rows };
}

function returnTable(report: ReportDocument): FigureTable {
  const { metrics: m, header } = report;
  const why = report.notAvailable;
  const per = m.annualised ? "a year" : "a day";
  const digits = MONEY_DIGITS;
  const rows = [
    row("Equity at the start", decimalText(report.equityStart, digits), header.quote),
    row("Equity at the end", decimalText(report.equityEnd, digits), header.quote),
    ...(report.transfers === "0" ? [] : [row("Transfers", signedText(report.transfers, digits), header.quote)]),
    row("Return", signedPercent(m.return, 3)),
    row("Annualised", signedPercent(m.annualisedReturn), why["annualisedReturn"] ?? ""),
    row("Max drawdown", percentText(m.drawdown?.depth ?? null, 3), drawdownNote(report)),
    row("Sharpe", numberText(m.sharpe, 3), m.sharpe === null ? (why["sharpe"] ?? "") : per),
    row("Sortino", numberText(m.sortino, 3), m.sortino === null ? (why["sortino"] ?? "") : per),
    row("Calmar", numberText(m.calmar, 3), why["calmar"] ?? ""),
    ...report.band.map(({ path, equityChange }) =>
      row(`Result, path ${path}`, signedText(equityChange, digits), header.quote),
    ),
  ];
  return { title: "Return and risk", rows };
}

function tradingTable({ metrics: m, counts: c, header, notAvailable: why }: ReportDocument): FigureTable {
  const rows = [
    row("Orders", countText(c.ordersPlaced), `${countText(c.ordersRejected)} rejected`),
    row("Filled of placed", percentText(m.fillRatioLots), why["fillRatioLots"] ?? "by quantity"),
    row("Orders with a fill", percentText(m.fillRatioOrders), why["fillRatioOrders"] ?? "of the accepted"),
    row("Fills", countText(c.fills), `${countText(c.buys)} buys, ${countText(c.sells)} sells`),
    row("Maker share", percentText(m.makerShare), why["makerShare"] ?? "by notional"),
    row("Notional", decimalText(m.notional, MONEY_DIGITS), header.quote),
    row(
      "Turnover",
      m.turnoverPerDay === null ? NOT_AVAILABLE : `${numberText(m.turnoverPerDay, 3)} ×`,
      "mean equity a day",
    ),
    ...(c.liquidations === 0 ? [] : [row("Liquidations", countText(c.liquidations))]),
    ...Object.entries(c.others).map(([name, count]) => row(capital(name), countText(count))),
  ];
  return { title: "Trading", rows };
}

function inventoryTable({ metrics: m, header, notAvailable: why }: ReportDocument): FigureTable {
  const { inventory: i } = m;
  const lot = parseDecimal(header.lotSize);
  const digits = lot.ok ? Math.min(8, lot.value.scale) : 0;
  const size = lot.ok ? Number(lot.value.digits) / 10 ** lot.value.scale : 1;
  const inBase = (lots: number | null): number | null => (lots === null ? null : lots * size);
  const rows = [
    row("Mean", signedNumber(inBase(i.meanLots), digits + 1), "by time"),
    row("Deviation", numberText(inBase(i.sdLots), digits + 1)),
    row("Largest long", signedNumber(inBase(Math.max(0, i.maxLots)), digits)),
    row("Largest short", signedNumber(inBase(Math.min(0, i.minLots)), digits)),
    row("Time at the limit", percentText(i.atLimit), why["atLimit"] ?? ""),
    row("Flat to flat", durationText(i.flatToFlatUs), why["flatToFlat"] ?? `median of ${countText(i.roundTrips)}`),
  ];
  return { title: `Inventory, ${header.base}`, rows };
}

function markOutTable({ metrics: m, notAvailable: why }: ReportDocument): FigureTable {
  const title = "After a fill, bps";
  if (m.markOuts.length === 0) {
    return {
      title,
      rows: [row("Mark-out", NOT_AVAILABLE, why["markOuts"] ?? ""), row("Adverse selection", NOT_AVAILABLE)],
    };
  }
  const note = (leftOut: number, markOut: number | null): string =>
    markOut === null ? (why["markOuts"] ?? "no fill old enough") : leftOut > 0 ? `${countText(leftOut)} left out` : "";
  const rows = [
    ...m.markOuts.map((r) =>
      row(`Mark-out ${r.horizonS} s`, signedNumber(r.markOutBps, 3), note(r.leftOut, r.markOutBps)),
    ),
    ...m.markOuts.map((r) => row(`Adverse selection ${r.horizonS} s`, signedNumber(r.adverseBps, 3))),
  ];
  return { title, rows };
}

function drawdownNote({ metrics: m }: ReportDocument): string {
  if (m.drawdown === null || m.drawdown.depth === 0) return "";
  return `bottom ${utcText(m.drawdown.bottomUs).slice(0, 16)}`;
}
