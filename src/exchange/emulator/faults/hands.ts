// What acts need done to the world. The emulator's own operations do it (control/); here stands only what is asked.
// Each answers null, or says in words why there was nothing to do.

export type Deed = string | null;

export interface FaultHands {
  /** Null: the exchange's time as everybody is told it. */
  skew(account: string | null, ms: number): Deed;
  change(
    symbol: string,
    rules: { readonly tickSize?: string; readonly lotSize?: string; readonly minNotional?: string },
  ): Deed;
  status(symbol: string, status: "trading" | "halted" | "cancel-only"): Deed;
  settleFunding(symbol: string, rate: string, intervalMs: number | null): Deed;
  liquidate(account: string, symbol: string, partPpm: number): Deed;
  adl(account: string, symbol: string, lots: number): Deed;
  deposit(
    account: string,
    to: { readonly protocol: string | null; readonly asset: string; readonly amount: string },
  ): Deed;
  foreignOrder(
    account: string,
    order: {
      readonly symbol: string;
      readonly side: "buy" | "sell";
      readonly lots: number;
      readonly price: string | null;
    },
  ): Deed;
  /** Null: of every protocol. */
  cancelOrders(protocol: string | null): Deed;
  fillWhole(account: string, symbol: string, clientOrderId: string): Deed;
}
