// Server reflection (grpc.reflection.v1): what `buf curl` and its like ask before they call.

import { ServerReflection, ServerReflectionService } from "nice-grpc-server-reflection";
import { descriptorSet } from "./generated/descriptors.ts";
import { foreignMethodsOf, type RpcOffering } from "./method.ts";

const NAME = "grpc.reflection.v1.ServerReflection";
export const REFLECTION_PATH = `/${NAME}/ServerReflectionInfo`;

/** Tells of the services named, and of nothing else. */
export function reflectionService(fullNames: readonly string[]): RpcOffering {
  const methods = foreignMethodsOf(ServerReflectionService);
  return { fullName: NAME, methods, implementation: ServerReflection(descriptorSet, fullNames) };
}
