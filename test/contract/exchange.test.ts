// Every way to reach the simulated exchange against the contract of the port.

import { SimulatedPort } from "../../src/exchange/simulated.ts";
import { exchangeContract } from "./exchange.ts";
import { RemoteStage } from "./exchange-remote.ts";
import { ACCOUNT } from "./exchange-stage.ts";

exchangeContract({
  name: "simulated",
  skips: new Map([
    [7, "a stream's message is what the exchange sent; the host books a fill once"],
    [16, "Binance, whose habits these are, takes an id again when its first order has ended"],
  ]),
  open: (world) => {
    const port = new SimulatedPort(world.driver, { account: ACCOUNT, marks: true });
    return Promise.resolve({
      port,
      close: () => {
        port.close();
        return Promise.resolve();
      },
    });
  },
});

exchangeContract({
  name: "remote",
  skips: new Map([]),
  open: async (world) => {
    const stage = await RemoteStage.open(world);
    return { port: await stage.port(), close: () => stage.close() };
  },
});
