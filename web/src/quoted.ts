// Words of commands that are shown to be copied: an id comes from an address or from an exchange, and whoever named an
// order could have named it `; rm -rf ~`.

/** One word for a POSIX shell, on one line, whatever it holds. */
export const quoted = (text: string): string =>
  /^[\w.:@/-]+$/.test(text) ? text : `'${text.replaceAll(/\p{C}/gu, " ").replaceAll("'", "'\\''")}'`;
