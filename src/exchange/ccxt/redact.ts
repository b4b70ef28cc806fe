// What may be written of an error (EXCH-53): keys, secrets, signatures and listen keys are taken out of every text
// before it leaves the implementation, in plain, base64 and URL-encoded form.

const MASK = "[secret]";
/** Shorter values would mask ordinary words. */
const SECRET_LENGTH_MIN = 6;
/** Longer texts are cut: a maintenance page is no message. */
const TEXT_LENGTH_MAX = 500;

/** Parameters of addresses and bodies whose values are secret wherever they stand. */
const NAMED =
  /\b(signature|sign|listenKey|listen_key|apiKey|api_key|passphrase|token)(["']?\s*[=:]\s*["']?)[^\s&"',}]+/gi;

/** The secrets known now, and the function that takes them out of a text. */
export class Redactor {
  private readonly values = new Set<string>();
  private secrets: readonly string[] = [];

  /** From now on these values are masked too; keys that were replaced may still stand in late replies. */
  know(values: readonly string[]): void {
    for (const value of values) if (value.length >= SECRET_LENGTH_MIN) this.values.add(value);
    const long = [...this.values];
    const forms = long.flatMap((value) => {
      const base64 = Buffer.from(value).toString("base64");
      return [value, encodeURIComponent(value), base64, encodeURIComponent(base64), base64.replace(/=+$/, "")];
    });
    this.secrets = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  /** The whole text without its secrets. */
  clean(text: string): string {
    let clean = text;
    for (const secret of this.secrets) clean = clean.replaceAll(secret, MASK);
    return clean.replace(NAMED, `$1$2${MASK}`);
  }

  /** A message without secrets, cut to a length people read. */
  text(text: string): string {
    const clean = this.clean(text);
    return clean.length > TEXT_LENGTH_MAX ? `${clean.slice(0, TEXT_LENGTH_MAX)}…` : clean;
  }
}
