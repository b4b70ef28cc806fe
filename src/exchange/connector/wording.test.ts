import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SubscribeAccountResponse,
  SubscribeOrdersResponse,
} from "../../rpc/generated/opensqt/market_maker/v1/exchange.ts";
import { StreamKind } from "../../rpc/generated/opensqt/market_maker/v1/types.ts";
import { wholeMessages } from "./wording.ts";

const { methods } = wholeMessages();
const meta = (sequence: number) => ({ kind: StreamKind.UPDATE, sequence, resumeToken: `t${sequence}`, sentAtMs: 1 });

test("API-15 what many subscribers hear is encoded once, and each hears it under its own head", () => {
  const { update } = SubscribeOrdersResponse.fromPartial({
    update: { order: { clientOrderId: "o1", price: { value: "1.5" } }, cause: "order" },
  });
  for (const sequence of [1, 2, 3]) {
    const message = SubscribeOrdersResponse.fromPartial({ meta: meta(sequence) });
    const whole = { ...message, update };
    const bytes = methods.subscribeOrders.responseType.encode(whole).finish();
    assert.deepEqual(SubscribeOrdersResponse.decode(bytes), whole);
  }
  const beat = SubscribeOrdersResponse.fromPartial({ meta: meta(4) });
  assert.deepEqual(SubscribeOrdersResponse.decode(methods.subscribeOrders.responseType.encode(beat).finish()), beat);
});

test("API-15 one account told with and without a payment keeps them apart", () => {
  const { account, fundingPayment } = SubscribeAccountResponse.fromPartial({
    account: { quoteAsset: "USDT", availableBalance: { value: "1" } },
    fundingPayment: { id: "p", amount: { value: "-1" } },
  });
  for (const payment of [undefined, fundingPayment, undefined]) {
    const message = { ...SubscribeAccountResponse.fromPartial({ meta: meta(1) }), account, fundingPayment: payment };
    const bytes = methods.subscribeAccount.responseType.encode(message).finish();
    assert.deepEqual(SubscribeAccountResponse.decode(bytes), message);
  }
});
