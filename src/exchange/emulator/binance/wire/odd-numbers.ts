// The fault `oddNumbers`: the same values in shapes a careless client stumbles over. Decimals get zeros behind them, an
// exponent, or lose their quotes; whole numbers are quoted.

import { parseDecimal } from "../../../../base/decimal.ts";

/** JSON text with its numbers dressed up. Texts that are no numbers stay as they are. */
export function oddNumbers(json: string): string {
  let turn = 0;
  return json.replace(/"(-?\d+\.\d+)"|(?<=:)(\d{9,16})(?=[,}\]])/g, (found, decimal: string | undefined) => {
    turn += 1;
    if (decimal === undefined) return turn % 2 === 0 ? `"${found}"` : found;
    switch (turn % 4) {
      case 0:
        return `"${decimal}000"`;
      case 1:
        return `"${exponent(decimal)}"`;
      case 2:
        return decimal;
      default:
        return found;
    }
  });
}

/** `0.010` → `10E-3`: the same number. */
function exponent(text: string): string {
  const value = parseDecimal(text);
  return value.ok ? `${value.value.digits}E-${value.value.scale}` : text;
}
