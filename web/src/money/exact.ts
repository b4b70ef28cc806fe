// Decimals as they were decided in the core: text in, text out, integers in between. Nothing a person reads passes
// through a float; `forDrawing` is the one way out, for pixels.

interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

const FORM = /^(-?)(\d+)(?:\.(\d+))?$/;

function parse(text: string): Exact | null {
  const found = FORM.exec(text);
  if (found === null) return null;
  const [, sign = "", whole = "0", part = ""] = found;
  const units = BigInt(whole + part);
  return { units: sign === "-" ? -units : units, scale: part.length };
}

const widened = (value: Exact, scale: number): bigint => value.units * 10n ** BigInt(scale - value.scale);

function write({ units, scale }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const part = scale === 0 ? "" : `.${digits.slice(digits.length - scale)}`;
  return `${units < 0n ? "-" : ""}${whole}${part}`;
}

/** Whether the text is a decimal at all: an empty text stands for an unknown value. */
export const isDecimal = (text: string): boolean => FORM.test(text);

/** −1, 0 or 1 as `left` is below, equal to or above `right`; what is no decimal counts as below everything. */
export function compare(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  const scale = Math.max(a.scale, b.scale);
  const difference = widened(a, scale) - widened(b, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, exact; what is no decimal is left out. */
export function sum(...texts: readonly string[]): string {
  const values = texts.map(parse).filter((value) => value !== null);
  const scale = Math.max(0, ...values.map((value) => value.scale));
  return write({ units: values.reduce((total, value) => total + widened(value, scale), 0n), scale });
}

/** The value with its sign turned. */
export function negated(text: string): string {
  const value = parse(text);
  return value === null ? text : write({ units: -value.units, scale: value.scale });
}

export const difference = (left: string, right: string): string => sum(left, negated(right));

/** −1, 0 or 1. */
export const signOf = (text: string): number => compare(text, "0");

export const magnitude = (text: string): string => (text.startsWith("-") ? text.slice(1) : text);

/** Rounded half away from zero to `digits` after the point; what is no decimal comes back as it is. */
export function rounded(text: string, digits: number): string {
  const value = parse(text);
  if (value === null) return text;
  if (value.scale <= digits) return write({ units: widened(value, digits), scale: digits });
  const step = 10n ** BigInt(value.scale - digits);
  const half = value.units < 0n ? -step / 2n : step / 2n;
  return write({ units: (value.units + half) / step, scale: digits });
}

/** Digits after the point, as many as the tick or the lot has. */
export const digitsOf = (step: string): number => parse(step)?.scale ?? 0;

/** `part / whole` in parts per ten thousand, null where that says nothing. */
export function shareBps(part: string, whole: string): number | null {
  const [a, b] = [parse(part), parse(whole)];
  if (a === null || b === null || b.units === 0n) return null;
  const scale = Math.max(a.scale, b.scale);
  return Number((widened(a, scale) * 10_000n) / widened(b, scale));
}

/** A float for pixels, never for a number a person reads (UI-03). */
export const forDrawing = (text: string): number => (isDecimal(text) ? Number(text) : Number.NaN);
