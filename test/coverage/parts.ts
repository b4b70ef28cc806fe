// Loaded before each measured test: what its children and threads write of coverage goes to a folder of its own, and
// joins the rest when the test's process ends. A child killed while it writes leaves a part that is cut, and Node
// reports nothing at all when it finds one; such a part is left out.

import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

const { NODE_V8_COVERAGE: shared } = process.env;

/** Whether a part was written to its end. */
function isWhole(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}

if (shared !== undefined && isMainThread) {
  const own = join(shared, `of-${process.pid}`);
  mkdirSync(own, { recursive: true });
  process.env["NODE_V8_COVERAGE"] = own;
  process.on("exit", () => {
    for (const { name } of readdirSync(own, { withFileTypes: true }).filter((entry) => entry.isFile())) {
      if (isWhole(join(own, name))) renameSync(join(own, name), join(shared, name));
    }
  });
}
