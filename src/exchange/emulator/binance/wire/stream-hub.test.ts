import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamHub } from "./stream-hub.ts";

test("EMU-43 an event becomes text once for all who listen, and not at all where nobody does", () => {
  const watched: string[] = [];
  const hub = new StreamHub((stream, on) => watched.push(`${stream} ${on}`));
  const heard: string[] = [];
  const listener = (wrapped: boolean) => ({ wrapped, send: (text: string) => heard.push(text) });
  const [raw, other, wrapped] = [listener(false), listener(false), listener(true)];
  let made = 0;
  const publish = (): void =>
    hub.publish("a@b", { kind: "public", event: "x", account: null, symbol: null }, () => {
      made += 1;
      return '{"n":1}';
    });
  publish();
  assert.equal(made, 0);
  for (const each of [raw, other, wrapped]) hub.add("a@b", each);
  publish();
  assert.equal(made, 1);
  assert.deepEqual(heard, ['{"n":1}', '{"n":1}', '{"stream":"a@b","data":{"n":1}}']);
  for (const each of [raw, other, wrapped]) hub.remove("a@b", each);
  assert.deepEqual(watched, ["a@b true", "a@b false"]);
});
