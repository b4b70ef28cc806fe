// What variables put into a file (OPS-05). A text about the file never repeats it: a secret may have come to a key that
// is none. The name of the variable says as much to whoever has to mend it.

import { shownValue } from "./problem.ts";

/** One text of a file in which variables stood. */
export interface Inserted {
  readonly key: string;
  /** As the file has it: `/data/${NAME}`. */
  readonly written: string;
  /** With the variables' values in their places. */
  readonly whole: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** Shorter values are looked for only where they stood: three digits may be anybody's. Longer ones as whole words. */
const TELLING_CHARS = 4;
/** From here on also inside of words. */
const SECRET_CHARS = 8;

/** `text` with names in the place of what came from the environment. `isOwn`: the text is about this key's value. */
export function namingVariables(
  text: string,
  inserted: readonly Inserted[],
  isOwn: (one: Inserted) => boolean = () => false,
): string {
  let out = text;
  // first what holds another: a text as a whole, then its parts
  for (const one of inserted) out = without(out, one.whole, { name: one.written, isOwn: isOwn(one) });
  for (const one of inserted) {
    for (const { name, value } of one.variables) {
      if (value !== one.whole) out = without(out, value, { name: `\${${name}}`, isOwn: isOwn(one) });
    }
  }
  return out;
}

function without(text: string, value: string, { name, isOwn }: { name: string; isOwn: boolean }): string {
  const isTelling = value.length >= TELLING_CHARS;
  if (!isTelling && !isOwn) return text;
  let out = text;
  for (const form of new Set([value, shownValue(value)])) {
    const any = RegExp.escape(form);
    const found = value.length >= SECRET_CHARS ? any : `(?<![A-Za-z0-9_])${any}(?![A-Za-z0-9_])`;
    out = form === "" ? out : out.replace(new RegExp(found, isTelling ? "g" : ""), () => name);
  }
  return out;
}
