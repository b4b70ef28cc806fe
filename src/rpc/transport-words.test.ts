// gRPC's own words never reach a person.

import assert from "node:assert/strict";
import { test } from "node:test";
import { transportWords } from "./transport-words.ts";

test("API-22 what gRPC says of a broken connection is told in a trader's words", () => {
  const last = "connect ECONNREFUSED 127.0.0.1:1 (2026-11-21T10:00:00.000Z)";
  const refused = `No connection established. Last error: ${last}. Resolution note: `;
  const table: readonly (readonly [string, string])[] = [
    [refused, "nobody listens there (ECONNREFUSED)"],
    ["No connection established. Last error: null. Resolution note: ,", "no connection could be made"],
    ["Name resolution failed for target dns:connector:8080", "its name cannot be looked up"],
    ["Deadline exceeded after 5.002s,LB pick: 0.001s,remote_addr=127.0.0.1:8080", "no answer in time"],
    ["read ECONNRESET", "the connection was cut"],
    ["No connection established. Last error: self-signed certificate", "its certificate is not accepted"],
    ["Something new. Resolution note: ,", "Something new"],
    ["", "the call failed without a word"],
  ];
  for (const [details, words] of table) assert.equal(transportWords(details), words, details);
});
