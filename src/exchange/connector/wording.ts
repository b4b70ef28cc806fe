// How messages of ExchangeService become bytes: handlers return them whole, so nothing is filled in or copied, and what
// a topic tells to many subscribers is encoded once. Only the head differs from one subscriber to the next.

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { ExchangeServiceDefinition } from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";

interface MessageType {
  encode(message: never, writer?: BinaryWriter): BinaryWriter;
  decode(bytes: Uint8Array): unknown;
}

/** Field of each stream's message that every subscriber gets alike. */
const SHARED: Readonly<Record<string, string>> = {
  subscribeBook: "book",
  subscribeKlines: "candle",
  subscribeFundingRate: "rate",
  subscribeOrders: "update",
  subscribeAccount: "account",
  subscribePositions: "position",
};

/** The definition with the encoders above; requests are read as generated. */
export function wholeMessages(): typeof ExchangeServiceDefinition {
  const methods = Object.fromEntries(
    Object.entries(ExchangeServiceDefinition.methods).map(([key, method]) => {
      const shared = SHARED[key];
      const type: MessageType = method.responseType;
      const encode = shared === undefined ? type.encode.bind(type) : sharing(type, shared);
      return [key, { ...method, responseType: { encode, decode: type.decode.bind(type) } }];
    }),
  );
  return { ...ExchangeServiceDefinition, methods: methods as typeof ExchangeServiceDefinition.methods };
}

/** Head and payload are fields of one message: their bytes one after the other are its bytes. */
function sharing(type: MessageType, field: string): (message: object) => BinaryWriter {
  const encoded = new WeakMap<object, Uint8Array>();
  const encode: (message: unknown, writer?: BinaryWriter) => BinaryWriter = type.encode.bind(type) as never;
  return (message) => {
    const payload: unknown = Reflect.get(message, field);
    // an account that comes with a payment is told seldom, and to few
    const alone = !("fundingPayment" in message) || message.fundingPayment === undefined;
    if (typeof payload !== "object" || payload === null || !alone) return encode(message);
    let bytes = encoded.get(payload);
    if (bytes === undefined) {
      bytes = encode({ ...message, meta: undefined }).finish();
      encoded.set(payload, bytes);
    }
    return encode({ ...message, [field]: undefined }, new BinaryWriter()).raw(bytes);
  };
}
