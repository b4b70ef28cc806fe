// What a case of the exchange port's contract is.

import type { Hands, World, WorldOptions } from "./exchange-stage.ts";

export interface CaseStage {
  readonly world: World;
  readonly hands: Hands;
}

export interface Case {
  readonly n: number;
  readonly text: string;
  readonly world?: WorldOptions;
  readonly play: (stage: CaseStage) => Promise<void>;
}
