// The soak by the wall clock (TEST-47).

import type { Told } from "./page.ts";

export async function soakWall(_hours: number, _print: (text: string) => void): Promise<Told> {
  throw new Error("not yet");
}
