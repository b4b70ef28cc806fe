// The signature vectors of the specification (EMU-37), each over whatever signs or checks that text here: ccxt's own
// signing with its clock held still, the logins of our sockets, and the emulator's verifier.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { Clock } from "../../src/base/clock.ts";
import { CcxtInstance } from "../../src/exchange/ccxt/ccxt-instance.ts";
import { tableOf } from "../../src/exchange/ccxt/exchanges/registry.ts";
import { recordOf } from "../../src/exchange/ccxt/raw.ts";
import { Redactor } from "../../src/exchange/ccxt/redact.ts";
import { authMessage, channelMessage, keyedHash, loginMessage } from "../../src/exchange/ccxt/streams/socket-login.ts";
import {
  signatureHolds,
  signatureOf,
  signedParameters,
  signedText,
} from "../../src/exchange/emulator/binance/wire/signature.ts";

// of the exchange\'s own example, known to everybody
const BINANCE_SECRET = ["NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP", "1e3UZjInClVN65XAbvqqM6A7H5fATj0j"].join("");
const ORDER = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
const WIDE = "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96";

interface Signing {
  readonly exchange: string;
  readonly keys: { readonly apiKey: string; readonly secret: string; readonly passphrase?: string };
  readonly atMs: number;
}

/** A request as ccxt signs it at one moment, for the exchange it is made for. */
async function signed(
  context: TestContext,
  { exchange, keys, atMs }: Signing,
  ...request: unknown[]
): Promise<Record<string, string>> {
  const clock: Clock = { nowMs: () => atMs, monotonicMs: () => 0, at: () => () => undefined };
  const instance = await CcxtInstance.open({
    table: tableOf(exchange, "perpetual").table,
    credentials: keys,
    environment: "live",
    urls: null,
    clock,
    gate: { pass: () => Promise.resolve(), replied: () => undefined },
    transport: { send: () => Promise.reject(new Error("nothing is sent")), close: () => undefined },
    redactor: new Redactor(),
  });
  context.after(() => instance.close());
  const headers = recordOf(recordOf(instance.parse("sign", ...request))["headers"]);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

test("EMU-37 TEST-30 Binance: the documented texts, over the emulator's verifier and our hash", () => {
  for (const [secret, text, signature] of [
    [BINANCE_SECRET, `symbol=LTCBTC&${ORDER}`, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"],
    [BINANCE_SECRET, `${WIDE}&${ORDER}`, "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"],
    [
      "secretsecret",
      "apiKey=key&recvWindow=10000&timestamp=1786534420770",
      "93caaafd14b60b1025ee09a57a706233d83effbf45125ce26d090b53060edab0",
    ],
  ] as const) {
    assert.equal(signatureOf(secret, text), signature);
    assert.equal(keyedHash(secret, text, { hash: "sha256", form: "hex" }), signature);
    // in the query, in the body, and with the last letter of it wrong
    assert.deepEqual(signedText(`${text}&signature=${signature}`, ""), { text, signature });
    assert.deepEqual(signedText("", `${text}&signature=${signature}`), { text, signature });
    assert.ok(signatureHolds(secret, text, signature));
    assert.ok(!signatureHolds(secret, text, `${signature.slice(0, -1)}z`));
  }
  const parameters = [
    ["timestamp", "1786534420770"],
    ["signature", "whatever"],
    ["recvWindow", "10000"],
    ["apiKey", "key"],
  ] as const;
  assert.equal(signedParameters(parameters), "apiKey=key&recvWindow=10000&timestamp=1786534420770");
});

test("EMU-37 TEST-30 OKX: ccxt signs the published request as published", async (context) => {
  const secret = "chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO";
  const of = {
    exchange: "okx",
    keys: { apiKey: "key", secret, passphrase: "phrase" },
    atMs: Date.parse("2020-12-08T09:08:57.715Z"),
  };
  const headers = await signed(context, of, "account/balance", "private", "GET", {});
  assert.equal(headers["OK-ACCESS-TIMESTAMP"], "2020-12-08T09:08:57.715Z");
  assert.equal(headers["OK-ACCESS-SIGN"], "PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=");
});

test("EMU-37 TEST-30 Bybit: ccxt signs time, key, window and query", async (context) => {
  const of = { exchange: "bybit", keys: { apiKey: "test_api_key", secret: "test_secret" }, atMs: 1_700_000_000_000 };
  const query = { category: "linear", symbol: "BTCUSDT" };
  const headers = await signed(context, of, "v5/position/list", "private", "GET", query);
  assert.equal(headers["X-BAPI-SIGN"], "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7");
  assert.equal(headers["X-BAPI-RECV-WINDOW"], "5000");
});

test("EMU-37 TEST-30 Bitget: ccxt signs time, method and path", async (context) => {
  const of = {
    exchange: "bitget",
    keys: { apiKey: "key", secret: "secret", passphrase: "phrase" },
    atMs: 1_725_040_472_073,
  };
  const headers = await signed(context, of, "v2/spot/account/assets", ["private", "spot"], "GET", {});
  assert.equal(headers["ACCESS-SIGN"], "p8vWylxL4JJCyy6B81n82ZEySiWChClCw99FTDocviA=");
});

test("EMU-37 TEST-30 Gate: the published text keeps a question mark, ccxt signs without", async (context) => {
  const digest = createHash("sha512").update("{a:1}").digest("hex");
  const signature = (query: string): string =>
    keyedHash("b", ["POST", "/a", query, digest, "1691707273890"].join("\n"), { hash: "sha512", form: "hex" });
  assert.equal(
    signature("?b=c"),
    "de31e211a60623ba2c41e65a3c21e550400ffccfef55578173e09f2b34cf46b4" +
      "26c587f01b4c12474608dc856b1ba226a71004f7989603236c885c23275d5577",
  );
  assert.equal(
    signature("b=c"),
    "bff2494f58f13b9dfa4fb192632c147beee8fb496790b8000bf1a330398132ec" +
      "6869f8f47208f9ba1a6c51465961c4b8e85ae3a385dfa6856ae008f36be54a6a",
  );
  const of = { exchange: "gate", keys: { apiKey: "key", secret: "b" }, atMs: 1_691_707_273_890 };
  const asked = { settle: "usdt", contract: "BTC_USDT", status: "open" };
  const headers = await signed(context, of, "{settle}/orders", ["private", "futures"], "GET", asked);
  const none = createHash("sha512").update("").digest("hex");
  const lines = ["GET", "/api/v4/futures/usdt/orders", "contract=BTC_USDT&status=open", none, "1691707273"];
  assert.equal(headers["SIGN"], keyedHash("b", lines.join("\n"), { hash: "sha512", form: "hex" }));
});

test("EMU-37 TEST-30 logins of the sockets of OKX, Bybit, Gate and Bitget", () => {
  const keys = { apiKey: "key", secret: "secret", passphrase: "phrase" };
  const signOf = (message: unknown): unknown => recordOf((recordOf(message)["args"] as unknown[])[0])["sign"];
  const okx = loginMessage(keys, "/users/self/verify", 1_795_233_139);
  assert.equal(signOf(okx), "1TXlZetshK9CKaI4efbGpee/6WRYtTfLhOR1JDof4tc=");
  const bitget = loginMessage(keys, "/user/verify", 1_795_233_163);
  assert.equal(signOf(bitget), "4ctsV5TncCO70M9O6m70mE+tTYynSrlc9IOGbCsurA0=");
  assert.deepEqual(authMessage(keys, 1_795_233_157_044)["args"], [
    "key",
    "1795233157044",
    "06b72a61c39b96151e6031d9d9730ddd5f3449d911db6ab5c1a1ca6a80723186",
  ]);
  const gate = channelMessage(keys, { channel: "futures.orders", payload: ["7"], seconds: 1_795_233_155 });
  assert.equal(
    recordOf(gate["auth"])["SIGN"],
    "607a7596ecc2cc1b1fd87521afe41c958dc5f9a45de333cb318b4d6ab780bc0e" +
      "4606a9baaaec8a1c64568c27689b72e040d46fc5dc554021828d47aa77a9c79c",
  );
});
