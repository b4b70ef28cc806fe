// A client of the gRPC API: positions and risk once, then every change of the bots. Reads only.
// OPENSQT_KEY=… go run . 127.0.0.1:50052 [messages to follow, 0: for ever]
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	decimal "google.golang.org/genproto/googleapis/type/decimal"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "example.com/opensqt/gen/opensqt/market_maker/v1"
)

// text is the decimal of a field that may be absent, which is not the same as zero.
func text(value *decimal.Decimal, missing string) string {
	if value == nil {
		return missing
	}
	return value.Value
}

func argument(at int, missing string) string {
	if len(os.Args) > at {
		return os.Args[at]
	}
	return missing
}

func run() error {
	left, err := strconv.Atoi(argument(2, "0"))
	if err != nil {
		return err
	}
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	channel, err := grpc.NewClient(argument(1, "127.0.0.1:50052"), plain)
	if err != nil {
		return err
	}
	defer channel.Close()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-api-key", os.Getenv("OPENSQT_KEY"))

	positions, err := pb.NewPositionServiceClient(channel).GetPositions(ctx, &pb.PositionServiceGetPositionsRequest{})
	if err != nil {
		return err
	}
	for _, each := range positions.Positions {
		result := text(each.UnrealizedPnl, "unknown")
		fmt.Printf("position %s %s open result %s\n", each.Symbol, text(each.Quantity, "0"), result)
	}

	risk, err := pb.NewRiskServiceClient(channel).GetRiskMetrics(ctx, &pb.GetRiskMetricsRequest{})
	if err != nil {
		return err
	}
	for _, each := range risk.Metrics {
		notional, score := text(each.NotionalValue, "unknown"), text(each.RiskScore, "unknown")
		fmt.Printf("risk %s notional %s score %s\n", each.Symbol, notional, score)
	}

	stream, err := pb.NewBotServiceClient(channel).SubscribeBots(ctx, &pb.SubscribeBotsRequest{})
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		if err != nil {
			return err
		}
		if bot := message.Bot; bot != nil {
			fmt.Printf("bot %s %s at %d\n", bot.BotId, bot.Phase, bot.Sequence)
		} else if message.Meta.GetKind() == pb.StreamKind_STREAM_KIND_SNAPSHOT_END {
			fmt.Println("following")
		}
		left--
		if left == 0 {
			return nil
		}
	}
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
