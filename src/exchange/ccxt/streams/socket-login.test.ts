// Logins of private sockets against the published signature vectors (EMU-37), recomputed there by others than us.

import assert from "node:assert/strict";
import { test } from "node:test";
import { authMessage, channelMessage, keyedHash, loginMessage } from "./socket-login.ts";

const KEYS = { apiKey: "key", secret: "secret", passphrase: "phrase" };

test("EMU-37 EXCH-24 logins of OKX, Bitget, Bybit and Gate are signed as their vectors say", () => {
  assert.deepEqual(loginMessage(KEYS, "/users/self/verify", 1_795_233_139), {
    op: "login",
    args: [
      {
        apiKey: "key",
        passphrase: "phrase",
        timestamp: "1795233139",
        sign: "1TXlZetshK9CKaI4efbGpee/6WRYtTfLhOR1JDof4tc=",
      },
    ],
  });
  const bitget = keyedHash("secret", "1795233163GET/user/verify", { hash: "sha256", form: "base64" });
  assert.equal(bitget, "4ctsV5TncCO70M9O6m70mE+tTYynSrlc9IOGbCsurA0=");
  assert.deepEqual(authMessage(KEYS, 1_795_233_157_044), {
    op: "auth",
    args: ["key", "1795233157044", "06b72a61c39b96151e6031d9d9730ddd5f3449d911db6ab5c1a1ca6a80723186"],
  });
  const channel = { channel: "futures.orders", payload: ["7", "!all"], seconds: 1_795_233_155 };
  assert.deepEqual(channelMessage(KEYS, channel), {
    time: 1_795_233_155,
    channel: "futures.orders",
    event: "subscribe",
    auth: {
      method: "api_key",
      KEY: "key",
      SIGN:
        "607a7596ecc2cc1b1fd87521afe41c958dc5f9a45de333cb318b4d6ab780bc0e" +
        "4606a9baaaec8a1c64568c27689b72e040d46fc5dc554021828d47aa77a9c79c",
    },
    payload: ["7", "!all"],
  });
});
