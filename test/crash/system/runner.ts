// Plays a list of deaths on stages of the system, each row judged; a death that goes wrong is a failure by its name,
// and the rest goes on on a fresh stage.

import type { CrashPoint } from "../../../src/base/crash-point.ts";
import type { Mode, Protocol, StoreKind } from "./system-config.ts";
import { SystemOrdeals, type SystemRow, type Victim, type Worse } from "./system-ordeal.ts";
import { SYSTEM_REACHABLE, type SystemReach } from "./system-points.ts";
import { type SystemOptions, SystemStage } from "./system-stage.ts";

export interface Deed {
  readonly point: CrashPoint | "random";
  readonly victim: Victim;
  readonly worse: Worse;
}

export interface Combination {
  readonly mode: Mode;
  readonly protocol: Protocol;
  readonly store: StoreKind;
}

/** Spot allows the long grid alone. */
export const COMBINATIONS: readonly Combination[] = (["sqlite", "postgres"] as const).flatMap((store) => [
  { mode: "neutral", protocol: "binance-usdm", store },
  { mode: "long", protocol: "binance-usdm", store },
  { mode: "long", protocol: "binance-spot", store },
  { mode: "neutral", protocol: "simulated", store },
]);

const VICTIMS: readonly Victim[] = ["market-maker", "connector", "both"];
/** By turns; foul weather takes its time and has a round of its own in `ALL=1`. */
const WORSE: readonly Worse[] = ["plain", "power", "again"];

const reachOf = (point: CrashPoint): SystemReach | null =>
  (SYSTEM_REACHABLE as Partial<Record<CrashPoint, SystemReach>>)[point] ?? null;

type Place = Pick<Combination, "store" | "protocol">;

/** The points that a store and a protocol have. */
export function pointsOf({ store, protocol }: Place): readonly CrashPoint[] {
  const points = Object.keys(SYSTEM_REACHABLE) as CrashPoint[];
  return points.filter((point) => {
    const reach = reachOf(point);
    return (reach?.store ?? store) === store && victimsOf(point, protocol).length > 0;
  });
}

/** Who may die at a point: at the connector's own ones not the market-maker alone; the simulated exchange's never. */
function victimsOf(point: CrashPoint, protocol: Protocol): readonly Victim[] {
  const isConnectors = reachOf(point)?.way === "connector";
  if (protocol === "simulated") return isConnectors ? [] : ["market-maker"];
  return isConnectors ? ["connector", "both"] : VICTIMS;
}

/** Who may die at a random moment. */
export const randomVictims = (protocol: Protocol): readonly Victim[] =>
  protocol === "simulated" ? ["market-maker"] : VICTIMS;

/** Every point once, victims and what makes it worse by turns. */
export function deedsOf(place: Place, turn: number): readonly Deed[] {
  return pointsOf(place).map((point, i) => {
    const victims = victimsOf(point, place.protocol);
    const worse = at(WORSE, turn + Math.floor(i / WORSE.length) + i);
    return { point, victim: at(victims, turn + i), worse: worseAt(point, worse) };
  });
}

/** Every point with every victim, and every worse one: in rounds, each of which goes through all points. */
export function roundsOf(place: Place, turn: number): readonly (readonly Deed[])[] {
  const points = pointsOf(place);
  const round = (worse: Worse, n: number): Deed[] =>
    points.flatMap((point, i) => {
      const victims = victimsOf(point, place.protocol);
      return n < victims.length ? [{ point, victim: at(victims, turn + i + n), worse: worseAt(point, worse) }] : [];
    });
  // the simulated exchange is asked without a wire on which something could get lost
  const foul = place.protocol === "simulated" ? [] : [round("foul", 1)];
  return [round("plain", 0), round("power", 0), round("again", 0), ...foul, round("plain", 1), round("plain", 2)];
}

/** SQLite forces the log to the disk before it moves it: there no power cut takes anything. */
const worseAt = (point: CrashPoint, worse: Worse): Worse =>
  point === "checkpoint.middle" && worse === "power" ? "again" : worse;

const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

export interface Played {
  readonly rows: SystemRow[];
  /** What could not be played, with the reason. */
  readonly failures: string[];
}

export interface Watching {
  readonly onRow?: (row: SystemRow) => void;
  readonly onFailure?: (failure: string) => void;
  /** Unix ms after which no further deed is begun. */
  readonly untilMs?: number;
}

/** Errors: none of a deed's own; those are failures. */
export async function play(
  options: SystemOptions,
  deeds: readonly Deed[],
  { rows, failures }: Played,
  { onRow, onFailure, untilMs = Number.POSITIVE_INFINITY }: Watching = {},
): Promise<void> {
  const open: { stage: SystemStage | null; ordeals: SystemOrdeals | null } = { stage: null, ordeals: null };
  let stages = 0;
  const close = async (): Promise<void> => {
    await open.stage?.close();
    open.stage = null;
    open.ordeals = null;
  };
  for (const deed of deeds) {
    if (Date.now() > untilMs) break;
    const at = `${deed.point} ${deed.victim} ${deed.worse} ${options.mode} ${options.store} ${options.protocol}`;
    const from = rows.length;
    try {
      if (open.ordeals === null) {
        stages += 1;
        const stage = new SystemStage({ ...options, seed: `${options.seed}/${stages}` });
        open.stage = stage;
        await stage.open();
        open.ordeals = new SystemOrdeals(stage, rows);
        await open.ordeals.recovers({ point: "first start", victim: "market-maker", worse: "plain" });
      }
      const isLast = await once(open.ordeals, deed);
      if (isLast) await close();
    } catch (error) {
      const failure = `${at}: ${error instanceof Error ? error.message : String(error)}`;
      failures.push(failure);
      onFailure?.(failure);
      await close();
    }
    for (const row of rows.slice(from)) onRow?.(row);
  }
  await close();
}

/** True: the bot trades no more. */
async function once(ordeals: SystemOrdeals, { point, victim, worse }: Deed): Promise<boolean> {
  if (point === "random") {
    await ordeals.randomKill(victim);
    return false;
  }
  const reach = reachOf(point);
  if (reach === null) throw new Error(`${point} is not reached here`);
  await ordeals.diesAt(point, reach, { victim, worse });
  return reach.way === "killing";
}
