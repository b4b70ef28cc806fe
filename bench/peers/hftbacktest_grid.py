"""The reference grid of BT-32 in hftbacktest, as its own examples write one.

Run by peers.ts: python hftbacktest_grid.py CAPTURE.gz FOLDER. Converting the capture to its format, loading and compiling
come first, with a line of JSON when all is ready; then each line of input is answered by one run, timed alone.
"""

import contextlib
import json
import sys
import time
from importlib.metadata import version

import numpy as np
from numba import njit
from numba.typed import Dict

from hftbacktest import BUY, GTX, LIMIT, SELL, BacktestAsset, HashMapMarketDepthBacktest
from hftbacktest.data.utils import binancefutures

LEVELS = 10
INTERVAL = 1.0
QUANTITY = 0.010
POSITION_MAX = 0.100
TICK = 0.1


@njit
def grid(hbt):
    while hbt.elapse(100_000_000) == 0:
        hbt.clear_inactive_orders(0)
        depth = hbt.depth(0)
        position = hbt.position(0)
        if not (depth.best_bid > 0 and depth.best_ask > depth.best_bid):
            continue
        buy_top = np.floor(depth.best_bid / INTERVAL) * INTERVAL
        sell_top = np.ceil(depth.best_ask / INTERVAL) * INTERVAL

        buys = Dict.empty(np.uint64, np.float64)
        if position < POSITION_MAX:
            for i in range(LEVELS):
                price = buy_top - i * INTERVAL
                buys[np.uint64(round(price / TICK))] = price
        sells = Dict.empty(np.uint64, np.float64)
        if position > -POSITION_MAX:
            for i in range(LEVELS):
                price = sell_top + i * INTERVAL
                sells[np.uint64(round(price / TICK))] = price

        orders = hbt.orders(0)
        values = orders.values()
        while values.has_next():
            order = values.get()
            if order.cancellable:
                if (order.side == BUY and order.order_id not in buys) or (
                    order.side == SELL and order.order_id not in sells
                ):
                    hbt.cancel(0, order.order_id, False)
        for order_id, price in buys.items():
            if order_id not in orders:
                hbt.submit_buy_order(0, order_id, price, QUANTITY, GTX, LIMIT, False)
        for order_id, price in sells.items():
            if order_id not in orders:
                hbt.submit_sell_order(0, order_id, price, QUANTITY, GTX, LIMIT, False)
    return True


def backtest(data):
    asset = (
        BacktestAsset()
        .data([data])
        .linear_asset(1.0)
        .constant_order_latency(10_000_000, 10_000_000)
        .power_prob_queue_model3(3.0)
        .no_partial_fill_exchange()
        .trading_value_fee_model(0.0002, 0.0005)
        .tick_size(TICK)
        .lot_size(0.001)
        .last_trades_capacity(0)
    )
    return HashMapMarketDepthBacktest([asset])


def main():
    capture, folder = sys.argv[1], sys.argv[2]
    start = time.perf_counter()
    out = f"{folder}/capture.npz"
    with contextlib.redirect_stdout(sys.stderr):  # the converter talks
        binancefutures.convert(capture, output_filename=out, combined_stream=True)
    converted = time.perf_counter() - start
    data = np.load(out)["data"]
    run(data)  # compiles
    say({"version": version("hftbacktest"), "rows": int(len(data)), "convertMs": converted * 1000})
    for _ in sys.stdin:
        say(run(data))


def run(data):
    hbt = backtest(data)
    start = time.perf_counter()
    grid(hbt)
    ms = (time.perf_counter() - start) * 1000
    trades = int(hbt.state_values(0).num_trades)
    hbt.close()
    return {"ms": ms, "trades": trades}


def say(told):
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
