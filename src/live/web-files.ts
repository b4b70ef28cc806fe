// Files a browser may have: the built console, or somebody's own pages in its place (LIVE-18). Nothing beside the
// folder is reachable, whatever a name or a link says.

import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".woff": "font/woff",
  ".mp3": "audio/mpeg",
  ".wav": "audio/wav",
  ".ogg": "audio/ogg",
  ".wasm": "application/wasm",
};

/** Larger files are not a page's. */
const BYTES_MAX = 32 * 1024 * 1024;
/** Compressed files kept in memory. */
const PACKED_BYTES_MAX = 16 * 1024 * 1024;

export interface WebFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** Set when `bytes` are compressed. */
  readonly encoding: "gzip" | null;
  /** Changes with the file. */
  readonly tag: string;
}

interface Packed {
  readonly tag: string;
  readonly bytes: Buffer;
}

const pack = promisify(gzip);

export class WebFolder {
  private readonly root: string;
  private readonly packed = new Map<string, Packed>();
  private packedBytes = 0;

  constructor(root: string) {
    this.root = root;
  }

  /** The file of an address such as `/assets/main.js`; null where there is none that may be had. */
  async read(address: string, options: { readonly gzip: boolean }): Promise<WebFile | null> {
    const path = await this.find(address);
    if (path === null) return null;
    const { size, mtimeMs } = await stat(path);
    if (size > BYTES_MAX) return null;
    const tag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
    const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
    const bytes = await readFile(path);
    const isText = /^text|json|javascript|svg/.test(type);
    if (!options.gzip || !isText || size < 1024) return { type, bytes, encoding: null, tag };
    return { type, bytes: await this.pack(path, tag, bytes), encoding: "gzip", tag };
  }

  /** The real path of a plain file inside the folder, no part of whose name begins with a dot. */
  private async find(address: string): Promise<string | null> {
    const name = decoded(address);
    if (name === null || name.includes("\0") || name.includes("\\")) return null;
    const parts = name.split("/").filter((part) => part !== "");
    if (parts.length === 0 || parts.some((part) => part.startsWith("."))) return null;
    try {
      const root = await realpath(this.root);
      const path = await realpath(join(root, ...parts));
      const inside = path.startsWith(root + sep) && !path.slice(root.length).includes(`${sep}.`);
      return inside && (await stat(path)).isFile() ? path : null;
    } catch {
      // no such file, or one this process may not read: both are not there for a browser
      return null;
    }
  }

  private async pack(path: string, tag: string, bytes: Buffer): Promise<Buffer> {
    const known = this.packed.get(path);
    if (known?.tag === tag) return known.bytes;
    const packed = await pack(bytes, { level: constants.Z_BEST_COMPRESSION });
    this.packedBytes += packed.length - (known?.bytes.length ?? 0);
    this.packed.set(path, { tag, bytes: packed });
    if (this.packedBytes > PACKED_BYTES_MAX) {
      this.packed.clear();
      this.packedBytes = 0;
    }
    return packed;
  }
}

function decoded(address: string): string | null {
  try {
    return decodeURIComponent(address);
  } catch {
    return null;
  }
}

/** What stands at `/` when the console was not built. */
export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>OpenSQT live-server</title>
<h1>The console is not built yet</h1>
<p>live-server runs and serves its data; only the page is missing. Build it once, then reload:</p>
<pre>npx vite build web</pre>
<p>What is there already: <a href="/health">/health</a>, <a href="/ready">/ready</a>, <a href="/status">/status</a>,
<a href="/api/v1/bots">/api/v1/bots</a>, and the WebSocket at <code>/ws</code>.</p>
</html>
`;
