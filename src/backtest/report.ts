// Writes the report of a run: a folder that is whole under its name, or not there (BT-33). fills.csv, orders.csv and
// equity.csv are in it already, written by the recorder.

import { existsSync, readFileSync } from "node:fs";
import { LIES_FILE } from "./honesty.ts";
import type { ReportFolder } from "./report-folder.ts";
import { reportHtml } from "./report-html.ts";
import { type ReportDocument, reportDocument } from "./report-json.ts";
import type { RunRecord } from "./run-record.ts";

/** Completes and publishes the folder; returns the document. Throws ReportError; then nothing stands under the name. */
export function writeReport(folder: ReportFolder, record: RunRecord): ReportDocument {
  const report = reportDocument(record);
  try {
    folder.write("config.yaml", record.identity.configText);
    folder.write("findings.json", `${JSON.stringify(record.identity.findings, null, 2)}\n`);
    folder.write("report.html", reportHtml(record, report));
    folder.write(LIES_FILE, liesDocument());
    folder.write("report.json", `${JSON.stringify(report, null, 2)}\n`);
    folder.publish();
  } catch (error) {
    folder.discard();
    throw error;
  }
  return report;
}

function liesDocument(): string {
  const source = new URL(`../../docs/${LIES_FILE}`, import.meta.url);
  return existsSync(source) ? readFileSync(source, "utf8") : `See docs/${LIES_FILE} of OpenSQT.\n`;
}
