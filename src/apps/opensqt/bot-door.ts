// Finds the door of a running bot below a data folder, and speaks through it.

import { basename, join } from "node:path";
import type { DoorAnswer } from "../../host/door.ts";
import { callDoor } from "../../host/door-client.ts";
import { botFolders } from "./bot-folders.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { CommandError, usageError } from "./output.ts";

const SOCKET = "control.sock";
/** A bot that runs answers a question at once; its answer to a command waits for the disk. */
const PROBE_MS = 3_000;

export interface WhichBot {
  readonly dataDir: string;
  readonly bot?: string;
}

/** A bot that answers: its folder's name and its socket. */
export interface OpenDoor {
  readonly bot: string;
  readonly folder: string;
  readonly socket: string;
}

/** The one bot meant. Errors: CommandError 5 when none runs there, 2 when several do and none was named. */
export async function findBot({ dataDir, bot }: WhichBot): Promise<OpenDoor> {
  const doors = doorsBelow(dataDir).filter((door) => bot === undefined || door.bot === bot);
  const open: OpenDoor[] = [];
  for (const door of doors) {
    const answer = await callDoor(door.socket, { query: "status" }, PROBE_MS);
    if (answer.ok || answer.unreachable !== true) open.push(door);
  }
  const [found] = open;
  if (found === undefined) {
    const who = bot === undefined ? "no bot" : `no bot ${bot}`;
    const hint = "Start one with opensqt up, or name its folder with --data-dir.";
    throw new CommandError(EXIT_CODES.unreachable, `${who} is running in ${dataDir}`, hint);
  }
  if (open.length === 1) return found;
  const names = open.map((door) => `${door.bot} (${door.folder})`).join(", ");
  throw usageError(`several bots run in ${dataDir}: ${names}; name one with --bot, or its folder with --data-dir`);
}

/** Sends a request and returns what came; a refusal of the bot is an error with its words. */
export async function ask(
  door: OpenDoor,
  request: Readonly<Record<string, unknown>>,
): Promise<Extract<DoorAnswer, { readonly ok: true }>> {
  const answer = await callDoor(door.socket, request);
  if (answer.ok) return answer;
  const code = answer.unreachable === true ? EXIT_CODES.unreachable : EXIT_CODES.refused;
  throw new CommandError(code, `${door.bot}: ${answer.error}`);
}

function doorsBelow(dataDir: string): readonly OpenDoor[] {
  return botFolders(dataDir, SOCKET).map((folder) => ({ bot: basename(folder), folder, socket: join(folder, SOCKET) }));
}
