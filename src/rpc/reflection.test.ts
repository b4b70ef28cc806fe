// The services as a stranger with `buf curl` finds them: listed, described and called by reflection alone.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { type TestContext } from "node:test";
import { absent } from "./fields.ts";
import { ErrorInfo } from "./generated/google/rpc/error_details.ts";
import { BotServiceDefinition } from "./generated/opensqt/market_maker/v1/bot.ts";
import { BotPhase } from "./generated/opensqt/market_maker/v1/types.ts";
import { rpcService } from "./method.ts";
import { startVillage } from "./village.fixture.ts";

const buf = resolve(import.meta.dirname, "../../node_modules/.bin/buf");

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs `buf curl`, with nothing of this machine's environment that could change it. */
function curl(t: TestContext, args: readonly string[]): Promise<Said> {
  const home = mkdtempSync(join(tmpdir(), "opensqt-buf-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const { promise, resolve: done } = Promise.withResolvers<Said>();
  const env = { ...process.env, HOME: home, BUF_CACHE_DIR: home };
  execFile(buf, ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args], { env }, (error, out, said) => {
    done({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, out, error: said });
  });
  return promise;
}

const service = rpcService(BotServiceDefinition, {
  getBot: async ({ botId }) => {
    if (botId !== "btc-grid") throw absent(`there is no bot ${botId}`);
    return { bot: { botId, phase: BotPhase.RUNNING, position: { value: "0.010" } } };
  },
});

test("API-01 buf curl lists the services by reflection and calls one of them", async (t) => {
  const { server, keys } = await startVillage(t, [service]);
  const url = `http://${server.address}`;
  const listed = await curl(t, ["--list-services", url]);
  assert.equal(listed.code, 0, listed.error);
  assert.deepEqual(listed.out.trim().split("\n").sort(), [
    "grpc.health.v1.Health",
    "opensqt.market_maker.v1.BotService",
  ]);
  const methods = await curl(t, ["--list-methods", url]);
  assert.match(methods.out, /opensqt\.market_maker\.v1\.BotService\/SubscribeEvents/);
  const key = ["-H", `x-api-key: ${keys.reader}`];
  const method = `${url}/opensqt.market_maker.v1.BotService/GetBot`;
  const answer = await curl(t, [...key, "-d", '{"botId":"btc-grid"}', method]);
  assert.equal(answer.code, 0, answer.error);
  const expected = { bot: { botId: "btc-grid", phase: "BOT_PHASE_RUNNING", position: { value: "0.010" } } };
  assert.deepEqual(JSON.parse(answer.out), expected);
});

test("API-22 buf curl shows a stranger the reason of a refusal", async (t) => {
  const { server, keys } = await startVillage(t, [service]);
  const method = `http://${server.address}/opensqt.market_maker.v1.BotService/GetBot`;
  const refused = await curl(t, ["-H", `x-api-key: ${keys.reader}`, "-d", '{"botId":"nobody"}', method]);
  assert.notEqual(refused.code, 0);
  const said: unknown = JSON.parse(refused.error);
  assert.ok(typeof said === "object" && said !== null && "details" in said && Array.isArray(said.details));
  assert.deepEqual({ ...said, details: [] }, { code: "not_found", message: "there is no bot nobody", details: [] });
  const [detail]: { type: string; value: string }[] = said.details;
  assert.equal(detail?.type, "google.rpc.ErrorInfo");
  assert.equal(ErrorInfo.decode(Buffer.from(detail.value, "base64")).reason, "ABSENT");
});

test("API-31 health answers buf curl without a key", async (t) => {
  const { server, health } = await startVillage(t, [service]);
  health.set(null, "serving");
  const answer = await curl(t, ["-d", "{}", `http://${server.address}/grpc.health.v1.Health/Check`]);
  assert.deepEqual(JSON.parse(answer.out), { status: "SERVING" });
});
