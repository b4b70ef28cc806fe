// OPS-64: fresh keys at each start, each known to the other side by its hash alone, the view a reader everywhere.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { freshKeys, joined } from "./wiring.ts";

const PORTS = {
  connectorGrpc: 1,
  connectorHttp: 2,
  marketMakerGrpc: 3,
  marketMakerHttp: 4,
  liveServerHttp: 5,
} as const;

test("OPS-64 processes of one machine get keys of their own at each start, and no configuration holds one", () => {
  const keys = freshKeys();
  assert.equal(new Set([...Object.values(keys), ...Object.values(freshKeys())]).size, 6);
  for (const key of Object.values(keys)) assert.equal(Buffer.from(key, "base64url").length, 32);
  const own = { name: "grafana", role: "reader", san: "grafana" };
  const made = joined(
    { connector: { grpc: { clients: [own] }, exchange: "simulated" }, marketMaker: { bots: [] }, liveServer: {} },
    PORTS,
    keys,
  );
  const text = JSON.stringify(made);
  for (const key of Object.values(keys)) assert.ok(!text.includes(key));
  const hash = (key: string): string => createHash("sha256").update(key).digest("hex");
  assert.deepEqual(made.connector["grpc"], {
    bind: "127.0.0.1:1",
    clients: [
      own,
      { name: "engine", role: "trader", sha256: hash(keys.engine) },
      { name: "view", role: "reader", sha256: hash(keys.view) },
      { name: "operator", role: "operator", sha256: hash(keys.operator) },
    ],
  });
  assert.deepEqual(made.marketMaker["connector"], { address: "127.0.0.1:1", key: { env: "OPENSQT_KEY_ENGINE" } });
  assert.deepEqual(made.liveServer["web"], { doors: [{ url: "http://127.0.0.1:4" }] });
  assert.equal(made.connector["exchange"], "simulated", "the rest stays as the file has it");
});
