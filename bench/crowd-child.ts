// The browsers of bench/consoles.ts in a process of its own, and a patient one: in the world they are on other
// machines, so what is left of this one's processors goes to engine and live-server first. "many" and "one": so many
// are open.

import { setPriority } from "node:os";
import type { WebSocket } from "ws";
import { serveParent } from "./child.ts";
import { openConsole } from "./console-sockets.ts";

const [port = "", most = ""] = process.argv.slice(2);
setPriority(19);
let opened = 0;
let messages = 0;
const sockets: WebSocket[] = [];

async function crowd(wanted: number): Promise<number> {
  for (const socket of sockets.splice(wanted)) socket.close();
  const ask = () => {
    opened += 1;
    return openConsole({
      port: Number.parseInt(port, 10),
      index: opened,
      heard: () => {
        messages += 1;
      },
    });
  };
  sockets.push(...(await Promise.all(Array.from({ length: wanted - sockets.length }, ask))));
  return sockets.length;
}

serveParent({}, async () => void (await crowd(0)), {
  many: () => crowd(Number.parseInt(most, 10)),
  one: () => crowd(1),
  messages: () => messages,
});
