// The Chromium that tests of pages use. On a developer's machine without one they are skipped with a reason; in CI a
// missing browser is a failure, never a silent skip.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const absence = "no Chromium found: run tools/ensure-browser.sh or set OPENSQT_CHROMIUM to its executable";

/** Path of an executable Chromium: OPENSQT_CHROMIUM, the PATH, or where macOS keeps Chrome; null when there is none. */
export function findBrowser(): string | null {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [
    process.env["OPENSQT_CHROMIUM"] ?? "",
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return candidates.find((path) => path !== "" && isExecutable(path)) ?? null;
}

/** Options of a test that opens a page. In CI it is never skipped, so {@link requireBrowser} fails it instead. */
export function skipWithoutBrowser(): { readonly skip: string | false } {
  return { skip: findBrowser() === null && !process.env["CI"] ? absence : false };
}

/** The browser, or an error that says how to get one. */
export function requireBrowser(): string {
  const path = findBrowser();
  if (path === null) throw new Error(absence);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // tidy-ok: absence is the answer, not an error
  }
}
