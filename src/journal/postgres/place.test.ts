// What is printed of a database's URL: its place, never a secret, however the password was written.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JournalError } from "../errors.ts";
import { PostgresDatabase } from "./database.ts";
import { placeOf, urlProblem } from "./place.ts";

const PLACE = "postgres db.example.org:5432/opensqt";
const urlOf = (user: string, password: string, scheme = "postgresql"): string =>
  `${scheme}://${user}:${password}@db.example.org:5432/opensqt`;

test("OPS-06 the place of a database is its host, port and name, of any form of its URL", () => {
  for (const [url, place] of [
    [urlOf("hugo", "secret"), PLACE],
    [urlOf("hugo", "secret", "postgres"), PLACE],
    ["postgresql://db.example.org/opensqt", "postgres db.example.org/opensqt"],
    ["postgresql://[::1]:5432/opensqt", "postgres [::1]:5432/opensqt"],
    ["postgresql:///opensqt", "postgres on this machine/opensqt"],
    ["postgresql://hugo:secret@/opensqt?host=/run/postgresql", "postgres on this machine/opensqt"],
    ["postgresql://%2Frun%2Fpostgresql/opensqt", "postgres on this machine/opensqt"],
    ["postgresql://db.example.org/opensqt?user=hugo&password=secret", "postgres db.example.org/opensqt"],
    ["postgresql://db.example.org/opensqt#secret", "postgres db.example.org/opensqt"],
    ["postgresql://db.example.org", "postgres db.example.org"],
    ["mysql://hugo:secret@db.example.org/opensqt", "postgres"],
    ["secret", "postgres"],
    ["", "postgres"],
  ] as const) {
    assert.equal(placeOf(url), place, url);
  }
});

test("OPS-06 no password is printed, raw or encoded, whatever is in it", () => {
  const nasty = [
    "12/34",
    "12?34",
    "12#34",
    "a@b",
    "a@12/34",
    ":",
    "a:12/34",
    "/",
    "?",
    "#",
    "@",
    "%",
    "%zz",
    "p w",
    "\\",
  ];
  for (const password of nasty) {
    assert.equal(placeOf(urlOf("hugo", encodeURIComponent(password))), PLACE, password);
    assert.match(placeOf(urlOf("hugo", password)), /^postgres(?: db\.example\.org:5432\/opensqt)?$/, password);
    assert.equal(placeOf(`postgresql://db.example.org/opensqt?password=${password}`).includes("34"), false, password);
  }
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "grapheme" }), (user, password) => {
      const encoded = urlOf(encodeURIComponent(user), encodeURIComponent(password.toWellFormed()));
      assert.equal(placeOf(encoded), PLACE);
      assert.ok(["postgres", PLACE].includes(placeOf(urlOf(user, password))), `${user}:${password}`);
    }),
  );
});

test("OPS-06 a URL that cannot be read is refused before anything is sent anywhere, and not repeated", async (t) => {
  assert.equal(urlProblem(urlOf("hugo", "12%2F34")), null);
  const database = new PostgresDatabase({ url: urlOf("hugo", "12/34") });
  t.after(() => database.abandon());
  assert.equal(database.isThere(), false);
  const refused = (error: unknown): boolean =>
    error instanceof JournalError && error.code === "STORE_UNREACHABLE" && !/34|hugo|db\.example/.test(error.message);
  assert.throws(() => database.read({ sql: "SELECT 1", values: [] }), refused);
});
