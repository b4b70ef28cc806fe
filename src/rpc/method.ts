// One RPC as grpc-js wants it, from the definitions ts-proto generates or from grpc-js' own. A request nobody can
// decode becomes a value, so that the caller hears INVALID_ARGUMENT and not a fault of ours.

import type { GrpcJsServiceDefinition, ServiceImplementation, TsProtoServiceDefinition } from "nice-grpc";
import { asBuffer } from "./bytes.ts";

export interface Method {
  /** As `/opensqt.market_maker.v1.BotService/GetBot`. */
  readonly path: string;
  readonly service: string;
  readonly name: string;
  /** Name of its function in an implementation. */
  readonly key: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly decode: (bytes: Buffer) => Decoded;
  readonly encode: (response: unknown) => Buffer;
}

export type Decoded = { readonly request: unknown } | { readonly error: string };

export interface RpcOffering {
  readonly fullName: string;
  readonly methods: readonly Method[];
  readonly implementation: object;
}

/** A service and what answers for it. A method that is left out answers UNIMPLEMENTED. */
export function rpcService<D extends TsProtoServiceDefinition>(
  definition: D,
  implementation: Partial<ServiceImplementation<D>>,
): RpcOffering {
  return { fullName: definition.fullName, methods: methodsOf(definition), implementation };
}

export function methodsOf(definition: TsProtoServiceDefinition): Method[] {
  return Object.entries(definition.methods).map(([key, method]) => ({
    path: `/${definition.fullName}/${method.name}`,
    service: definition.name,
    name: method.name,
    key,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    decode: decoding((bytes) => method.requestType.decode(bytes)),
    encode: (response) => {
      const type = method.responseType;
      return asBuffer(type.encode(type.fromPartial?.(response) ?? response).finish());
    },
  }));
}

/** Methods of a definition written for grpc-js itself (reflection). */
export function foreignMethodsOf(definition: GrpcJsServiceDefinition): Method[] {
  return Object.entries(definition).map(([key, method]) => {
    const [, service = "", name = ""] = method.path.split("/");
    return {
      path: method.path,
      service: service.slice(service.lastIndexOf(".") + 1),
      name,
      key,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      decode: decoding((bytes) => method.requestDeserialize(bytes)),
      encode: (response) => method.responseSerialize(response),
    };
  });
}

function decoding(decode: (bytes: Buffer) => unknown): (bytes: Buffer) => Decoded {
  return (bytes) => {
    try {
      return { request: decode(bytes) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}
