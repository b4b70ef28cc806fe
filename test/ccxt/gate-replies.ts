// Replies of Gate as the examples of its API v4 documents show them (https://www.gate.com/docs/developers/apiv4/).

import type { Answer } from "./exchange-stage.ts";
import { NOW_MS } from "./exchange-stage.ts";
import { GATE_CONTRACT } from "./listed-instruments.ts";

/** "Get a single order". */
export const ORDER = {
  id: 15_675_394,
  user: 100_000,
  contract: "BTC_USDT",
  create_time: 1_546_569_968,
  size: -5,
  iceberg: 0,
  left: -3,
  price: "60001",
  fill_price: "60001",
  mkfr: "-0.00025",
  tkfr: "0.0005",
  tif: "poc",
  is_reduce_only: false,
  is_close: false,
  is_liq: false,
  text: "t-ob1",
  status: "open",
};

/** "List personal trading history by time range". */
export const TRADE = {
  trade_id: "121234231",
  create_time: 1_795_233_000.123,
  contract: "BTC_USDT",
  order_id: "15675394",
  size: -2,
  close_size: 0,
  price: "60001",
  text: "t-ob1",
  fee: "0.006",
  point_fee: "0",
  role: "taker",
};

/** "Query futures account". */
export const ACCOUNT = {
  user: 1666,
  currency: "USDT",
  total: "4900.5",
  unrealised_pnl: "50.25",
  available: "4800",
  point: "0",
  in_dual_mode: false,
  position_mode: "single",
  maintenance_margin: "12.5",
  margin_mode: 0,
};

export const GATE: Readonly<Record<string, Answer>> = {
  "GET /api/v4/spot/time": () => ({ server_time: NOW_MS }),
  "GET /api/v4/futures/usdt/contracts": [GATE_CONTRACT],
  "GET /api/v4/account/main_keys": [
    { state: 1, mode: 1, name: "bot", ip_whitelist: ["127.0.0.1"], perms: [{ name: "futures", read_only: false }] },
  ],
  "GET /api/v4/account/detail": { user_id: 1_667_201_533, key: { mode: 1 }, ip_whitelist: [], tier: 1 },
  "GET /api/v4/futures/usdt/accounts": ACCOUNT,
  "GET /api/v4/futures/usdt/positions/BTC_USDT": {
    contract: "BTC_USDT",
    size: 0,
    leverage: "0",
    cross_leverage_limit: "5",
    mode: "single",
  },
  "GET /api/v4/wallet/fee": { futures_taker_fee: "0.0005", futures_maker_fee: "-0.00005", taker_fee: "0.002" },
  "POST /api/v4/futures/usdt/orders": { ...ORDER, size: 5, left: 5 },
  "DELETE /api/v4/futures/usdt/orders/t-ob1": { ...ORDER, status: "finished", finish_as: "cancelled" },
  "GET /api/v4/futures/usdt/orders/t-ob1": ORDER,
};
