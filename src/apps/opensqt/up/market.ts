// Which market `opensqt up` trades on: made up, recorded, followed, or real; from the file and the flags over it.

import type { PlainSection, UpConfig } from "../../../config/process/shapes.ts";
import { recordingDigest } from "../../../exchange/paper-source.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError, usageError } from "../output.ts";
import type { UpOptions } from "./plan.ts";

/** Where `opensqt up` trades: what is told of it, and what a flag changes of the file. */
export interface Market {
  readonly data: string | null;
  readonly seed: string;
  readonly speed: number;
  readonly words: string;
  /** Where its journals are, where that does not follow from seed and recording. */
  readonly folder?: string;
  readonly changes: PlainSection;
}

/** Errors: CommandError 2 for a flag, 3 for real money nobody asked for, and for real money where there is none. */
export function marketOf(config: UpConfig, options: UpOptions): Market {
  const { data, speed, seed, market, live } = options;
  const { simulated } = config;
  if (live === true && options.paper === true) throw usageError("--live and --paper contradict each other; give one");
  if (simulated === null) {
    refuseFlags(config, options);
    return realMarket(config, live === true);
  }
  if (live === true) throw notLive("simulated");
  const rate = speed === undefined ? simulated.speed : wholeOf("--speed", speed, 1_000_000);
  const pace = rate === 1 ? "" : rate === 0 ? ", as fast as it can" : `, ${rate}×`;
  const changes: Record<string, number | string> = {};
  if (speed !== undefined) changes["speed"] = rate;
  if (seed !== undefined) changes["seed"] = wholeOf("--seed", seed, Number.MAX_SAFE_INTEGER);
  if (data !== undefined) Object.assign(changes, { market: "recorded", data });
  const follow = market ?? simulated.follow?.exchange ?? null;
  if (market !== undefined) Object.assign(changes, { market: "live", follow: market });
  if (follow !== null) return followedMarket(follow, changes);
  const path = data ?? simulated.instruments[0]?.data ?? null;
  const own = String(changes["seed"] ?? simulated.seed);
  const words = path === null ? `synthetic market, seed ${own}` : `recorded market ${path}`;
  return { data: path, seed: own, speed: rate, words: `${words}${pace}`, changes };
}

/** Who asks for real money is not given another one in silence. */
const notLive = (what: string): CommandError =>
  new CommandError(
    EXIT_CODES.refused,
    `--live is real money, and the configuration's is ${what}`,
    "Name the exchange, and environment: live, in the configuration; or leave --live away.",
  );

/** A flag of a simulated market, believed and ignored, would trade where nobody meant to. */
function refuseFlags({ exchange }: UpConfig, { paper, market, data, seed, speed }: UpOptions): void {
  for (const [flag, value] of Object.entries({ paper, market, data, seed, speed })) {
    if (value === undefined) continue;
    throw usageError(`--${flag} is for simulated money, and the configuration trades on ${exchange}; give another one`);
  }
}

/** Real money wants to be named (OPS-11). */
function realMarket({ connector: { real, environment }, exchange }: UpConfig, live: boolean): Market {
  if (real === null) throw new CommandError(EXIT_CODES.refused, `${exchange} names no exchange`);
  const name = `${real.exchange} ${real.market}`;
  if (environment === "live" && !live) {
    throw new CommandError(
      EXIT_CODES.refused,
      `${name} is real money, and up trades on paper unless it is told otherwise`,
      "Give --live to trade with real money, or environment: testnet; without this file --paper --market follows it.",
    );
  }
  if (live && environment !== "live") throw notLive(environment);
  const words = environment === "live" ? `REAL MONEY on ${name}` : `${name}, ${environment}`;
  const folder = `${real.exchange}-${real.market}-${environment}`;
  return { data: null, seed: "", speed: 1, words, folder, changes: {} };
}

function followedMarket(follow: string, changes: PlainSection): Market {
  return {
    data: null,
    seed: follow,
    speed: 1,
    words: `live market of ${follow}`,
    folder: `followed-${follow}`,
    changes,
  };
}

function wholeOf(name: string, text: string, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (value >= 0 && value <= max) return value;
  throw usageError(`${name} ${text} is not allowed; give a whole number from 0 to ${max}`);
}

/** Another seed or another recording is another exchange, and a bot's journal is of one exchange. */
export async function marketFolder({ data, seed, folder }: Market): Promise<string> {
  if (folder !== undefined) return folder;
  if (data === null) return `synthetic-${seed}`;
  try {
    return `recorded-${await recordingDigest(data)}`;
  } catch (error) {
    const why =
      error instanceof Error && "code" in error && error.code === "ENOENT" ? "there is no such file" : String(error);
    throw new CommandError(EXIT_CODES.refused, `${data} cannot be read: ${why}`);
  }
}
