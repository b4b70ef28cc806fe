// Rows of `opensqt export` as comma separated text (RFC 4180). Journals hold words of others (reasons, ids, replies of
// exchanges): none of them may be run by the spreadsheet that opens the file.

/** Numbers as we write them; several where fees were taken in several assets. */
const NUMBERS = /^-?\d+(?:\.\d+)?(?: -?\d+(?:\.\d+)?)*$/;

/** A cell that a spreadsheet would run as a formula is shown as text: `-2+3+cmd|…` only begins like a number. */
function cell(value: string): string {
  const safe = /^[-=+@\t\r]/.test(value) && !NUMBERS.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line with its end. */
export const csvLine = (row: readonly string[]): string => `${row.map(cell).join(",")}\r\n`;
