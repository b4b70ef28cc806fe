// The system's Chromium for tests that look at pages. Never downloads one: where there is none, the test is skipped
// with a reason, but in CI it fails. It runs offline, without a sandbox (CI runs as root), with nothing in the
// background.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // no name but this machine's own is ever found: what is asked elsewhere fails, and openPage counts it
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/** Path of a Chromium on this machine: $OPENSQT_CHROMIUM, else the first one in PATH; null where there is none. */
export function chromiumPath(): string | null {
  const given = process.env["OPENSQT_CHROMIUM"];
  if (given !== undefined) return existsSync(given) ? given : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = [
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return paths.find((path) => existsSync(path)) ?? null;
}

const ABSENT = "no Chromium in PATH: run tools/ensure-browser.sh, or set OPENSQT_CHROMIUM to its executable";

/** Options of a test that needs a browser. In CI nothing is skipped silently: launching fails with what to do. */
export function skipWithoutBrowser(): { readonly skip: string | false } {
  return { skip: chromiumPath() === null && !process.env["CI"] ? ABSENT : false };
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error(ABSENT);
  return await chromium.launch({ executablePath, args: FLAGS });
}
