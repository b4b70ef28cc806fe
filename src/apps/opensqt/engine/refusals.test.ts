// What a refused call says to a person: above all whether what was told may have arrived.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientError, Status } from "nice-grpc-common";
import { RpcRefusal, refusalOf } from "../../../rpc/refusal.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { CommandError } from "../output.ts";
import { asCommandError } from "./refusals.ts";

const ADDRESS = "127.0.0.1:8081";
const METHOD = "/opensqt.market_maker.v1.BotService/SendCommand";

function told(error: unknown): CommandError {
  const said = asCommandError(error, ADDRESS);
  assert.ok(said instanceof CommandError);
  return said;
}

test("API-22 a command cut off may have arrived; a question, or one where nobody listens, has not", () => {
  const cut = new ClientError(METHOD, Status.UNAVAILABLE, "read ECONNRESET");
  const { message, hint, exitCode } = told(cut);
  assert.equal(message, `${ADDRESS} does not answer: the connection was cut`);
  assert.equal(hint, "What was told may have arrived all the same: look with opensqt status.");
  assert.equal(exitCode, EXIT_CODES.unreachable);
  const late = new ClientError(METHOD, Status.DEADLINE_EXCEEDED, "Deadline exceeded after 5.002s");
  assert.equal(told(late).hint, hint);

  const question = refusalOf(cut);
  question.wasRead = true;
  const refused = new ClientError(METHOD, Status.UNAVAILABLE, "connect ECONNREFUSED 127.0.0.1:8081");
  for (const safe of [question, refused]) assert.match(told(safe).hint, /^Is it running\?/);
});

test("API-23 the server's own sentence is shown with what it names, and what to do", () => {
  const parts = { reason: "STALE", message: "the revision is 4" } as const;
  const violations = [
    { field: "revision", description: "the revision is 4" },
    { field: "reason", description: "it is empty" },
  ];
  const cases: readonly [RpcRefusal, number, string, string][] = [
    [
      new RpcRefusal({ ...parts, status: "ABORTED", violations }),
      EXIT_CODES.refused,
      "the revision is 4\nreason: it is empty",
      "It was changed meanwhile: look again, then repeat.",
    ],
    [
      new RpcRefusal({ ...parts, status: "PERMISSION_DENIED" }),
      EXIT_CODES.credentials,
      "the revision is 4",
      "The key shown is of a lower role.",
    ],
    [
      new RpcRefusal({ ...parts, status: "UNAVAILABLE", retryAfterMs: 1_200 }),
      EXIT_CODES.unreachable,
      "the revision is 4",
      "Try again in 2 s.",
    ],
    [new RpcRefusal({ ...parts, status: "FAILED_PRECONDITION" }), EXIT_CODES.checkFailed, "the revision is 4", ""],
    [new RpcRefusal({ ...parts, status: "INTERNAL" }), EXIT_CODES.unexpected, "the revision is 4", ""],
  ];
  for (const [refusal, code, message, hint] of cases) {
    const said = told(refusal);
    assert.deepEqual([said.exitCode, said.message, said.hint], [code, message, hint], refusal.status);
  }
});

test("OPS-13 a fault of the command's own goes on as it is, with its stack; so does an error with an exit code", () => {
  for (const error of [
    new TypeError("undefined is not a function"),
    new CommandError(EXIT_CODES.usage, "give a name"),
    Object.assign(new Error("held"), { exitCode: EXIT_CODES.leaseHeld }),
  ]) {
    assert.equal(asCommandError(error, ADDRESS), error);
  }
});
