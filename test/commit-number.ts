// Which commit this is, as a number: neighbours take turns in what they test.

import { execFileSync } from "node:child_process";

/** Counts commits; 0 outside a repository. */
export function commitNumber(): number {
  try {
    const text = execFileSync("git", ["rev-list", "--count", "HEAD"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number.parseInt(text, 10);
  } catch {
    return 0;
  }
}
