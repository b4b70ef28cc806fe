import assert from "node:assert/strict";
import { test } from "node:test";
import { readPrice, readQuantity } from "./amounts.ts";
import { RequestLimits } from "./limits.ts";
import { oddNumbers } from "./odd-numbers.ts";
import { objectParameters, requestParameters } from "./parameters.ts";
import { refusalReply } from "./refusals.ts";
import { admit } from "./security.ts";
import { signatureHolds, signatureOf, signedParameters, signedText } from "./signature.ts";

const EXAMPLE = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
const ORDER = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";

test("EMU-37 the published signatures of Binance pass", () => {
  const vectors: readonly (readonly [string, string, string])[] = [
    [EXAMPLE, `symbol=LTCBTC&${ORDER}`, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"],
    [
      EXAMPLE,
      `symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&${ORDER}`,
      "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
    ],
  ];
  for (const [secret, text, signature] of vectors) {
    assert.equal(signatureOf(secret, text), signature);
    const sent = signedText(`${text}&signature=${signature}`, "");
    assert.equal(sent.text, text);
    assert.ok(signatureHolds(secret, sent.text, sent.signature ?? ""));
    assert.ok(!signatureHolds(secret, `${sent.text} `, signature));
  }
  const params = objectParameters({ timestamp: 1786534420770, recvWindow: 10000, apiKey: "key", signature: "…" });
  const text = signedParameters(params.entries());
  assert.equal(text, "apiKey=key&recvWindow=10000&timestamp=1786534420770");
  assert.equal(signatureOf("secretsecret", text), "93caaafd14b60b1025ee09a57a706233d83effbf45125ce26d090b53060edab0");
});

test("EMU-10 parameters come by query, by body or by both, and the query wins", () => {
  const mixed = requestParameters("symbol=BTCUSDT&side=BUY", "side=SELL&price=1");
  assert.deepEqual(
    ["symbol", "side", "price"].map((name) => mixed.text(name)),
    ["BTCUSDT", "BUY", "1"],
  );
  const orders = [{ symbol: "BTCUSDT", price: "1" }];
  const raw = requestParameters("", `batchOrders=${JSON.stringify(orders)}&timestamp=1`);
  const encoded = requestParameters(`batchOrders=${encodeURIComponent(JSON.stringify(orders))}`, "");
  for (const sent of [raw, encoded]) assert.deepEqual(sent.list("batchOrders"), { ok: true, value: orders });
  for (const name of ["orderidlist", "orderIdList"]) {
    const found = requestParameters(`${name}=%5B1%2C2%5D`, "").list("orderIdList", "orderidlist");
    assert.deepEqual(found, { ok: true, value: [1, 2] });
  }
});

test("EMU-06 what is signed is query then body as they were sent, wherever the signature stands", () => {
  for (const [query, body] of [
    ["a=1&b=%20&signature=ff", "c=3"],
    ["a=1&b=%20", "c=3&signature=ff"],
    ["a=1&b=%20", "signature=ff&c=3"],
  ] as const) {
    assert.deepEqual(signedText(query, body), { text: "a=1&b=%20c=3", signature: "ff" });
  }
});

test("EMU-06 key, clock, signature and rights are looked at strictly", () => {
  const account = {
    name: "a",
    apiKey: "k",
    secret: "s",
    passphrase: "",
    userId: 1,
    rights: { trade: true, withdraw: false, transfer: false },
    ipRestricted: true,
    positionMode: "one-way" as const,
    leverage: new Map(),
    marginMode: new Map(),
    skewMs: 0,
    revoked: false,
  };
  const world = {
    accountByKey: (key: string) => (key === "k" ? account : null),
    timeFor: () => 100_000 + account.skewMs,
  };
  const codeOf = (query: string, apiKey: string | null = "k", secret = "s"): number => {
    const credentials = { apiKey, text: query, signature: signatureOf(secret, query) };
    const admitted = admit(world, "trade", { credentials, parameters: requestParameters(query, "") });
    return admitted.ok ? 0 : admitted.error.code;
  };
  assert.equal(codeOf("timestamp=100000"), 0);
  assert.equal(codeOf("timestamp=100000", null), -2014);
  assert.equal(codeOf("timestamp=100000", "x"), -2015);
  assert.equal(codeOf("timestamp=100000", "k", "wrong"), -1022);
  assert.equal(codeOf("a=1"), -1102);
  assert.equal(codeOf("timestamp=101000"), 0, "a second ahead is allowed");
  assert.equal(codeOf("timestamp=101001"), -1021);
  assert.equal(codeOf("timestamp=95000"), 0);
  assert.equal(codeOf("timestamp=94999"), -1021);
  assert.equal(codeOf("timestamp=94999&recvWindow=6000"), 0);
  assert.equal(codeOf("timestamp=100000&recvWindow=60001"), -1100);
  account.skewMs = 10_000;
  assert.equal(codeOf("timestamp=100000"), -1021, "the account's own clock counts");
  account.skewMs = 0;
  account.rights.trade = false;
  assert.equal(codeOf("timestamp=100000"), -2015);
  account.rights.trade = true;
  account.revoked = true;
  assert.equal(codeOf("timestamp=100000"), -2015);
});

test("EMU-12 over the weight comes 429, and 418 for who goes on, twice as long each time", () => {
  const limits = new RequestLimits({ weightPerMinute: 100, ordersPer10S: 3, ordersPerMinute: 5 });
  assert.equal(limits.charge("ip", 60, 0), null);
  assert.equal(limits.charge("other", 60, 0), null, "limits are by IP");
  assert.equal(limits.charge("ip", 40, 1_000), null);
  const over = limits.charge("ip", 1, 2_000);
  assert.deepEqual([over?.status, over?.code, over?.retryAfterS], [429, -1003, 58]);
  assert.equal(refusalReply(over ?? assert.fail()).headers?.["retry-after"], "58");
  assert.equal(limits.charge("ip", 1, 2_001)?.status, 429);
  assert.equal(limits.charge("ip", 1, 2_002)?.status, 429);
  const banned = limits.charge("ip", 1, 2_003);
  assert.deepEqual([banned?.status, banned?.retryAfterS], [418, 120]);
  assert.equal(limits.charge("ip", 1, 61_000)?.status, 418, "a new minute does not end it");
  assert.equal(limits.charge("ip", 100, 122_003), null);
  for (const atMs of [122_004, 122_005, 122_006]) assert.equal(limits.charge("ip", 1, atMs)?.status, 429);
  assert.equal(limits.charge("ip", 1, 122_007)?.retryAfterS, 240);
});

test("EMU-12 orders are counted by account in ten seconds and in a minute, and told in headers", () => {
  const limits = new RequestLimits({ weightPerMinute: 100, ordersPer10S: 3, ordersPerMinute: 5 });
  assert.equal(limits.countOrders("a", 3, 0), null);
  assert.deepEqual(limits.headers("ip", "a", 5), {
    "x-mbx-used-weight-1m": "0",
    "x-mbx-order-count-10s": "3",
    "x-mbx-order-count-1m": "3",
  });
  assert.equal(limits.countOrders("a", 1, 1)?.code, -1015);
  assert.equal(limits.countOrders("b", 1, 1), null);
  assert.equal(limits.countOrders("a", 1, 10_000), null);
  assert.equal(limits.countOrders("a", 1, 20_000)?.retryAfterS, 40);
});

test("EMU-12 an IP may open only so many sockets in five minutes", () => {
  const limits = new RequestLimits({ weightPerMinute: 1, ordersPer10S: 1, ordersPerMinute: 1, dialsPer5Min: 2 });
  assert.deepEqual(
    [0, 1, 100_000, 300_000].map((atMs) => limits.countDial("ip", atMs)?.retryAfterS ?? null),
    [null, null, 200, null],
  );
  assert.equal(limits.countDial("other", 2), null);
});

test("EMU-18 a text with too many digits is told apart from one off the grid", () => {
  const instrument = { tickSize: "0.5", lotSize: "0.001" };
  assert.deepEqual(readPrice(instrument, "10.50"), { ok: true, value: 21 });
  assert.deepEqual(readPrice(instrument, "1.05e1"), { ok: true, value: 21 });
  assert.deepEqual(readPrice(instrument, "10.3"), { ok: false, error: "grid" });
  assert.deepEqual(readPrice(instrument, "10.55"), { ok: false, error: "precision" });
  assert.deepEqual(readPrice(instrument, "NaN"), { ok: false, error: "malformed" });
  assert.deepEqual(readPrice(instrument, "1e300"), { ok: false, error: "size" });
  assert.deepEqual(readQuantity(instrument, "0.002"), { ok: true, value: 2 });
});

test("EMU-28 odd numbers are the same numbers in other shapes", () => {
  const body = { a: "0.010", b: "1.5", c: "2.25", d: "7.0", e: 1700000000000, f: 1700000000001, g: "abc1.0" };
  const odd = JSON.parse(oddNumbers(JSON.stringify(body))) as Record<string, unknown>;
  for (const [name, value] of Object.entries(body)) {
    if (name === "g") assert.equal(odd[name], value);
    else assert.equal(Number(odd[name]), Number(value));
  }
  assert.notDeepEqual(odd, body);
});
