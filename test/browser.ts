// The system's Chromium for tests that look at pages. Never downloads one: where there is none, the test is skipped with a
// reason. It runs offline, without a sandbox (CI runs as root) and without anything in the background.

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
];

/** Path of a Chromium on this machine: $OPENSQT_CHROMIUM, else the first one in PATH; null where there is none. */
export function chromiumPath(): string | null {
  const given = process.env["OPENSQT_CHROMIUM"];
  if (given !== undefined) return existsSync(given) ? given : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
  return found ?? null;
}

/** Options of a test that needs a browser. */
export function skipWithoutBrowser(): { readonly skip: string | false } {
  return { skip: chromiumPath() === null ? "no Chromium in PATH; install one or set OPENSQT_CHROMIUM" : false };
}

export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("no Chromium: give the test skipWithoutBrowser()");
  return await chromium.launch({ executablePath, args: FLAGS });
}
