// What is done to one of ccxt's own sockets beside watching: saying something on it, and ending it without waiting
// for the other side, which may be gone.

import type { CcxtInstance } from "../ccxt-instance.ts";
import { isRecord, type Raw } from "../raw.ts";

/** Says it as soon as ccxt's own pace of the socket allows (EXCH-33). A socket that is gone hears nothing. */
export async function sayOn(instance: CcxtInstance, url: string, message: Raw): Promise<void> {
  const socket = instance.socket(url);
  try {
    await called(socket, "throttle", SAY_COST);
    if (isRecord(socket["connection"]) && called(socket, "isOpen") === true) await called(socket, "send", message);
  } catch {
    // it closed in between: its owner is told so by the close
  }
}

/** Resolves when the socket is gone. */
export async function terminate(instance: CcxtInstance, url: string): Promise<void> {
  const socket = instance.socket(url);
  const closing = instance.closeSocket(url);
  try {
    if (isRecord(socket["connection"])) called(socket["connection"], "terminate");
  } catch {
    // it was gone already
  }
  await closing.catch(() => undefined);
}

/** ccxt's own cost of one message on Binance: four a second. */
const SAY_COST = 5;

function called(on: Raw, method: string, ...args: readonly unknown[]): unknown {
  const found = on[method];
  return typeof found === "function" ? Reflect.apply(found, on, args) : undefined;
}
