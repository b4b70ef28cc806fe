// The address DBOS is given: what it says of it in its own words holds no password.

import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { sessionsOf } from "./dbos-runner.ts";

test("OPS-06 DBOS is told user and password where it hides them, and the same server as the journals are on", () => {
  for (const address of [
    "postgresql://hugo:a%40b%2Fc@db.example.org:5432/opensqt?sslmode=disable",
    "postgresql://hugo:secret@/opensqt?host=/run/postgresql",
    "postgresql:///opensqt?host=/run/postgresql&user=hugo&password=a%40b",
    "postgres://db.example.org/opensqt?user=hugo&password=%25",
    "postgresql://hugo@db.example.org/opensqt?options=-c%20work_mem%3D8MB",
  ]) {
    const [before, after] = [address, sessionsOf(address)].map((one) => new pg.Client(one));
    for (const field of ["host", "port", "database", "user", "password"] as const) {
      assert.equal(after?.[field], before?.[field], `${field} of ${address}`);
    }
    const { searchParams } = new URL(sessionsOf(address));
    assert.match(searchParams.get("options") ?? "", /idle_in_transaction_session_timeout=\d+$/);
    assert.equal(searchParams.get("password"), null);
  }
});
