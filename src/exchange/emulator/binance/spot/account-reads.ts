// What an account may ask about itself on Binance spot: balances, fees, its orders and its trades, and the few
// answers of the wallet API that ccxt wants before it trades.

import { fail, ok } from "../../../../base/result.ts";
import type { SimOrder } from "../../../../sim/order.ts";
import type { EmulatedInstrument, EmulatorWorld } from "../../world.ts";
import type { RequestLimits } from "../wire/limits.ts";
import { refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import type { AccountView } from "./account-view.ts";
import { moneyText, rateText } from "./amounts.ts";
import { limitOf } from "./market-reads.ts";
import type { SpotDesk } from "./order-desk.ts";
import { type OrderRecords, orderNumber } from "./order-records.ts";
import { lookedUp, ownTrade } from "./order-view.ts";
import { orderLimits } from "./spot-limits.ts";

export interface ReadParts {
  readonly world: EmulatorWorld;
  readonly records: OrderRecords;
  readonly accounts: AccountView;
  readonly desk: SpotDesk;
  readonly limits: RequestLimits;
}

export class AccountReads {
  private readonly parts: ReadParts;

  constructor(parts: ReadParts) {
    this.parts = parts;
  }

  readonly status = (call: Call): Answer =>
    ok(this.parts.accounts.status(accountOf(call), call.parameters.flag("omitZeroBalances") === true));

  readonly commission = (call: Call): Answer => {
    const listed = this.parts.desk.instrument(call.parameters);
    if (!listed.ok) return listed;
    const { wireName, instrument } = listed.value;
    return ok(this.parts.accounts.commission(accountOf(call), wireName, instrument.symbol));
  };

  readonly orderCounts = (call: Call): Answer => ok(orderLimits(this.parts.limits, accountOf(call).name, call.nowMs));

  readonly order = (call: Call): Answer => {
    const account = accountOf(call);
    const found = this.parts.desk.named(call, account);
    if (!found.ok) return found;
    const { listed, order } = found.value;
    return order === null ? fail(refusals.orderUnknown()) : ok(lookedUp(this.parts.desk.shown(account, listed, order)));
  };

  readonly openOrders = (call: Call): Answer => {
    const account = accountOf(call);
    const named = call.parameters.text("symbol");
    if (named === null) {
      const lists = this.parts.world
        .instruments("binance-spot")
        .map((listed) => this.told(call, listed, this.open(call, listed)));
      return ok(lists.flat());
    }
    const listed = this.parts.desk.instrument(call.parameters);
    if (!listed.ok) return listed;
    return ok(this.told(call, listed.value, this.parts.records.open(account, listed.value.instrument.symbol)));
  };

  readonly allOrders = (call: Call): Answer => {
    const { parameters } = call;
    const listed = this.parts.desk.instrument(parameters);
    if (!listed.ok) return listed;
    const limit = limitOf(parameters, { usual: 500, most: 1_000 });
    if (!limit.ok) return limit;
    const fromId = parameters.integer("orderId");
    if (!fromId.ok) return fromId;
    const startMs = parameters.integer("startTime");
    if (!startMs.ok) return startMs;
    const endMs = parameters.integer("endTime");
    if (!endMs.ok) return endMs;
    const within = this.parts.records.all(accountOf(call), listed.value.instrument.symbol).filter((order) => {
      const placedMs = Math.floor(order.acceptedUs / 1000);
      if (fromId.value !== null && orderNumber(order) < fromId.value) return false;
      return placedMs >= (startMs.value ?? 0) && placedMs <= (endMs.value ?? Number.POSITIVE_INFINITY);
    });
    const most = this.pageOf(call, limit.value);
    const from = fromId.value !== null || startMs.value !== null;
    return ok(this.told(call, listed.value, from ? within.slice(0, most) : within.slice(-most)));
  };

  readonly ownTrades = (call: Call): Answer => {
    const { parameters } = call;
    const account = accountOf(call);
    const listed = this.parts.desk.instrument(parameters);
    if (!listed.ok) return listed;
    const limit = limitOf(parameters, { usual: 500, most: 1_000 });
    if (!limit.ok) return limit;
    const fromId = parameters.integer("fromId");
    if (!fromId.ok) return fromId;
    const startMs = parameters.integer("startTime");
    if (!startMs.ok) return startMs;
    const endMs = parameters.integer("endTime");
    if (!endMs.ok) return endMs;
    const orderId = parameters.text("orderId");
    const { wireName, instrument } = listed.value;
    if (!this.parts.records.reaches({ fromId: fromId.value, startMs: startMs.value })) {
      return fail(refusals.interval24h());
    }
    const within = this.parts.records.fills(account, instrument.symbol).filter(({ n, fill }) => {
      if (orderId !== null && fill.exchangeOrderId !== orderId) return false;
      if (fromId.value !== null && n < fromId.value) return false;
      const atMs = fill.exchangeAtMs;
      return atMs >= (startMs.value ?? 0) && atMs <= (endMs.value ?? Number.POSITIVE_INFINITY);
    });
    const most = this.pageOf(call, limit.value);
    const from = fromId.value !== null || startMs.value !== null;
    const told = from ? within.slice(0, most) : within.slice(-most);
    return ok(told.map((fill) => ownTrade({ instrument, wireName, skewMs: account.skewMs }, fill)));
  };

  /** `GET /sapi/v1/asset/tradeFee`. */
  readonly tradeFees = (call: Call): Answer => {
    const account = accountOf(call);
    const named = call.parameters.text("symbol");
    const listed = this.parts.world.instruments("binance-spot");
    const chosen = named === null ? listed : listed.filter(({ wireName }) => wireName === named);
    return ok(
      chosen.map(({ wireName, instrument }) => {
        const { makerPpm, takerPpm } = this.parts.accounts.rates(account, instrument.symbol);
        return { symbol: wireName, makerCommission: rateText(makerPpm), takerCommission: rateText(takerPpm) };
      }),
    );
  };

  /** `GET /sapi/v1/capital/config/getall`: coins without a network, for there is nowhere to withdraw to. */
  readonly coins = (call: Call): Answer => {
    const assets = this.parts.accounts.assets(accountOf(call));
    return ok(
      assets.map(({ asset, free, locked }) => ({
        coin: asset,
        depositAllEnable: true,
        free: moneyText(free),
        freeze: moneyText(0n),
        ipoable: moneyText(0n),
        ipoing: moneyText(0n),
        isLegalMoney: false,
        locked: moneyText(locked),
        name: asset,
        networkList: [],
        storage: moneyText(0n),
        trading: true,
        withdrawAllEnable: true,
        withdrawing: moneyText(0n),
      })),
    );
  };

  /** `GET /sapi/v1/account/apiRestrictions`. */
  readonly restrictions = (call: Call): Answer => {
    const { rights, ipRestricted } = accountOf(call);
    return ok({
      ipRestrict: ipRestricted,
      createTime: 0,
      enableReading: true,
      enableWithdrawals: rights.withdraw,
      enableInternalTransfer: rights.transfer,
      enableMargin: false,
      enableFutures: false,
      permitsUniversalTransfer: rights.transfer,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: false,
      enableSpotAndMarginTrading: rights.trade,
      enablePortfolioMarginTrading: false,
    });
  };

  private open(call: Call, { instrument }: EmulatedInstrument): readonly SimOrder[] {
    return this.parts.records.open(accountOf(call), instrument.symbol);
  }

  private told(call: Call, listed: EmulatedInstrument, orders: readonly SimOrder[]): unknown[] {
    const account = accountOf(call);
    return orders.map((order) => lookedUp(this.parts.desk.shown(account, listed, order)));
  }

  /** Rows of one page: fewer where the fault of small pages strikes. */
  private pageOf(call: Call, limit: number): number {
    const fault = this.parts.world.strike("pageLimit", call.traits);
    return fault === null ? limit : Math.min(limit, Math.max(1, fault["size"] ?? 1));
  }
}
