// Whatever bytes come over /ws: frames of a client gone mad, frames that are none, handshakes of somebody else's
// protocol. The sender alone is ended, it is counted, and everybody else goes on being shown what happens. A failure
// prints its seed.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import test from "node:test";
import fc from "fast-check";
import { type House, inHouse, metricOf } from "./server.fixture.ts";

const RUNS = Number(process.env["OPENSQT_PROPERTY_RUNS"] ?? 200);

/** Each sender has an address of its own: an address may open ten a second. */
const address: fc.Arbitrary<string> = fc
  .tuple(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 250 }))
  .map(([a, b]) => `127.1.${a}.${b}`);

const type = fc.constantFrom(
  "subscribe",
  "unsubscribe",
  "candles",
  "explain",
  "config",
  "preview",
  "state",
  "what_if",
  "__proto__",
);
const field = fc.constantFrom(
  "topics",
  "of",
  "requestId",
  "id",
  "bot",
  "exchange",
  "symbol",
  "interval",
  "before",
  "at",
);
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>("../../etc/passwd", "a\0b", "x".repeat(3_000), -1, 1e308, 2 ** 53, [["hello"]], { $ne: "" }),
);
/** Nearly right: known types and fields, holding anything. */
const almost = fc
  .tuple(type, fc.dictionary(field, value, { maxKeys: 6 }))
  .map(([name, fields]) => JSON.stringify({ ...fields, type: name }));
const said: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  almost,
  fc.json(),
  fc.string({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom("", "[".repeat(4_000), `{"type":${"[".repeat(2_000)}`, "x".repeat(5_000), "null", "[]"),
);

/** A good viewer is shown what happens now. */
async function isShown({ feed }: House, good: Awaited<ReturnType<House["connect"]>>): Promise<void> {
  const before = good.texts.length;
  feed.tick();
  await good.until((text) => good.texts.lastIndexOf(text) >= before);
}

const faults = (house: House): readonly string[] =>
  house.logged.filter((line) => line.includes('"level":"error"') || line.includes('"level":"fatal"'));

test("LIVE-10 LIVE-14 whatever a client says, nearly right or raving, it is answered or ended alone", async () => {
  await inHouse({}, async (house) => {
    const good = await house.connect({ protocol: "opensqt.v2" });
    const property = fc.asyncProperty(
      address,
      fc.boolean(),
      fc.array(said, { minLength: 1, maxLength: 12 }),
      async (localAddress, console, all) => {
        const connection = await house.connect({ localAddress, ...(console ? { protocol: "opensqt.v2" } : {}) });
        if (connection.status !== 101) return;
        for (const each of all) connection.socket.send(each);
        connection.socket.close();
        const { code } = await connection.closed;
        assert.ok([1000, 1003, 1005, 1006, 1007, 1008, 1009].includes(code), `closed with ${code}`);
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: 1 });
    await isShown(house, good);
    assert.deepEqual(faults(house), []);
    assert.ok((await metricOf(house.metrics, 'opensqt_ws_ended_total{reason="size"}')) > 0);
    good.socket.close();
    await good.closed;
    assert.equal(house.server.clients, 0, "nobody is left behind");
  });
});

const HEAD =
  "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";

/** A frame whose head says what it likes: any opcode, reserved bits, no mask, a length that never comes. */
const frame = fc
  .tuple(fc.nat(255), fc.constantFrom(0, 1, 125, 126, 127, 128, 129, 254, 255), fc.uint8Array({ maxLength: 40 }))
  .map(([first, second, rest]) => Buffer.concat([Uint8Array.of(first, second), rest]));

test("LIVE-10 bytes that are no frames end their sender alone", async () => {
  await inHouse({}, async (house) => {
    const good = await house.connect({ protocol: "opensqt.v2" });
    const property = fc.asyncProperty(address, fc.array(frame, { maxLength: 8 }), async (localAddress, frames) => {
      const socket = connectTcp({ port: house.server.port, host: "127.0.0.1", localAddress });
      socket.on("error", () => undefined);
      socket.resume();
      await once(socket, "connect");
      socket.write(`${HEAD}Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`);
      socket.end(Buffer.concat(frames));
      if (!socket.closed) await once(socket, "close");
    });
    await fc.assert(property, { numRuns: RUNS, seed: 2 });
    await isShown(house, good);
    assert.deepEqual(faults(house), []);
    assert.ok((await metricOf(house.metrics, 'opensqt_ws_ended_total{reason="fault"}')) > 0);
  });
});

test("LIVE-10 a handshake with any header and subprotocol is accepted or refused, and none stays half open", async () => {
  await inHouse({}, async (house) => {
    const good = await house.connect({ protocol: "opensqt.v2" });
    const name = fc.constantFrom("origin", "cookie", "authorization", "sec-websocket-extensions", "x-forwarded-for");
    const printable = fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) });
    const protocol = fc.oneof(
      fc.constantFrom("opensqt.v1", "opensqt.v2x", "graphql-ws", "a".repeat(2_000)),
      fc.constant("opensqt.v2"),
    );
    const path = fc.constantFrom(
      "/ws",
      "/ws?symbol=../../x",
      "/ws?symbol=%00",
      "/ws/",
      "//ws",
      "/%77s",
      "/ws?exchange[]=1",
    );
    const property = fc.asyncProperty(
      fc.tuple(address, path, protocol),
      fc.dictionary(name, printable, { maxKeys: 4 }),
      async ([localAddress, where, offered], headers) => {
        const { status, socket, refusal } = await house.connect({
          localAddress,
          path: where,
          protocol: offered,
          headers,
        });
        assert.ok([101, 400, 401, 403, 404, 429].includes(status), `${status} ${refusal?.text}`);
        const said = refusal?.text ?? "";
        assert.ok(status === 101 || said.includes('"code":"') || said === "Bad Request", said);
        socket.terminate();
      },
    );
    await fc.assert(property, { numRuns: RUNS, seed: 3 });
    await isShown(house, good);
    assert.deepEqual(faults(house), []);
    const refused = await metricOf(house.metrics, 'websocket_rejected_total{reason="protocol"}');
    assert.ok(refused > 0, "refusals are counted");
  });
});
