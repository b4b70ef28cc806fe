// A configuration as it counts, for people: defaults filled in, and nothing that may be a secret. What the environment
// put in is shown as the file has it, `${NAME}`.

import { parse } from "yaml";
import { ok, type Result } from "../../base/result.ts";
import type { Environment } from "../expand.ts";
import { renameOldKeys } from "../old-names.ts";
import type { ConfigProblem } from "../problem.ts";
import { isSection } from "../problem-desk.ts";
import type { KnownKeys } from "../schema-walk.ts";
import type { ConfigSource } from "../source.ts";
import type { ConfigKind } from "./kinds.ts";
import { botsIn, readProcessFile } from "./reading.ts";

export interface ShownConfig {
  readonly file: string;
  readonly values: unknown;
}

/** Fails with every problem of the file, those of `load` too. */
export function shownConfig(
  kind: ConfigKind,
  source: ConfigSource,
  environment: Environment,
): Result<ShownConfig, readonly ConfigProblem[]> {
  const loaded = kind.load(source, { environment });
  if (!loaded.ok) return loaded;
  const read = readProcessFile(source, environment, kind);
  if (!read.ok) return read;
  const { file, text, values } = read.value;
  const raw: unknown = parse(text);
  const renamed = renameOldKeys({ values: raw, places: new Map(), problems: [], inserted: [] }, botsIn(raw));
  return ok({ file, values: asWritten(values, renamed.values, { key: "", keys: kind.keys }) });
}

interface Place {
  readonly key: string;
  readonly keys: KnownKeys;
}

/** `value` with every text of `raw` that names a variable in its place, and secrets hidden. */
function asWritten(value: unknown, raw: unknown, { key, keys }: Place): unknown {
  if (typeof raw === "string" && raw.includes("${")) return raw;
  if (typeof value === "string" && keys.infoOf(key)?.type === "secret") return "[secret]";
  const inner = (name: string): Place => ({ key: key === "" ? name : `${key}.${name}`, keys });
  if (Array.isArray(value)) {
    const written: readonly unknown[] = Array.isArray(raw) ? raw : [];
    return value.map((item, index) => asWritten(item, written[index], inner(String(index))));
  }
  if (!isSection(value)) return value;
  const written = isSection(raw) ? raw : {};
  const entries = Object.entries(value).map(([name, item]) => [name, asWritten(item, written[name], inner(name))]);
  return Object.fromEntries(entries);
}
