// Money never passes through a float, and a brand is given only where the value was checked.

import { patternRule, type Rule } from "./rule.ts";

/** Where fractions are opinions or pictures, not money: reports, screens, and the metrics under them. */
const PRESENTS = /^src\/(?:terminal|apps|live|observe)\/|^src\/backtest\//;

/** Each brand, and the only place that may cast to it. */
const BRANDS: readonly { readonly names: string; readonly home: RegExp; readonly where: string }[] = [
  { names: "Ticks|Lots|MilliTicks|Money", home: /^src\/market\/amounts\.ts$/, where: "src/market/amounts.ts" },
  { names: "ClientOrderId", home: /^src\/trading\/client-order-id\.ts$/, where: "src/trading/client-order-id.ts" },
  { names: "Approved", home: /^src\/risk\//, where: "src/risk/" },
];

export const moneyRules: readonly Rule[] = [
  patternRule({
    id: "money/float",
    fix: "read decimals with base/decimal.ts, turn a bigint into a number with toSafe (base/integer.ts); no floats",
    pattern: /(?<![.\w])Number\(|(?<![\w])parseFloat\(|\.toFixed\(|\.toPrecision\(/,
    files: (tree) => tree.production().filter(({ path }) => !path.startsWith("src/base/") && !PRESENTS.test(path)),
  }),
  patternRule({
    id: "money/text",
    fix: "text becomes an amount through base/decimal.ts, also where the rest is only shown",
    pattern: /(?<![\w])parseFloat\(/,
    files: (tree) => tree.production().filter(({ path }) => PRESENTS.test(path)),
  }),
  ...BRANDS.map(({ names, home, where }) =>
    patternRule({
      id: `money/brand-${names.split("|")[0]?.toLowerCase() ?? ""}`,
      fix: `call the constructor of ${where}; only it may cast`,
      pattern: new RegExp(`\\bas (?:readonly )?(?:${names})\\b`),
      files: (tree) => tree.typescript("src", "test", "bench").filter(({ path }) => !home.test(path)),
    }),
  ),
];
