// The calls of the operator door (API-37): twelve RPCs, each with its own handler of the gRPC services, so that a
// browser and a gRPC client are checked and journaled alike.

import type { CallContext } from "nice-grpc-common";
import {
  BotServiceDefinition,
  type BotServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/bot.ts";
import {
  RiskServiceDefinition,
  type RiskServiceImplementation,
} from "../../rpc/generated/opensqt/market_maker/v1/risk.ts";
import { type RequestType, requestFrom } from "./request-json.ts";

/** One RPC as the door calls it: a parsed body in, JSON messages out. */
export interface DoorCall {
  readonly service: string;
  readonly name: string;
  /** gRPC path: its row in the table of roles. */
  readonly path: string;
  readonly streams: boolean;
  /** Throws INVALID_ARGUMENT for a body that is none. */
  run(body: unknown, context: CallContext): AsyncIterable<unknown>;
}

interface ResponseType<T> {
  fromPartial(object: unknown): T;
  toJSON(message: T): unknown;
}

interface RpcMethod<Request, Response> {
  readonly name: string;
  readonly requestType: RequestType<Request>;
  readonly responseType: ResponseType<Response>;
  readonly responseStream: boolean;
}

export function doorCalls(bot: BotServiceImplementation, risk: RiskServiceImplementation): readonly DoorCall[] {
  const bots = BotServiceDefinition.methods;
  const risks = RiskServiceDefinition.methods;
  return [
    unary(BotServiceDefinition, bots.pauseBot, (request, context) => bot.pauseBot(request, context)),
    unary(BotServiceDefinition, bots.resumeBot, (request, context) => bot.resumeBot(request, context)),
    unary(BotServiceDefinition, bots.stopBot, (request, context) => bot.stopBot(request, context)),
    unary(BotServiceDefinition, bots.flattenBot, (request, context) => bot.flattenBot(request, context)),
    unary(BotServiceDefinition, bots.updateBot, (request, context) => bot.updateBot(request, context)),
    unary(BotServiceDefinition, bots.sendCommand, (request, context) => bot.sendCommand(request, context)),
    unary(BotServiceDefinition, bots.startWhatIf, (request, context) => bot.startWhatIf(request, context)),
    unary(BotServiceDefinition, bots.cancelWhatIf, (request, context) => bot.cancelWhatIf(request, context)),
    stream(RiskServiceDefinition, risks.triggerKillSwitch, (request, context) =>
      risk.triggerKillSwitch(request, context),
    ),
    unary(RiskServiceDefinition, risks.resetKillSwitch, (request, context) => risk.resetKillSwitch(request, context)),
    unary(RiskServiceDefinition, risks.openCircuitBreaker, (request, context) =>
      risk.openCircuitBreaker(request, context),
    ),
    unary(RiskServiceDefinition, risks.closeCircuitBreaker, (request, context) =>
      risk.closeCircuitBreaker(request, context),
    ),
  ];
}

type Of = { readonly name: string; readonly fullName: string };

function unary<Request, Response>(
  of: Of,
  method: RpcMethod<Request, Response>,
  answer: (request: Request, context: CallContext) => Promise<unknown>,
): DoorCall {
  return stream(of, method, async function* (request, context) {
    yield await answer(request, context);
  });
}

function stream<Request, Response>(
  of: Of,
  { name, requestType, responseType, responseStream }: RpcMethod<Request, Response>,
  answer: (request: Request, context: CallContext) => AsyncIterable<unknown>,
): DoorCall {
  return {
    service: of.name,
    name,
    path: `/${of.fullName}/${name}`,
    streams: responseStream,
    run: async function* (body, context) {
      const request = requestFrom(requestType, body ?? {});
      for await (const message of answer(request, context)) {
        yield responseType.toJSON(responseType.fromPartial(message));
      }
    },
  };
}
