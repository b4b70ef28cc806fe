// How one RPC answers, for grpc-js: unary, streaming and two-way handlers around an implementation. Every call is a
// RunningCall (call.ts); nothing here decides who may call.

import type {
  Metadata,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { BugError } from "../base/assert.ts";
import { type CallSurroundings, heard, RunningCall } from "./call.ts";
import type { Decoded, Method, RpcOffering } from "./method.ts";
import { pump } from "./pump.ts";
import { RpcRefusal } from "./refusal.ts";
import { toWire } from "./refusal-wire.ts";

/** What `Server.addService` of grpc-js takes. */
export function registration(
  service: RpcOffering,
  surroundings: CallSurroundings,
): [ServiceDefinition, UntypedServiceImplementation] {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const method of service.methods) {
    const { path, requestStream, responseStream, decode, encode } = method;
    definition[method.name] = {
      path,
      requestStream,
      responseStream,
      requestDeserialize: decode,
      requestSerialize: impossible,
      responseSerialize: encode,
      responseDeserialize: impossible,
    };
    const answer = answererOf(service, method);
    if (!responseStream) implementation[method.name] = unary(method, answer, surroundings);
    else if (requestStream) implementation[method.name] = both(method, answer, surroundings);
    else implementation[method.name] = streaming(method, answer, surroundings);
  }
  return [definition, implementation];
}

const impossible = (): never => {
  throw new BugError("a server sends no requests");
};

type Answer = (request: unknown, call: RunningCall) => unknown;

function answererOf({ implementation }: RpcOffering, method: Method): Answer {
  return (request, { context }) => {
    const answer: unknown = Reflect.get(implementation, method.key);
    if (typeof answer !== "function") {
      const message = `${method.service}.${method.name} is not part of this process`;
      throw new RpcRefusal({ status: "UNIMPLEMENTED", reason: "UNSUPPORTED", message, outcome: "not_sent" });
    }
    return Reflect.apply(answer, implementation, [request, context]);
  };
}

function requestOf(decoded: Decoded): unknown {
  if ("request" in decoded) return decoded.request;
  const message = `the request cannot be read: ${decoded.error}`;
  throw new RpcRefusal({ status: "INVALID_ARGUMENT", reason: "INVALID", message, outcome: "not_sent" });
}

type UnaryReply = (error: ReturnType<typeof toWire> | null, value?: unknown) => void;

function unary(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerUnaryCall<Decoded, unknown>, reply: UnaryReply): void => {
    const life = new RunningCall(call, method, surroundings);
    let over = false;
    const end = (refusal: RpcRefusal | null, value?: unknown): void => {
      if (over) return;
      over = true;
      life.finish(refusal);
      call.sendMetadata(life.header);
      reply(refusal === null ? null : toWire(refusal), value);
    };
    const fail = (error: unknown): void => end(heard(error, life.requestId));
    life.signal.addEventListener("abort", () => fail(life.signal.reason), { once: true });
    try {
      life.begin(call.getDeadline());
      const request = requestOf(call.request);
      life.about(request);
      Promise.resolve(answer(request, life)).then((value) => end(null, value), fail);
    } catch (error) {
      fail(error);
    }
  };
}

function streaming(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerWritableStream<Decoded, unknown>): void => {
    const life = new RunningCall(call, method, surroundings);
    void run(call, life, () => answer(requestOf(call.request), life));
  };
}

function both(method: Method, answer: Answer, surroundings: CallSurroundings) {
  return (call: ServerDuplexStream<Decoded, unknown>): void => {
    const life = new RunningCall(call, method, surroundings);
    void run(call, life, () => answer(requestsOf(call), life));
  };
}

/**
 * What the caller sends, one at a time. By events: an iterator of Node's over a two-way stream does not end when the
 * caller has said its last word and still listens.
 */
async function* requestsOf(call: InStream): AsyncGenerator<unknown> {
  const arrived: Decoded[] = [];
  let ended = false;
  let wake = (): void => undefined;
  call.on("data", (decoded) => {
    arrived.push(decoded);
    call.pause();
    wake();
  });
  for (const event of ["end", "cancelled", "close"] as const) {
    call.on(event, () => {
      ended = true;
      wake();
    });
  }
  while (!ended || arrived.length > 0) {
    const decoded = arrived.shift();
    if (decoded !== undefined) yield requestOf(decoded);
    else {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      call.resume();
      if (!ended && arrived.length === 0) await promise;
    }
  }
}

interface InStream {
  on(event: "data", listener: (decoded: Decoded) => void): unknown;
  on(event: "end" | "cancelled" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

interface OutStream {
  write(message: unknown): boolean;
  once(event: "drain", listener: () => void): unknown;
  emit(event: "error", error: { code: number; details: string; metadata: Metadata }): boolean;
  end(): unknown;
  sendMetadata(header: Metadata): void;
  getDeadline(): Date | number;
}

function counting(out: OutStream, life: RunningCall): Pick<OutStream, "write" | "once"> {
  return {
    write: (message) => {
      life.sent();
      return out.write(message);
    },
    once: (event, listener) => out.once(event, listener),
  };
}

async function run(out: OutStream, life: RunningCall, open: () => unknown): Promise<void> {
  try {
    out.sendMetadata(life.header);
    life.begin(out.getDeadline());
    const source = open();
    if (!isAsyncIterable(source)) throw new BugError(`${life.method.path} gave no stream`);
    await pump(counting(out, life), source, life.signal);
    life.finish(null);
    out.end();
  } catch (error) {
    const refusal = heard(error, life.requestId);
    life.finish(refusal);
    out.emit("error", toWire(refusal));
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
