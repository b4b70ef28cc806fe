// Instruments as Bybit, Gate and Bitget list them in the examples of their documents.

export const BYBIT_SPOT = {
  symbol: "BTCUSDT",
  baseCoin: "BTC",
  quoteCoin: "USDT",
  status: "Trading",
  marginTrading: "utaOnly",
  lotSizeFilter: {
    basePrecision: "0.000001",
    quotePrecision: "0.00000001",
    minOrderQty: "0.000048",
    maxOrderQty: "71.73956243",
    minOrderAmt: "1",
    maxOrderAmt: "4000000",
  },
  priceFilter: { tickSize: "0.1" },
};

/** "Get Instruments Info". */
export const BYBIT_LINEAR = {
  symbol: "BTCUSDT",
  contractType: "LinearPerpetual",
  status: "Trading",
  baseCoin: "BTC",
  quoteCoin: "USDT",
  settleCoin: "USDT",
  launchTime: "1585526400000",
  deliveryTime: "0",
  deliveryFeeRate: "",
  priceScale: "2",
  leverageFilter: { minLeverage: "1", maxLeverage: "100.00", leverageStep: "0.01" },
  priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
  lotSizeFilter: { maxOrderQty: "1190.000", minOrderQty: "0.001", qtyStep: "0.001", minNotionalValue: "5" },
  unifiedMarginTrade: true,
  fundingInterval: 480,
};

/** "Get a single contract". */
export const GATE_CONTRACT = {
  name: "BTC_USDT",
  type: "direct",
  quanto_multiplier: "0.0001",
  leverage_min: "1",
  leverage_max: "100",
  maintenance_rate: "0.005",
  mark_price: "60000.35",
  index_price: "60000.37",
  order_price_round: "0.1",
  mark_price_round: "0.01",
  order_price_deviate: "0.5",
  order_size_min: 1,
  order_size_max: 1_000_000,
  orders_limit: 100,
  funding_rate: "0.002053",
  funding_interval: 28_800,
  funding_next_apply: 1_795_248_000,
  in_delisting: false,
  status: "trading",
  enable_decimal: false,
};

/** "List all currency pairs supported". */
export const GATE_PAIR = {
  id: "BTC_USDT",
  base: "BTC",
  quote: "USDT",
  fee: "0.2",
  min_base_amount: "0.00001",
  min_quote_amount: "3",
  amount_precision: 5,
  precision: 1,
  trade_status: "tradable",
  sell_start: 0,
  buy_start: 0,
};

/** "Get Contract Config". */
export const BITGET_CONTRACT = {
  symbol: "BTCUSDT",
  baseCoin: "BTC",
  quoteCoin: "USDT",
  buyLimitPriceRatio: "0.05",
  sellLimitPriceRatio: "0.05",
  makerFeeRate: "0.0002",
  takerFeeRate: "0.0006",
  supportMarginCoins: ["USDT"],
  minTradeNum: "0.001",
  priceEndStep: "1",
  volumePlace: "3",
  pricePlace: "1",
  sizeMultiplier: "0.001",
  symbolType: "perpetual",
  minTradeUSDT: "5",
  maxSymbolOrderNum: "200",
  symbolStatus: "normal",
  minLever: "1",
  maxLever: "125",
  fundInterval: "8",
};

export const BITGET_PAIR = {
  symbol: "BTCUSDT",
  baseCoin: "BTC",
  quoteCoin: "USDT",
  minTradeAmount: "0",
  maxTradeAmount: "10000000000",
  takerFeeRate: "0.002",
  makerFeeRate: "0.002",
  pricePrecision: "1",
  quantityPrecision: "6",
  quotePrecision: "6",
  status: "online",
  minTradeUSDT: "1",
  orderQuantity: "200",
};
