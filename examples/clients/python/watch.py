"""A client of the gRPC API: positions and risk once, then every change of the bots. Reads only.

OPENSQT_KEY=... python watch.py 127.0.0.1:50052 [messages to follow, 0: for ever]
"""

import os
import sys

import grpc
from opensqt.market_maker.v1 import bot_pb2, bot_pb2_grpc, position_pb2, position_pb2_grpc
from opensqt.market_maker.v1 import risk_pb2, risk_pb2_grpc, types_pb2

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50052"
left = int(sys.argv[2]) if len(sys.argv) > 2 else 0
key = (("x-api-key", os.environ.get("OPENSQT_KEY", "")),)


def text(message, field, missing):
    """The decimal of a field that may be absent, which is not the same as zero."""
    return getattr(message, field).value if message.HasField(field) else missing


with grpc.insecure_channel(address) as channel:
    positions = position_pb2_grpc.PositionServiceStub(channel)
    for each in positions.GetPositions(position_pb2.PositionServiceGetPositionsRequest(), metadata=key).positions:
        result = text(each, "unrealized_pnl", "unknown")
        print(f"position {each.symbol} {text(each, 'quantity', '0')} open result {result}")

    risk = risk_pb2_grpc.RiskServiceStub(channel)
    for each in risk.GetRiskMetrics(risk_pb2.GetRiskMetricsRequest(), metadata=key).metrics:
        notional, score = text(each, "notional_value", "unknown"), text(each, "risk_score", "unknown")
        print(f"risk {each.symbol} notional {notional} score {score}")

    bots = bot_pb2_grpc.BotServiceStub(channel)
    for message in bots.SubscribeBots(bot_pb2.SubscribeBotsRequest(), metadata=key):
        if message.HasField("bot"):
            bot = message.bot
            print(f"bot {bot.bot_id} {types_pb2.BotPhase.Name(bot.phase)} at {bot.sequence}", flush=True)
        elif message.meta.kind == types_pb2.STREAM_KIND_SNAPSHOT_END:
            print("following", flush=True)
        left -= 1
        if left == 0:
            break
