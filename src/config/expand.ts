// `${VAR}` and `${VAR:-default}` inside string values (OPS-05). It runs after parsing, so a value can never become
// YAML.

/** What became of one string. */
export interface Expanded {
  readonly text: string;
  /** A variable stood in it: numbers and booleans may come of it. */
  readonly varied: boolean;
  readonly missing: readonly string[];
  /** What the environment put in; a default of the text itself is none of it. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** What is wrong with the form; null when nothing is. */
  readonly fault: string | null;
}

export type Environment = { readonly [name: string]: string | undefined };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Expands once, without looking into what came out. An empty variable counts as missing; `$${` is a literal `${`. */
export function expand(text: string, environment: Environment): Expanded {
  const missing: string[] = [];
  const variables: { name: string; value: string }[] = [];
  let varied = false;
  let out = "";
  let at = 0;
  // each turn moves `at` beyond one `${`; without another one it returns
  for (;;) {
    const open = text.indexOf("${", at);
    if (open < 0) return { text: out + text.slice(at), varied, missing, variables, fault: null };
    if (text[open - 1] === "$" && open > at) {
      out += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    const close = text.indexOf("}", open);
    if (close < 0) return { text, varied, missing, variables, fault: `\${ without its }; write $\${ for a plain \${` };
    const [name, fallback] = parts(text.slice(open + 2, close));
    if (!NAME.test(name)) return { text, varied, missing, variables, fault: `\${${name}} does not name a variable` };
    const value = environment[name] ?? "";
    if (value === "" && fallback === null) missing.push(name);
    if (value !== "") variables.push({ name, value });
    out += text.slice(at, open) + (value === "" ? (fallback ?? "") : value);
    varied = true;
    at = close + 1;
  }
}

function parts(inside: string): readonly [name: string, fallback: string | null] {
  const split = inside.indexOf(":-");
  return split < 0 ? [inside, null] : [inside.slice(0, split), inside.slice(split + 2)];
}
