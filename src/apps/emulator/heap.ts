// How large the emulator's heap lets its newest objects grow before they are collected. By itself V8 lets them grow to
// 16 MB and more: what survives is then copied at once, while orders wait, and resident memory follows.

/** For Node, before the program; bin/opensqt says the same. */
export const HEAP_FLAGS: readonly string[] = ["--max-semi-space-size=8"];
