// The suites of tests: which files each takes. Longest first, so that the cores finish together.

export interface Suite {
  readonly globs: readonly string[];
  /** Whether an empty suite is a failure. */
  readonly required: boolean;
}

export const SUITES = {
  crash: { globs: ["test/crash/**/*.test.ts"], required: false },
  simulation: { globs: ["test/simulation/**/*.test.ts"], required: false },
  system: { globs: ["test/system/**/*.test.ts"], required: true },
  browser: { globs: ["test/browser/**/*.test.ts"], required: true },
  faults: { globs: ["test/faults/**/*.test.ts"], required: true },
  emulator: { globs: ["test/emulator/**/*.test.ts"], required: true },
  ccxt: { globs: ["test/ccxt/**/*.test.ts"], required: true },
  live: { globs: ["test/live/**/*.test.ts"], required: true },
  life: { globs: ["test/life/**/*.test.ts"], required: true },
  property: { globs: ["src/**/*.property.test.ts", "test/*.property.test.ts"], required: true },
  fuzz: { globs: ["test/fuzz/**/*.test.ts"], required: true },
  soak: { globs: ["test/soak/**/*.test.ts"], required: true },
  contract: { globs: ["test/contract/**/*.test.ts"], required: false },
  golden: { globs: ["test/golden/**/*.test.ts"], required: false },
  acceptance: { globs: ["test/acceptance/**/*.test.ts", "test/regression/**/*.test.ts"], required: false },
  cli: { globs: ["test/cli/**/*.test.ts"], required: false },
  whole: {
    globs: [
      "test/*.test.ts",
      "test/ui/**/*.test.ts",
      "test/mutation/*.test.ts",
      "test/coverage/*.test.ts",
      "bench/**/*.test.ts",
      "tools/*.test.ts",
    ],
    required: true,
  },
  unit: { globs: ["src/**/*.test.ts"], required: true },
} satisfies Record<string, Suite>;
