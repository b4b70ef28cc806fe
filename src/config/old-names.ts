// Names of the original system's configuration (grid.md section 11): read with a warning, moved to where they live now,
// or refused when their meaning changed. Works on the tree before the schema sees it.

import { OLD_NAMES } from "../strategy/grid/keys.ts";
import type { Inserted } from "./from-environment.ts";
import type { Place, Tree } from "./tree.ts";

/** Keys of the old grid section that now live elsewhere. */
const MOVED: { readonly [old: string]: string } = {
  position_safety_check: "risk.affordableOrdersMin",
  cancel_on_exit: "cancelOnExit",
  cleanup_batch_size: "risk.cleaner.cleanBatch",
};
const IGNORED: { readonly [old: string]: string } = { min_order_value: "the instrument knows it" };
const REFUSED: { readonly [old: string]: string } = {
  inventory_skew_factor: "is refused, because its unit differs; use skewLevels, gaps at full inventory",
};

interface OldNameProblem {
  readonly key: string;
  readonly text: string;
}

/** The tree with today's names. `old` says where a value of a new key was written. */
export interface Renamed {
  readonly values: unknown;
  readonly places: ReadonlyMap<string, Place>;
  readonly warnings: readonly { readonly key: string; readonly text: string }[];
  readonly problems: readonly OldNameProblem[];
  /** Texts that variables stood in, at their old keys. */
  readonly inserted: readonly Inserted[];
}

type Section = { [name: string]: unknown };

const isSection = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `bots` names the sections that hold one bot: `bot`, or `bots.0`, `bots.1`, …; "" is the whole text. */
export function renameOldKeys(tree: Tree, bots: readonly string[] = ["bot"]): Renamed {
  const renaming: Renaming = {
    values: structuredClone(tree.values),
    places: new Map(tree.places),
    warnings: [],
    problems: [],
    inserted: tree.inserted,
  };
  for (const prefix of bots) renameBot(renaming, prefix);
  return renaming;
}

interface Renaming {
  readonly values: unknown;
  readonly places: Map<string, Place>;
  readonly warnings: OldNameProblem[];
  readonly problems: OldNameProblem[];
  readonly inserted: readonly Inserted[];
}

function renameBot(renaming: Renaming, prefix: string): void {
  const bot = sectionAt(renaming.values, prefix);
  if (bot === null) return;
  const at = (key: string): string => (prefix === "" ? key : `${prefix}.${key}`);
  otherForm(renaming, bot, at);
  const grid = bot["grid"];
  if (!isSection(grid)) return;
  for (const [old, value] of Object.entries(grid)) {
    const key = at(`grid.${old}`);
    const refused = ownText(REFUSED, old);
    const ignored = ownText(IGNORED, old);
    const target = targetOf(old);
    if (refused !== null) renaming.problems.push({ key, text: refused });
    else if (ignored !== null) renaming.warnings.push({ key, text: `is ignored: ${ignored}` });
    else if (target !== null) {
      const now = at(target);
      renaming.warnings.push({ key, text: `is an old name; write ${now}` });
      if (!put(bot, target, translated(old, value))) renaming.problems.push({ key, text: `and ${now} are both given` });
      moved(renaming.places, key, now);
    } else continue;
    delete grid[old];
  }
}

/** The form every strategy shares: `instruments: [one]` and `config:`, which are the grid's `instrument` and `grid`. */
function otherForm(renaming: Renaming, bot: Section, at: (key: string) => string): void {
  const { instruments, config } = bot;
  if (Array.isArray(instruments)) {
    if (Object.hasOwn(bot, "instrument")) say(renaming, at("instruments"), `and ${at("instrument")} are both given`);
    else if (instruments.length === 1) bot["instrument"] = instruments[0];
    else say(renaming, at("instruments"), `${instruments.length} are not allowed; a grid trades one`);
    moved(renaming.places, at("instruments"), at("instrument"));
    delete bot["instruments"];
  }
  if (!isSection(config)) return;
  if (Object.hasOwn(bot, "grid")) say(renaming, at("config"), `and ${at("grid")} are both given`);
  else bot["grid"] = config;
  delete bot["config"];
  const from = at("config");
  for (const key of Array.from(renaming.places.keys())) {
    if (key === from || key.startsWith(`${from}.`)) moved(renaming.places, key, at("grid") + key.slice(from.length));
  }
}

const say = (renaming: Renaming, key: string, text: string): void => {
  renaming.problems.push({ key, text });
};

function moved(places: Map<string, Place>, from: string, to: string): void {
  const place = places.get(from);
  if (place !== undefined && !places.has(to)) places.set(to, place);
}

function sectionAt(values: unknown, prefix: string): Section | null {
  let at = values;
  for (const name of prefix === "" ? [] : prefix.split(".")) {
    if (Array.isArray(at)) at = at[Number.parseInt(name, 10)];
    else at = isSection(at) ? at[name] : undefined;
  }
  return isSection(at) ? at : null;
}

function targetOf(old: string): string | null {
  const inGrid = ownText(OLD_NAMES, old);
  return inGrid === null ? ownText(MOVED, old) : `grid.${inGrid}`;
}

const ownText = (table: { readonly [name: string]: string }, name: string): string | null =>
  Object.hasOwn(table, name) ? (table[name] ?? null) : null;

/** Seconds became milliseconds, a switch became a choice. */
function translated(old: string, value: unknown): unknown {
  if (old === "margin_lock_duration_seconds" && typeof value === "number") return value * 1000;
  if (old === "cancel_on_exit" && typeof value === "boolean") return value ? "all" : "none";
  return value;
}

/** Sets a dotted key; false when it is there already, or a part of its way is no section. */
function put(values: unknown, target: string, value: unknown): boolean {
  const names = target.split(".");
  const last = names.pop() ?? "";
  let at: unknown = values;
  for (const name of names) {
    if (!isSection(at)) return false;
    at[name] ??= {};
    at = at[name];
  }
  if (!isSection(at) || Object.hasOwn(at, last)) return false;
  at[last] = value;
  return true;
}
