// The server as its callers meet it: a real socket, a real client, nothing of ours replaced.

import assert from "node:assert/strict";
import test from "node:test";
import { callerOf } from "./caller.ts";
import { absent } from "./fields.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { rpcService } from "./method.ts";
import { RpcRefusal, refusalOf } from "./refusal.ts";
import { refusedBy, startVillage } from "./village.fixture.ts";

test("API-10 a request id is echoed to the handler, and the caller is the name of its key", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    getBot: async ({ botId }, context) => {
      const { name, role, requestId } = callerOf(context);
      return { bot: { botId }, config: `${name} ${role} ${requestId}` };
    },
  });
  const { bots } = await startVillage(t, [service]);
  const { bot, config } = await bots("reader").getBot({ botId: "a" }, { requestId: "r-1" });
  assert.equal(bot?.botId, "a");
  assert.equal(config, "view reader r-1");
});

test("API-22 a refusal arrives with status, reason, outcome and metadata as it was thrown", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    getBot: async () => {
      throw absent("there is no bot a");
    },
    startBot: async () => {
      throw new RpcRefusal({
        status: "RESOURCE_EXHAUSTED",
        reason: "RATE_LIMITED",
        message: "wait",
        outcome: "rejected",
        metadata: { exchange_code: "-1015", exchange_text: "Too many new orders" },
        retryAfterMs: 1_250,
      });
    },
  });
  const { bots } = await startVillage(t, [service]);
  const missing = await refusedBy(bots("reader").getBot({ botId: "a" }));
  assert.deepEqual([missing.status, missing.reason, missing.outcome], ["NOT_FOUND", "ABSENT", "not_sent"]);
  const limited = await refusedBy(bots("operator").startBot({ botId: "a", reason: "test" }));
  assert.equal(limited.outcome, "rejected");
  assert.equal(limited.retryAfterMs, 1_250);
  assert.equal(limited.metadata["exchange_code"], "-1015");
});

test("API-22 a fault of ours is INTERNAL, its outcome unknown, and its text stays in our log", async (t) => {
  const service = rpcService(BotServiceDefinition, {
    startBot: async () => {
      throw new Error("the secret cause");
    },
  });
  const { bots, lines } = await startVillage(t, [service]);
  const refusal = await refusedBy(bots("operator").startBot({ botId: "a", reason: "test" }));
  assert.deepEqual([refusal.status, refusal.reason, refusal.outcome], ["INTERNAL", "INTERNAL", "unknown"]);
  assert.ok(!refusal.message.includes("secret cause"));
  assert.ok(lines().some((line) => line.includes("the secret cause")));
});

test("API-22 nothing said about the outcome means unknown: a connection that breaks says nothing", async (t) => {
  const service = rpcService(BotServiceDefinition, { startBot: () => new Promise(() => undefined) });
  const { bots, server } = await startVillage(t, [service]);
  const pending = refusedBy(bots("operator").startBot({ botId: "a", reason: "test" }, { deadlineMs: 200 }));
  const refusal = await pending;
  assert.equal(refusal.status, "DEADLINE_EXCEEDED");
  assert.equal(refusalOf(refusal).outcome, null);
  assert.ok(server.port > 0);
});
