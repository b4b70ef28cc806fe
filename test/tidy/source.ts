// One source file seen three ways: as written, without comments, and as bare code (comments and the insides of strings
// blanked). Blanks keep every character's place, so a line number found in one holds in all.

/** A file of the repository. Lines are 1-based. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Comments and the contents of strings, templates and regular expressions blanked. */
  readonly code: string;
  /** Only comments blanked. */
  readonly spoken: string;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** What stands between `import` and `from`. */
  readonly clause: string;
}

const IMPORT = /^(?:import|export)\s+(type\s+)?([^;"']*?)\s*\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\s*\(\s*["']([^"']+)["']/g;

/** Reads a file's text; anything but TypeScript and JavaScript is kept as it is. */
export function readSource(path: string, text: string): Source {
  if (!/\.(?:[cm]?ts|[cm]?js)$/.test(path)) return { path, text, code: text, spoken: text, imports: [] };
  const { code, spoken } = blank(text);
  return { path, text, code, spoken, imports: importsOf(spoken) };
}

/** 1-based line of a character. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < offset; i = text.indexOf("\n", i + 1)) line += 1;
  return line;
}

/** Every match of a pattern as line numbers with the text matched. */
export function matches(text: string, pattern: RegExp): { line: number; text: string; groups: readonly string[] }[] {
  const global = pattern.flags.includes("g") ? pattern : new RegExp(pattern, `${pattern.flags}g`);
  return [...text.matchAll(global)].map((match) => ({
    line: lineAt(text, match.index),
    text: match[0].trim(),
    groups: [...match].slice(1).map((group) => group ?? ""),
  }));
}

function importsOf(spoken: string): Import[] {
  const found: Import[] = [];
  for (const match of spoken.matchAll(IMPORT)) {
    const clause = match[2] ?? "";
    const named = /^\{([^}]*)\}$/.exec(clause.trim())?.[1] ?? null;
    const parts = (named ?? "").split(",").filter((part) => part.trim() !== "");
    const allTypes = named !== null && parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
    const specifier = match[3] ?? match[4] ?? "";
    const line = lineAt(spoken, match.index);
    found.push({ specifier, line, clause, typeOnly: match[1] !== undefined || allTypes });
  }
  for (const match of spoken.matchAll(DYNAMIC)) {
    const line = lineAt(spoken, match.index);
    found.push({ specifier: match[1] ?? "", line, clause: "", typeOnly: false });
  }
  return found;
}

/** A `/` after one of these ends a value, so it divides; after anything else it begins a regular expression. */
const ENDS_VALUE = /[\w$)\]}"'`]$/;
const WORD_BEFORE_REGEX = /\b(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/;

/** Walks the text once. `templates` holds, for each open `${`, the depth of braces at which it closes. */
function blank(text: string): { code: string; spoken: string } {
  const code = text.split("");
  const spoken = [...code];
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const erase = (from: number, to: number, alsoSpoken: boolean): void => {
    for (let i = from; i < to && i < code.length; i += 1) {
      if (code[i] === "\n") continue;
      code[i] = " ";
      if (alsoSpoken) spoken[i] = " ";
    }
  };
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    const char = text.charAt(at);
    if (two === "//" || two === "/*") {
      const end = two === "//" ? endOf(text, "\n", at) : endOf(text, "*/", at + 2) + 2;
      erase(at, end, true);
      at = end;
    } else if (char === '"' || char === "'") {
      const end = endOfString(text, at);
      erase(at + 1, end, false);
      at = end + 1;
    } else if (char === "`" || (char === "}" && templates.at(-1) === depth)) {
      if (char === "}") templates.pop();
      const { end, opens } = endOfTemplate(text, at + 1);
      erase(at + 1, end, false);
      if (opens) templates.push(depth);
      at = end + (opens ? 2 : 1);
    } else if (char === "/" && beginsRegex(code, at)) {
      const end = endOfRegex(text, at);
      erase(at + 1, end, false);
      at = end + 1;
    } else {
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      at += 1;
    }
  }
  return { code: code.join(""), spoken: spoken.join("") };
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end;
}

/** Offset of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== text[start] && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
  return at;
}

/** Offset of the closing backtick, or of the `${` that opens an expression. */
function endOfTemplate(text: string, start: number): { end: number; opens: boolean } {
  let at = start;
  while (at < text.length && text[at] !== "`") {
    if (text[at] === "$" && text[at + 1] === "{") return { end: at, opens: true };
    at += text[at] === "\\" ? 2 : 1;
  }
  return { end: at, opens: false };
}

function beginsRegex(code: readonly string[], at: number): boolean {
  const before = code
    .slice(Math.max(0, at - 80), at)
    .join("")
    .trimEnd();
  return !ENDS_VALUE.test(before) || WORD_BEFORE_REGEX.test(before);
}

/** Offset of the closing slash; a slash inside a class does not close. */
function endOfRegex(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < text.length && text[at] !== "\n" && (inClass || text[at] !== "/")) {
    if (text[at] === "[") inClass = true;
    if (text[at] === "]") inClass = false;
    at += text[at] === "\\" ? 2 : 1;
  }
  return at;
}
