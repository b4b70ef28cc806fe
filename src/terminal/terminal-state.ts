// Leaves a terminal as it was found, on every way out: return, exception, signal. After SIGKILL nothing of ours runs:
// the next start repairs the screen here and the raw input in bin/opensqt (Node itself would give it back raw), or the
// user types `reset`.

import { writeSync } from "node:fs";

/** Attributes off, cursor shown, bracketed paste and mouse off, main screen. Harmless on a terminal in order. */
export const RESTORE_SEQUENCE = "\u001b[0m\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1049l";

/**
 * Restores the terminal when the process exits, whatever the reason. Written straight to the descriptor: at that point
 * nothing asynchronous runs any more. Returns the function that takes the guard away after an orderly end.
 */
export function guardTerminal(fd: number): () => void {
  const restore = (): void => {
    try {
      writeSync(fd, RESTORE_SEQUENCE);
    } catch {
      // the terminal is gone: nobody is left to see it
    }
  };
  process.on("exit", restore);
  return () => {
    process.off("exit", restore);
  };
}
