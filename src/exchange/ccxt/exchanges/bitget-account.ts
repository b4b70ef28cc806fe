// What Bitget says of fees, balances and the key's rights: classic accounts (V2) and unified ones (V3) differ in
// shape and, with fees, in sign.

import { formatDecimal, multiplyDecimal, parseDecimal } from "../../../base/decimal.ts";
import { isRecord, listOf, type Raw, recordOf, recordsOf, textOf } from "../raw.ts";
import { negated, sumOf } from "./code-rows.ts";
import type { AccountRead, ExchangeTable, FeeRead } from "./exchange-table.ts";

const detailOf = (info: Raw): Raw => {
  const { feeDetail } = info;
  return isRecord(feeDetail) ? feeDetail : (recordsOf(feeDetail)[0] ?? recordOf(null));
};

/** Negative when paid; ccxt's frames lose the sign and with it the rebates. */
export function bitgetFee(info: Raw): FeeRead | null {
  const detail = detailOf(info);
  const amount = negated(textOf(detail["totalFee"]));
  const asset = textOf(detail["feeCoin"]);
  return amount === null || asset === null ? null : { asset, amount };
}

/** Positive when paid, as its own examples show. */
export function unifiedFee(info: Raw): FeeRead | null {
  const detail = detailOf(info);
  const [amount, asset] = [textOf(detail["fee"]), textOf(detail["feeCoin"])];
  return amount === null || asset === null ? null : { asset, amount };
}

function product(a: string | null, b: string | null): string | null {
  const [left, right] = [parseDecimal(a ?? ""), parseDecimal(b ?? "")];
  if (!left.ok || !right.ok) return null;
  const { digits, scale } = multiplyDecimal(left.value, right.value);
  return formatDecimal(digits, scale);
}

/** `mix/account/accounts` and `spot/account/assets`. */
export function bitgetAccount(body: unknown, asset: string): AccountRead {
  const list = recordsOf(recordOf(body)["data"]);
  const futures = list.find((each) => each["marginCoin"] === asset);
  if (futures === undefined) {
    const spot = list.find((each) => each["coin"] === asset);
    const available = textOf(spot?.["available"]) ?? "0";
    return { total: null, equity: null, maintenanceMargin: null, available };
  }
  const equity = textOf(futures["accountEquity"]);
  const unrealised = textOf(futures["unrealizedPL"]);
  return {
    total: unrealised === null ? equity : sumOf(equity, negated(unrealised)),
    equity,
    // the rate is maintenance margin by equity
    maintenanceMargin: product(textOf(futures["crossedRiskRate"]), equity),
    available: textOf(futures["crossedMaxAvailable"]) ?? textOf(futures["available"]),
  };
}

/** `v3/account/assets`: sums of everything in dollars. */
export function unifiedAccount(body: unknown, asset: string): AccountRead {
  const said = recordOf(recordOf(body)["data"]);
  const own = recordsOf(said["assets"]).find((each) => each["coin"] === asset);
  return {
    total: textOf(own?.["balance"]) ?? "0",
    available: textOf(own?.["available"]) ?? "0",
    equity: textOf(said["effEquity"]) ?? textOf(said["accountEquity"]),
    maintenanceMargin: textOf(said["mmr"]),
  };
}

const addresses = (value: unknown): boolean | null => {
  if (typeof value === "string") return value !== "";
  return Array.isArray(value) ? value.length > 0 : null;
};

/** `authorities`: `…ow` may write, `…or` may read; `co` contracts, `st` spot, `ww` withdrawals, `wt` transfers. */
export const bitgetRights = (market: "spot" | "perpetual"): ExchangeTable["rights"] => ({
  call: { method: "privateSpotGetV2SpotAccountInfo", args: [] },
  read: (reply) => {
    const said = recordOf(recordOf(reply)["data"]);
    const words = said["authorities"];
    const holds = (word: string): boolean | null => (Array.isArray(words) ? listOf(words).includes(word) : null);
    return {
      trade: holds(market === "spot" ? "stow" : "coow"),
      withdraw: holds("wwow"),
      transfer: holds("wtow"),
      ipRestricted: addresses(said["ips"]),
    };
  },
});

export const unifiedRights = (): ExchangeTable["rights"] => ({
  call: { method: "privateUtaGetV3AccountInfo", args: [] },
  read: (reply) => {
    const said = recordOf(recordOf(reply)["data"]);
    const words = said["permissions"];
    const holds = (word: string): boolean | null => (Array.isArray(words) ? listOf(words).includes(word) : null);
    const writes = textOf(said["permType"]);
    return {
      trade: writes === "read_only" ? false : holds("uta_trade"),
      withdraw: holds("withdraw"),
      transfer: holds("transfer"),
      ipRestricted: addresses(said["ips"]),
    };
  },
});
