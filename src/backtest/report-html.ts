// report.html: one self-contained page that opens offline and asks no server. Everything a person reads is text from
// the report document; only the charts are drawn by script. All text that comes from outside is escaped.

import { readFileSync } from "node:fs";
import { chartData } from "./chart-data.ts";
import { capital, countText, durationText, shortHash, utcText } from "./figures.ts";
import { LIES_FILE, liesOf, MARKET_STATEMENT } from "./honesty.ts";
import type { ReportDocument } from "./report-json.ts";
import { type FigureTable, figureTables, headline } from "./report-tables.ts";
import type { RunRecord } from "./run-record.ts";

const FILLS_LISTED = 200;

/** The whole page. Throws when a chart library is not installed: that is a broken installation. */
export function reportHtml(record: RunRecord, report: ReportDocument): string {
  const { header: h } = report;
  const title = `${capital(h.strategy)} on ${h.symbol}, ${h.level}`;
  const chart = chartData(record);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="dark light">
<title>${escapeHtml(`Backtest: ${title}`)}</title>
<style>${library("uplot/dist/uPlot.min.css")}</style>
<style>${own("report.css")}</style>
</head>
<body>
<div class="page">
${pageHeader(report)}
<main>
${headlineHtml(report)}
<div class="columns">
<div>
${figures(report, chart.caption)}
</div>
<section class="tables" aria-label="Figures">
${figureTables(report).map(tableHtml).join("\n")}
</section>
</div>
${honestyHtml(report)}
${findingsHtml(report)}
${fillsHtml(record)}
${configHtml(record)}
</main>
${footer()}
</div>
<script type="application/json" id="report-data">${scriptJson(chart.data)}</script>
<script>${library("lightweight-charts/dist/lightweight-charts.standalone.production.js")}</script>
<script>${library("uplot/dist/uPlot.iife.min.js")}</script>
<script>${own("report.js")}</script>
</body>
</html>
`;
}

function pageHeader({ header: h, tiesOut, tieNote }: ReportDocument): string {
  const flags = [
    h.synthetic ? "Synthetic market" : "",
    h.whole ? "" : `Partial run: ${h.reason}`,
    tiesOut ? "" : `Books do not tie: ${tieNote}`,
  ].filter((flag) => flag !== "");
  const period = `${utcText(h.startUs)} to ${utcText(h.endUs)} UTC, ${durationText(h.endUs - h.startUs)}`;
  return `<header>
<p class="eyebrow">OpenSQT backtest</p>
<h1>${escapeHtml(capital(h.strategy))} on ${escapeHtml(h.symbol)} <span class="level">${h.level}</span></h1>
<p class="sub">${escapeHtml(h.exchange)} · ${escapeHtml(period)} · ${h.whole ? "whole run" : "partial run"}</p>
<p class="sub">${escapeHtml(h.fillModel)} · ${escapeHtml(h.latency)} · marked at ${escapeHtml(h.markSource)} · seed ${escapeHtml(h.seed)}</p>
${flags.map((flag) => `<p class="sub flag">${escapeHtml(flag)}</p>`).join("\n")}
</header>`;
}

function headlineHtml(report: ReportDocument): string {
  const items = headline(report).map(
    ({ label, value, note }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}<div class="note">${escapeHtml(note)}&nbsp;</div></dd></div>`,
  );
  return `<h2 hidden>Result</h2>\n<dl class="headline">${items.join("\n")}</dl>`;
}

function figures({ header: h, counts }: ReportDocument, caption: string): string {
  const key = `<span class="key"><span class="buy" aria-hidden="true">▲</span> buy</span><span class="key"><span class="sell" aria-hidden="true">▼</span> sell</span>`;
  const plot = (id: string, title: string, label: string): string => `<figure>
<figcaption><h2>${escapeHtml(title)}</h2><div class="readout" data-readout="${id}"></div></figcaption>
<div class="chart" id="${id}" role="img" aria-label="${escapeHtml(label)}"></div>
</figure>`;
  const fills = counts.fills === 0 ? "no fills" : `${countText(counts.buys)} buys and ${countText(counts.sells)} sells`;
  return `<figure>
<figcaption><h2>Price and fills${key}</h2><span class="note">${escapeHtml(caption)}</span></figcaption>
<div class="chart price" id="chart-price" role="img" aria-label="${escapeHtml(`Price of ${h.symbol} with ${fills}`)}"></div>
<noscript><p class="empty">The charts need scripts; every figure is in the tables.</p></noscript>
</figure>
<p class="note" style="font-size:12px;padding-top:8px">Drag over a curve to zoom all, double-click to see the whole. At the cursor: <span id="cursor-time">end of the run</span></p>
${plot("chart-inventory", `Inventory, ${h.base}`, `Position in ${h.base} over time`)}
${plot("chart-equity", `Equity, ${h.quote}`, `Equity at mark in ${h.quote} over time`)}
${plot("chart-drawdown", "Below the peak", "Fall of equity below its highest value so far, in percent")}
${plot("chart-split", `Result by source, ${h.quote}`, "Spread capture, inventory, fees, funding and their total over time")}`;
}

function tableHtml({ title, rows }: FigureTable): string {
  const body = rows.map(({ label, value, note }) => {
    const total = label === "Total" ? ' class="total"' : "";
    const noted = rows.some((other) => other.note !== "");
    const cell = noted ? `<td class="note">${escapeHtml(note)}</td>` : "";
    return `<tr${total}><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(value)}</td>${cell}</tr>`;
  });
  return `<div><table class="figures"><caption>${escapeHtml(title)}</caption><tbody>${body.join("\n")}</tbody></table></div>`;
}

function honestyHtml({ header: h }: ReportDocument): string {
  const lies = liesOf(h.level, h.synthetic).map((lie) => `<li>${escapeHtml(lie)}</li>`);
  const item = (term: string, text: string, hash = false): string =>
    `<dt>${term}</dt><dd${hash ? ' class="hash"' : ""}>${escapeHtml(text)}</dd>`;
  const data = h.data.map(({ name, hash }) => item("Data file", `${name} (${shortHash(hash)})`));
  return `<div class="two">
<section>
<h2>Where this report may lie</h2>
<ul class="lies"><li>${escapeHtml(MARKET_STATEMENT)}</li>${lies.join("")}</ul>
<p class="sub">Sizes and what to do: <a href="${LIES_FILE}">${LIES_FILE}</a></p>
</section>
<section>
<h2>What was run</h2>
<dl class="identity">
${item("Code", h.codeVersion)}
${item("Seed", h.seed)}
${data.join("\n")}
${item("Data hash", h.dataHash, true)}
${item("Config hash", h.configHash, true)}
${item("State hash", h.stateHash, true)}
</dl>
<p class="sub">Files: <a href="fills.csv">fills.csv</a>, <a href="orders.csv">orders.csv</a>, <a href="equity.csv">equity.csv</a>,
<a href="report.json">report.json</a>, <a href="findings.json">findings.json</a>, <a href="config.yaml">config.yaml</a></p>
</section>
</div>`;
}

function findingsHtml({ findings }: ReportDocument): string {
  if (findings.length === 0) return `<section><h2>Data check</h2><p class="sub">Nothing was found.</p></section>`;
  const rows = findings.map(
    (f) =>
      `<tr><td>${escapeHtml(f.finding)}</td><td class="number">${countText(f.count)}</td><td>${escapeHtml(f.first)}</td><td>${escapeHtml(f.effect)}</td><td>${escapeHtml(f.action)}</td></tr>`,
  );
  return `<section><h2>Data check</h2><div class="scroll" tabindex="0" role="region" aria-label="Findings"><table class="wide">
<thead><tr><th scope="col">Finding</th><th scope="col" class="number">Count</th><th scope="col">First</th><th scope="col">Effect</th><th scope="col">What the run did</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div></section>`;
}

function fillsHtml({ fillsShown, counts, identity }: RunRecord): string {
  if (counts.fills === 0)
    return `<section><h2>Fills</h2><p class="sub">None. orders.csv says what became of each order.</p></section>`;
  const listed = fillsShown.slice(-FILLS_LISTED);
  const { base, quote } = identity.instrument;
  const rows = listed.map((fill) => {
    const shape = fill.side === "buy" ? "▲" : "▼";
    return `<tr><td>${utcText(fill.atUs, true)}</td><td class="${fill.side}">${shape} ${fill.side}</td><td class="number">${fill.price}</td><td class="number">${fill.quantity}</td><td>${fill.maker ? "maker" : "taker"}</td></tr>`;
  });
  const which = listed.length === counts.fills ? "all" : `${countText(listed.length)} of ${countText(counts.fills)}`;
  return `<section><details><summary>Fills, ${which}</summary><p class="sub">Every fill with its order, fee and mark is in fills.csv.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Fills"><table class="wide"><thead><tr><th scope="col">Time, UTC</th><th scope="col">Side</th><th scope="col" class="number">Price, ${escapeHtml(quote)}</th><th scope="col" class="number">Quantity, ${escapeHtml(base)}</th><th scope="col">Liquidity</th></tr></thead>
<tbody>${rows.join("\n")}</tbody></table></div></details></section>`;
}

function configHtml({ identity }: RunRecord): string {
  return `<section><details><summary>Configuration</summary><pre tabindex="0">${escapeHtml(identity.configText)}</pre></details></section>`;
}

function footer(): string {
  return `<footer>
<p>TradingView Lightweight Charts™, Copyright © TradingView, Inc. <a href="https://www.tradingview.com/" rel="noreferrer">tradingview.com</a>, Apache License 2.0. uPlot, Copyright © Leon Sorokin, MIT License. Both are inside this page.</p>
<details><summary>Licence texts</summary><pre tabindex="0">${escapeHtml(library("uplot/LICENSE"))}</pre><pre tabindex="0">${escapeHtml(library("lightweight-charts/LICENSE"))}</pre></details>
</footer>`;
}

/** Text that is safe between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

// inside a script element only "</script" and "<!--" could end it: no "<" is left
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const own = (name: string): string => readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");

function library(path: string): string {
  const [name = ""] = path.split("/");
  const entry = import.meta.resolve(name);
  const root = entry.slice(0, entry.lastIndexOf(`/node_modules/${name}/`));
  return readFileSync(new URL(`${root}/node_modules/${path}`), "utf8");
}
