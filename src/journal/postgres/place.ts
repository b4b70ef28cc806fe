// What may be said of the URL of a database: host, port and name, and only where no part of a password can be among
// them. A password with `/`, `?` or `#` in it that is not percent-encoded ends the host's part of a URL too soon.

/** Stands for the empty host of a socket, as `pg` itself reads it. */
const SOCKET = "socket.invalid";
const NAME = /^\/[\w.%-]*$/;

/** Host, port and database of a URL, never who and with which password; "postgres" where that is not sure. */
export function placeOf(url: string): string {
  const parsed = parse(url);
  if (parsed === null) return "postgres";
  const { port, pathname } = parsed;
  const named = hostOf(parsed);
  const host = named === "" || named.startsWith("/") ? "on this machine" : named;
  return `postgres ${host}${port === "" ? "" : `:${port}`}${NAME.test(pathname) ? pathname : ""}`;
}

/** Why the URL cannot be used, with nothing of it; null for a good one. */
export function urlProblem(url: string): string | null {
  if (parse(url) !== null) return null;
  return (
    "its URL cannot be read: it is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, where each of @ / ? # : % in user " +
    "and password is percent-encoded, as %40 for @"
  );
}

function parse(url: string): URL | null {
  const parsed = URL.parse(url) ?? URL.parse(url.replace("@/", `@${SOCKET}/`));
  if (parsed === null || !/^postgres(?:ql)?:$/.test(parsed.protocol)) return null;
  // what follows the host names nobody: an @ there is that of user and password, of which a part was taken for the host
  return `${parsed.pathname}${parsed.search}${parsed.hash}`.includes("@") ? null : parsed;
}

/** As `pg` reads it: the parameter `host` before the host itself. */
function hostOf({ hostname, searchParams }: URL): string {
  const host = searchParams.get("host") ?? decoded(hostname);
  return host === SOCKET ? "" : host;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
