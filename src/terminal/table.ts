// Printed tables: aligned columns of plain text that also read well in a log. Pure. Colour is the caller's business.

export interface TableColumn {
  readonly title: string;
  /** Figures to the right, words to the left. */
  readonly align?: "left" | "right";
  /** Longest this column may get; what is cut ends in "…". Null for what must never be cut, such as a hash. */
  readonly widthMax?: number | null;
}

export interface TableOptions {
  /** Width of the terminal: the widest cuttable column gives way until the table fits. 0 for no limit. */
  readonly width?: number;
  readonly ascii?: boolean;
}

const GAP = "  ";
const COLUMN_MIN = 8;

/** Lines joined by "\n", without one at the end. Rows shorter than the columns are filled with blanks. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const clean = rows.map((row) => columns.map((_, i) => oneLine(row[i] ?? "")));
  const widths = columns.map((column, i) => {
    const natural = Math.max(displayWidth(column.title), ...clean.map((row) => displayWidth(row[i] ?? "")));
    return typeof column.widthMax === "number" ? Math.min(natural, column.widthMax) : natural;
  });
  fit(columns, widths, options.width ?? 0);
  const rule = options.ascii === true ? "-" : "─";
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cellText(cell, widths[i] ?? 0, columns[i]?.align ?? "left"))
      .join(GAP)
      .trimEnd();
  const head = line(columns.map((column) => column.title));
  const under = widths.map((width) => rule.repeat(width)).join(GAP);
  return [head, under, ...clean.map(line)].join("\n");
}

/** Columns a terminal needs for a text: East Asian wide characters take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** `text` in exactly `width` columns, cut with "…" or filled with blanks. */
export function cellText(text: string, width: number, align: "left" | "right"): string {
  const cut = cutText(text, width);
  const space = " ".repeat(Math.max(0, width - displayWidth(cut)));
  return align === "right" ? space + cut : cut + space;
}

/** At most `width` columns of a text; what is cut ends in "…". */
export function cutText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let out = "";
  let used = 0;
  for (const character of text) {
    const next = used + displayWidth(character);
    if (next > width - 1) break;
    out += character;
    used = next;
  }
  return width > 0 ? `${out.trimEnd()}…` : "";
}

function fit(columns: readonly TableColumn[], widths: number[], limit: number): void {
  if (limit <= 0) return;
  const total = (): number => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
  while (total() > limit) {
    let widest = -1;
    widths.forEach((width, i) => {
      if (columns[i]?.widthMax === null || width <= COLUMN_MIN) return;
      if (widest < 0 || width > (widths[widest] ?? 0)) widest = i;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

// control characters from data files must not steer somebody's terminal
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ");
