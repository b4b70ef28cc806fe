// The progress of a command on stderr, unless it is quiet or speaks JSON.

import { type Progress, startProgress } from "../../terminal/progress.ts";

export function progressBar(
  label: string,
  unit: string,
  options: { readonly quiet?: boolean; readonly json?: boolean },
): Progress {
  return startProgress({
    label,
    unit,
    quiet: options.quiet === true || options.json === true,
    stream: process.stderr,
    nowMs: () => performance.now(),
  });
}
