// Asks the exchange about a bot's instrument until it answers, with growing waits. Whoever asked may be gone when the
// answer comes: then it is nobody's.

import type { Clock } from "../../base/clock.ts";
import type { ExchangePort } from "../../exchange/port.ts";
import type { Instrument } from "../../market/instrument.ts";
import type { Guard } from "./contain.ts";

/** Waits between tries to hear about the instrument. */
const RETRY_MS = [500, 1_000, 2_000, 5_000] as const;
const RETRY_LAST_MS = 10_000;

export interface InstrumentQuestion {
  /** What answers throw is the asker's. */
  readonly port: ExchangePort;
  readonly clock: Clock;
  readonly guard: Guard;
  readonly symbol: string;
  /** False ends the asking. */
  readonly isAwaited: () => boolean;
  readonly onAnswer: (instrument: Instrument) => void;
  /** The exchange did not tell, and is asked again; why, in words. */
  readonly onWaiting: (text: string) => void;
}

export function askInstrument(question: InstrumentQuestion, attempt = 0): void {
  const { port, clock, guard, symbol, isAwaited } = question;
  if (!isAwaited()) return;
  guard(() =>
    port.instrument(symbol, (answer) => {
      if (!isAwaited()) return;
      if (answer.result === "ok") return question.onAnswer(answer.instrument);
      question.onWaiting(`the exchange does not tell about ${symbol}: ${answer.text}`);
      const again = clock.nowMs() + (RETRY_MS[attempt] ?? RETRY_LAST_MS);
      clock.at(again, () => guard(() => askInstrument(question, attempt + 1)));
    }),
  );
}
