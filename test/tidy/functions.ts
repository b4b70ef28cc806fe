// Finds functions in bare code: name, length and number of positional parameters. Good enough for a ratchet: it knows
// declarations, methods and arrows with a name; an anonymous callback counts into the function that holds it.

import { lineAt } from "./source.ts";

export interface FunctionShape {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

const HEADS: readonly RegExp[] = [
  /\bfunction\s*\*?\s*([\w$]+)\s*(?:<[^(]*>)?\(/g,
  /^[ \t]+(?:(?:public|private|protected|static|async|override|get|set)\s+|\*)*([\w$#]+)\s*(?:<[^(]*>)?\(/gm,
  /\bconst\s+([\w$]+)\s*(?::[^=;\n]+)?=\s*(?:async\s*)?(?:<[^(]*>)?\(/g,
];
const NOT_NAMES = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "return",
  "function",
  "await",
  "new",
  "super",
  "typeof",
  "assert",
]);
const OPENING = "([{";
const CLOSING = ")]}";

/** All functions with a body in a file's bare code. */
export function functionsIn(code: string): FunctionShape[] {
  const found = new Map<number, FunctionShape>();
  for (const head of HEADS) {
    for (const match of code.matchAll(head)) {
      const name = match[1] ?? "";
      if (NOT_NAMES.has(name)) continue;
      const open = match.index + match[0].length - 1;
      const close = closing(code, open);
      const body = bodyAfter(code, close + 1, head.source.startsWith("\\bconst"));
      if (body === null || found.has(open)) continue;
      const line = lineAt(code, match.index + match[0].search(/\S/));
      const lines = lineAt(code, closing(code, body)) - line + 1;
      found.set(open, { name, line, lines, parameters: countParameters(code.slice(open + 1, close)) });
    }
  }
  return [...found.values()];
}

/** Offset of the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (OPENING.includes(code.charAt(at))) depth += 1;
    if (CLOSING.includes(code.charAt(at))) depth -= 1;
    if (depth === 0) return at;
  }
  return code.length;
}

/** Offset of the brace that opens the body after the parameters, past a return type; null for calls and signatures. */
function bodyAfter(code: string, from: number, arrow: boolean): number | null {
  const rest = code.slice(from);
  const first = rest.search(/\S/);
  if (first === -1) return null;
  if (!arrow && rest[first] === "{") return from + first;
  if (rest[first] !== ":" && !(arrow && rest.startsWith("=>", first))) return null;
  let previous = "";
  for (let at = from + first; at < code.length; at += 1) {
    const char = code.charAt(at);
    if (char === ";" || (char === "}" && !arrow)) return null;
    if (char === "{") {
      const isType =
        ":|&<,".includes(previous) || (previous === ">" && !arrow && code.slice(0, at).trimEnd().endsWith("=>"));
      if (!isType) return code.slice(0, at).trimEnd().endsWith("=>") || !arrow ? at : null;
      at = closing(code, at);
      previous = "}";
    } else if (char === "(" || char === "[") {
      at = closing(code, at);
      previous = ")";
    } else if (/\S/.test(char)) {
      if (arrow && previous === ">" && code.slice(0, at).trimEnd().endsWith("=>") && char !== "(") return null;
      previous = char;
    }
  }
  return null;
}

/** Top-level commas plus one; a `this` parameter and a trailing comma do not count. */
function countParameters(text: string): number {
  let depth = 0;
  let parts = [""];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (OPENING.includes(char) || char === "<") depth += 1;
    if (CLOSING.includes(char) || (char === ">" && text[at - 1] !== "=")) depth -= 1;
    if (char === "," && depth === 0) parts = [...parts, ""];
    else parts = [...parts.slice(0, -1), (parts.at(-1) ?? "") + char];
  }
  return parts.filter((part) => part.trim() !== "" && !/^\s*this\s*:/.test(part)).length;
}
