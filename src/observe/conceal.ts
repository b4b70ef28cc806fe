// Takes secrets out of a text, each as a whole (RISK-48): the longest first, since one that begins like another would
// leave its end behind.

export const MASK = "[secret]";

/** The text with every secret masked; empty ones mask nothing. */
export function concealed(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret !== "") clean = clean.replaceAll(secret, MASK);
  }
  return clean;
}
