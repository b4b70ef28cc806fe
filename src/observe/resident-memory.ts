// How much memory this process has, asked of the system; that it cannot be asked is an answer too, never a fault.

/** Bytes; null where the system does not tell, as when no file can be opened any more. */
export function residentBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}
