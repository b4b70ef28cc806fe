// What a console asks beyond the picture, over a real socket: configuration, preview and the bot as it was; and what is
// refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEMO_OF } from "./demo-feed.fixture.ts";
import { DEMO_CONFIG } from "./demo-setup.fixture.ts";
import { CONSOLE_PROTOCOL, type ConsoleMessage, type ConsoleRequest, type ConsoleType } from "./messages.ts";
import { type Connection, type House, inHouse } from "./server.fixture.ts";

type Told<T extends ConsoleType> = Extract<ConsoleMessage, { readonly type: T }>["data"];

const console = (house: House): Promise<Connection> => house.connect({ protocol: CONSOLE_PROTOCOL });

/** Asks, and waits for the answer that bears the request's id. */
async function asked<T extends ConsoleType>(
  { socket, until }: Connection,
  request: ConsoleRequest & { readonly requestId: string },
  type: T,
): Promise<Told<T>> {
  socket.send(JSON.stringify(request));
  const text = await until((each) => each.includes(`"requestId":"${request.requestId}"`));
  const message = JSON.parse(text) as ConsoleMessage;
  assert.equal(message.type, type, text);
  return message.data as Told<T>;
}

const { bot } = DEMO_OF;

test("LIVE-14 a console asks for a bot's configuration and gets the text, its revision and what the keys mean", async () => {
  await inHouse({}, async (house) => {
    const open = await console(house);
    const told = await asked(open, { type: "config", requestId: "c1", bot }, "config");
    assert.ok("text" in told);
    assert.deepEqual([told.bot, told.revision, told.text], [bot, 1, DEMO_CONFIG]);
    assert.ok(told.keys.length > 0 && told.keys.every(({ meaning }) => meaning !== ""));
    const nobody = await asked(open, { type: "config", requestId: "c2", bot: "nobody" }, "config");
    assert.ok("error" in nobody && nobody.error.includes("nobody"));
  });
});

test("LIVE-05 LIVE-14 a preview's prices, amounts and money are text, and a wrong text is answered with where it is wrong", async () => {
  await inHouse({}, async (house) => {
    const open = await console(house);
    const own = await asked(open, { type: "preview", requestId: "p1", bot }, "preview");
    assert.ok("orders" in own && own.orders.length > 0 && own.totals !== null);
    for (const { price, qty, value, exit, profit } of own.orders)
      for (const decimal of [price, qty, value, exit, profit]) assert.match(decimal, /^-?\d+(\.\d+)?$/);
    assert.match(own.totals.worstLoss, /^-?\d+(\.\d+)?$/);
    const wrong = await asked(open, { type: "preview", requestId: "p2", bot, config: "strategy: none" }, "preview");
    assert.ok("error" in wrong);
    assert.deepEqual(
      wrong.problems.map(({ key }) => key),
      ["config.strategy"],
    );
  });
});

test("LIVE-05 LIVE-14 the bot as it was comes by journal number or by time, with the event that made it so", async () => {
  await inHouse({}, async (house) => {
    const open = await console(house);
    const second = await asked(open, { type: "state", requestId: "s1", bot, sequence: 2, at: 0 }, "state");
    assert.ok("slots" in second && second.event !== null && second.position !== null);
    assert.deepEqual([second.sequence, second.event.kind, second.effects.length], [2, "fill", 1]);
    assert.equal(typeof second.position.size, "string");
    const { at } = second.event;
    const byTime = await asked(open, { type: "state", requestId: "s2", bot, sequence: 0, at }, "state");
    assert.ok("slots" in byTime && byTime.sequence === 2);
    const never = await asked(open, { type: "state", requestId: "s3", bot, sequence: 1e9, at: 0 }, "state");
    assert.ok("error" in never && /has events 1 to/.test(never.error));
  });
});

test("LIVE-05 DUR-70 the newest what-if of a bot comes with both sides, its amounts as text", async () => {
  await inHouse({}, async (house) => {
    const open = await console(house);
    const job = await asked(open, { type: "what_if", requestId: "w1", bot }, "what_if");
    assert.ok("result" in job && job.state === "done" && job.result !== null && job.result.sides !== null);
    const { before, after } = job.result.sides;
    for (const { pnl, fees, funding, curve } of [before, after]) {
      for (const decimal of [pnl, fees, funding, ...curve.map(([, net]) => net)])
        assert.match(decimal, /^-?\d+(\.\d+)?$/);
      assert.ok(curve.every(([at], n) => n === 0 || at > (curve[n - 1]?.[0] ?? at)));
    }
    const nobody = await asked(open, { type: "what_if", requestId: "w2", bot: "nobody" }, "what_if");
    assert.ok("error" in nobody && nobody.error.includes("nobody"));
  });
});

test("LIVE-14 a question without what it needs is a bad message, told back under its id", async () => {
  await inHouse({}, async (house) => {
    const open = await console(house);
    for (const [requestId, request] of [
      ["b1", { type: "config" }],
      ["b2", { type: "preview", bot: "" }],
      ["b3", { type: "state", bot, sequence: -1 }],
      ["b5", { type: "what_if" }],
      ["b4", { type: "state", bot, sequence: 1.5 }],
    ] as const) {
      open.socket.send(JSON.stringify({ ...request, requestId }));
      const text = await open.until((each) => each.includes(`"requestId":"${requestId}"`));
      assert.match(text, /BAD_MESSAGE/);
    }
  });
});
