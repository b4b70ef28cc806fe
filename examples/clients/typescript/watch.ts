// A client of the gRPC API: positions and risk once, then every change of the bots. Reads only.
// OPENSQT_KEY=… node examples/clients/typescript/watch.ts 127.0.0.1:50052 [messages to follow, 0: for ever]

import { createChannel, createClientFactory, Metadata } from "nice-grpc";
import { BotServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/bot.ts";
import { PositionServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/position.ts";
import { RiskServiceDefinition } from "../../../src/rpc/generated/opensqt/market_maker/v1/risk.ts";
import { botPhaseToJSON, StreamKind } from "../../../src/rpc/generated/opensqt/market_maker/v1/types.ts";

const [address = "127.0.0.1:50052", count = "0"] = process.argv.slice(2);
const metadata = Metadata({ "x-api-key": process.env["OPENSQT_KEY"] ?? "" });
const channel = createChannel(address);
const clients = createClientFactory();

const { positions } = await clients.create(PositionServiceDefinition, channel).getPositions({}, { metadata });
for (const { symbol, quantity, unrealizedPnl } of positions) {
  console.log(`position ${symbol} ${quantity?.value ?? "0"} open result ${unrealizedPnl?.value ?? "unknown"}`);
}

const { metrics } = await clients.create(RiskServiceDefinition, channel).getRiskMetrics({}, { metadata });
for (const { symbol, notionalValue, riskScore } of metrics) {
  console.log(`risk ${symbol} notional ${notionalValue?.value ?? "unknown"} score ${riskScore?.value ?? "unknown"}`);
}

let left = Number.parseInt(count, 10);
for await (const { meta, bot } of clients.create(BotServiceDefinition, channel).subscribeBots({}, { metadata })) {
  if (bot !== undefined) console.log(`bot ${bot.botId} ${botPhaseToJSON(bot.phase)} at ${bot.sequence}`);
  else if (meta?.kind === StreamKind.SNAPSHOT_END) console.log("following");
  left -= 1;
  if (left === 0) break;
}
channel.close();
