import type { ConnectorAddress } from "../../config/process/shapes.ts";
import type { ProcessFrame } from "../process/process-frame.ts";
import type { ExchangeLink } from "./exchange-link.ts";
export async function openRemoteLink(_connector: ConnectorAddress, _frame: ProcessFrame): Promise<ExchangeLink> {
  throw new Error("not yet");
}
