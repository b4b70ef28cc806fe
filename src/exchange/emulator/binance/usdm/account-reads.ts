// Account, balances, positions, modes and fees of a wallet, and the settings that can be changed. The margin mode is
// told as it was set; the simulated exchange reckons by the instrument's own.

import { formatDecimal } from "../../../../base/decimal.ts";
import { fail, ok, type Result } from "../../../../base/result.ts";
import type { EmulatedAccount, EmulatedInstrument } from "../../world.ts";
import type { Parameters } from "../wire/parameters.ts";
import { type Refusal, refusals } from "../wire/refusals.ts";
import { type Answer, accountOf, type Call } from "../wire/routes.ts";
import {
  accountPositionBody,
  accountPositionV2Body,
  assetBody,
  assetsOf,
  leverageOf,
  type MoneyFacts,
  marginModeOf,
  type PositionFacts,
  positionOf,
  positionRiskBody,
  positionRiskV2Body,
  QUOTE,
  totalsBody,
} from "./account-view.ts";
import type { UsdmCore } from "./core.ts";
import { orderRefusals } from "./order-refusals.ts";
import { moneyText } from "./shapes.ts";

const LEVERAGE_MAX = 125;
const BRACKET_TOP = "1000000000";

export class AccountReads {
  private readonly core: UsdmCore;

  constructor(core: UsdmCore) {
    this.core = core;
  }

  account(call: Call, version: 2 | 3): Answer {
    const account = accountOf(call);
    const { money, positions } = this.facts(account);
    const nowMs = this.core.world.timeFor(account);
    const assets = this.assets(account, money).map(([asset, of]) => assetBody(asset, of, nowMs));
    if (version === 3) {
      const held = positions.filter((position) => position.lots !== 0 || position.hasOrders);
      return ok({ ...totalsBody(money), assets, positions: held.map((each) => accountPositionBody(each, nowMs)) });
    }
    return ok({
      feeTier: 0,
      feeBurn: false,
      canTrade: account.rights.trade,
      canDeposit: true,
      canWithdraw: account.rights.withdraw,
      updateTime: 0,
      multiAssetsMargin: false,
      tradeGroupId: -1,
      ...totalsBody(money),
      assets,
      positions: positions.map((each) => accountPositionV2Body(each, nowMs)),
    });
  }

  balance(call: Call): Answer {
    const account = accountOf(call);
    const nowMs = this.core.world.timeFor(account);
    return ok(
      this.assets(account, this.facts(account).money).map(([asset, money]) => ({
        accountAlias: "SgsR",
        asset,
        balance: moneyText(money.walletBalance),
        crossWalletBalance: moneyText(money.walletBalance),
        crossUnPnl: moneyText(money.unrealized),
        availableBalance: moneyText(money.available),
        maxWithdrawAmount: moneyText(money.available),
        marginAvailable: true,
        updateTime: nowMs,
      })),
    );
  }

  positionRisk(call: Call, version: 2 | 3): Answer {
    const account = accountOf(call);
    const symbol = this.optional(call.parameters);
    if (!symbol.ok) return symbol;
    const nowMs = this.core.world.timeFor(account);
    const { positions } = this.facts(account);
    const wanted = positions.filter(({ instrument }) => symbol.value === null || instrument === symbol.value);
    if (version === 2) return ok(wanted.map((each) => positionRiskV2Body(each, nowMs)));
    const held = wanted.filter((position) => position.lots !== 0 || position.hasOrders);
    return ok(held.map((each) => positionRiskBody(each, nowMs)));
  }

  leverageBracket(call: Call): Answer {
    const symbol = this.optional(call.parameters);
    if (!symbol.ok) return symbol;
    const all = this.core.instruments().filter((each) => symbol.value === null || each === symbol.value);
    return ok(
      all.map(({ wireName, instrument }) => ({
        symbol: wireName,
        notionalCoef: 1,
        brackets: [
          {
            bracket: 1,
            initialLeverage: LEVERAGE_MAX,
            notionalCap: Number.parseInt(BRACKET_TOP, 10),
            notionalFloor: 0,
            maintMarginRatio: instrument.maintenancePpm / 1_000_000,
            cum: 0,
          },
        ],
      })),
    );
  }

  commissionRate(call: Call): Answer {
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const { instrument, wireName } = found.value;
    const fees = this.core.world.exchange.clearing.account(this.core.desk(accountOf(call)).wallet).fees;
    const { makerPpm, takerPpm } = fees ?? instrument;
    return ok({
      symbol: wireName,
      makerCommissionRate: rateText(makerPpm),
      takerCommissionRate: rateText(takerPpm),
      rpiCommissionRate: "0.000000",
    });
  }

  dualSide(call: Call): Answer {
    return ok({ dualSidePosition: accountOf(call).positionMode === "hedge" });
  }

  setDualSide(call: Call): Answer {
    const account = accountOf(call);
    const dual = call.parameters.flag("dualSidePosition");
    if (dual === null) return fail(refusals.missing("dualSidePosition"));
    const mode = dual ? "hedge" : "one-way";
    if (mode === account.positionMode) return fail(orderRefusals.modeUnchanged());
    const { positions } = this.facts(account);
    if (positions.some((position) => position.hasOrders)) return fail(orderRefusals.modeOpenOrders());
    if (positions.some((position) => position.lots !== 0)) return fail(orderRefusals.modePosition());
    account.positionMode = mode;
    return ok({ code: 200, msg: "success" });
  }

  symbolConfig(call: Call): Answer {
    const account = accountOf(call);
    const symbol = this.optional(call.parameters);
    if (!symbol.ok) return symbol;
    const all = this.core.instruments().filter((each) => symbol.value === null || each === symbol.value);
    return ok(
      all.map((instrument) => ({
        symbol: instrument.wireName,
        marginType: marginModeOf(account, instrument) === "cross" ? "CROSSED" : "ISOLATED",
        isAutoAddMargin: false,
        leverage: leverageOf(account, instrument),
        maxNotionalValue: BRACKET_TOP,
      })),
    );
  }

  accountConfig(call: Call): Answer {
    const { rights, positionMode } = accountOf(call);
    return ok({
      feeTier: 0,
      canTrade: rights.trade,
      canDeposit: true,
      canWithdraw: rights.withdraw,
      dualSidePosition: positionMode === "hedge",
      updateTime: 0,
      multiAssetsMargin: false,
      tradeGroupId: -1,
    });
  }

  /** `sapi`: what the key may do. */
  restrictions(call: Call): Answer {
    const { rights, ipRestricted } = accountOf(call);
    return ok({
      ipRestrict: ipRestricted,
      createTime: 1_623_840_271_000,
      enableReading: true,
      enableWithdrawals: rights.withdraw,
      enableInternalTransfer: rights.transfer,
      enableMargin: false,
      enableFutures: rights.trade,
      permitsUniversalTransfer: rights.transfer,
      enableVanillaOptions: false,
      enableFixApiTrade: false,
      enableFixReadOnly: false,
      enableSpotAndMarginTrading: rights.trade,
      enablePortfolioMarginTrading: false,
    });
  }

  setLeverage(call: Call): Answer {
    const account = accountOf(call);
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const { wireName, instrument } = found.value;
    const text = call.parameters.required("leverage");
    if (!text.ok) return text;
    const leverage = /^\d{1,4}$/.test(text.value) ? Number.parseInt(text.value, 10) : 0;
    if (leverage < 1 || leverage > LEVERAGE_MAX) return fail(orderRefusals.leverage(text.value));
    const before = leverageOf(account, found.value);
    account.leverage.set(instrument.symbol, leverage);
    this.core.world.setLeverage(this.core.desk(account).wallet, instrument.symbol, leverage);
    if (before !== leverage) this.tellConfiguration(account, found.value, leverage);
    return ok({ leverage, maxNotionalValue: BRACKET_TOP, symbol: wireName });
  }

  setMarginType(call: Call): Answer {
    const account = accountOf(call);
    const found = this.required(call.parameters);
    if (!found.ok) return found;
    const type = call.parameters.required("marginType");
    if (!type.ok) return type;
    if (type.value !== "ISOLATED" && type.value !== "CROSSED") return fail(refusals.invalid("marginType"));
    const mode = type.value === "ISOLATED" ? "isolated" : "cross";
    if (mode === marginModeOf(account, found.value)) return fail(orderRefusals.marginUnchanged());
    const position = positionOf(this.core.question(account), found.value);
    if (position.hasOrders) return fail(orderRefusals.marginOpenOrders());
    if (position.lots !== 0) return fail(orderRefusals.marginPosition());
    account.marginMode.set(found.value.instrument.symbol, mode);
    return ok({ code: 200, msg: "success" });
  }

  private tellConfiguration(account: EmulatedAccount, instrument: EmulatedInstrument, leverage: number): void {
    const desk = this.core.desk(account);
    const atMs = desk.nowMs();
    const body = { e: "ACCOUNT_CONFIG_UPDATE", E: atMs, T: atMs, ac: { s: instrument.wireName, l: leverage } };
    desk.tellEvent("ACCOUNT_CONFIG_UPDATE", instrument.instrument.symbol, body);
  }

  private facts(account: EmulatedAccount): {
    readonly money: MoneyFacts;
    readonly positions: readonly PositionFacts[];
  } {
    return this.core.marginOf(account);
  }

  private assets(account: EmulatedAccount, money: MoneyFacts): readonly (readonly [string, MoneyFacts])[] {
    const question = this.core.question(account);
    const held = question.exchange.clearing.account(question.wallet);
    return assetsOf(question).map((asset) => {
      if (asset === QUOTE) return [asset, money] as const;
      const amount = held.balances.get(asset) ?? 0n;
      const idle = { unrealized: 0n, maintenance: 0n, positionMargin: 0n, orderMargin: 0n };
      return [asset, { ...idle, walletBalance: amount, marginBalance: amount, available: amount }] as const;
    });
  }

  private required(from: Parameters): Result<EmulatedInstrument, Refusal> {
    const symbol = from.required("symbol");
    if (!symbol.ok) return symbol;
    const found = this.core.named(symbol.value);
    return found === null ? fail(refusals.symbol()) : ok(found);
  }

  private optional(from: Parameters): Result<EmulatedInstrument | null, Refusal> {
    return from.text("symbol") === null ? ok(null) : this.required(from);
  }
}

const rateText = (ppm: number): string => formatDecimal(BigInt(ppm), 6, 6);
