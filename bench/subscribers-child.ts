// The other subscribers of bench/subscribers.ts in a process of its own, and a patient one: in the world each is in one
// of its own. "join" and "leave": so many subscribe, or none; all
// answers are how many fills came.

import { setPriority } from "node:os";
import { serveParent } from "./child.ts";
import { type Subscription, subscribe } from "./subscription.ts";

const [speaker = "", key = "", count = ""] = process.argv.slice(2);
setPriority(19);
let messages = 0;
const subscriptions: Subscription[] = [];

const heard = (): void => {
  messages += 1;
};

async function join(): Promise<number> {
  const wanted = Array.from({ length: Number.parseInt(count, 10) }, () => subscribe({ speaker, key }, heard));
  subscriptions.push(...(await Promise.all(wanted)));
  return messages;
}

async function leave(): Promise<number> {
  await Promise.all(subscriptions.splice(0).map((each) => each.close()));
  return messages;
}

serveParent({}, async () => void (await leave()), { join, leave, heard: () => messages });
