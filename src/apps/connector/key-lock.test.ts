// One connector a key: at an exchange however it is reached, and at each emulator by itself.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { Secret } from "../../config/secret.ts";
import { CommandError } from "../opensqt/output.ts";
import { KeyLocks } from "./key-lock.ts";

const key = (): Secret => new Secret(randomUUID(), "test");

function taking(t: TestContext, environment: string, rest: string | null): (apiKey: Secret) => void {
  const endpoints = rest === null ? null : { rest };
  const locks = new KeyLocks({ environment, real: { exchange: "binance", endpoints } });
  t.after(() => locks.release());
  return (apiKey) => locks.take(apiKey);
}

const refused = (error: unknown): boolean => error instanceof CommandError && error.exitCode === 8;

test("EXCH-50 a key has one connector at an exchange, by whatever address it is reached", (t) => {
  const apiKey = key();
  taking(t, "testnet", null)(apiKey);
  assert.throws(() => taking(t, "testnet", "https://testnet.example")(apiKey), refused);
  taking(t, "testnet", null)(key());
});

test("EXCH-50 the same demo key at two emulators is two keys, at one by two names of this machine one", (t) => {
  const apiKey = key();
  taking(t, "emulator", "http://127.0.0.1:19101")(apiKey);
  taking(t, "emulator", "http://127.0.0.1:19201")(apiKey);
  assert.throws(() => taking(t, "emulator", "http://127.0.0.1:19101")(apiKey), refused);
  assert.throws(() => taking(t, "emulator", "http://localhost:19201")(apiKey), refused);
});

test("EXCH-50 a key given back is free, and one taken twice by its own connector stays its own", (t) => {
  const apiKey = key();
  const locks = new KeyLocks({ environment: "live", real: { exchange: "binance", endpoints: null } });
  locks.take(apiKey);
  locks.take(apiKey);
  locks.release();
  taking(t, "live", null)(apiKey);
});
