// A browser's socket to a live-server, without the browser. Clients come from several loopback addresses, because one
// may not open many at once.

import { WebSocket } from "ws";

/** What an address may open at once. */
const PER_ADDRESS = 20;

export interface ConsoleAsk {
  readonly port: number;
  /** Number of the console: decides the address it comes from. */
  readonly index: number;
  readonly heard?: (text: string) => void;
}

/** Resolves when the console has its first picture. Errors: the handshake was refused. */
export async function openConsole({ port, index, heard }: ConsoleAsk): Promise<WebSocket> {
  const place = Math.floor(index / PER_ADDRESS);
  const localAddress = `127.0.${Math.floor(place / 200)}.${2 + (place % 200)}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, ["opensqt.v2"], { localAddress });
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data: Buffer) => {
      const text = data.toString("latin1");
      if (text.startsWith('{"type":"ready"')) resolve();
      heard?.(text);
    });
  });
  return socket;
}
