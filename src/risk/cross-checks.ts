// Values of the risk section that are allowed alone but not together (RISK-50), each with its sentence.

import type { RiskLimits, RiskProblem } from "./limits.ts";

/** Empty when everything fits. */
export function crossChecks(limits: RiskLimits): readonly RiskProblem[] {
  const problems: RiskProblem[] = [];
  const say = (key: string, value: number, text: string): void => {
    problems.push({ key, value: String(value), text });
  };
  const { slippageBpsMax, priceBandBps, breakers, monitor } = limits;
  if (slippageBpsMax > priceBandBps) {
    say(
      "slippageBpsMax",
      slippageBpsMax,
      `slippageBpsMax ${slippageBpsMax} would be refused by priceBandBps ${priceBandBps}`,
    );
  }
  cleanerChecks(limits, say);
  if (breakers !== undefined) {
    const { marginRatioWarnBps: warn, marginRatioTripBps: trip } = breakers;
    const margin = `marginRatioWarnBps ${warn} must be below marginRatioTripBps ${trip}`;
    if (warn >= trip) say("marginRatioWarnBps", warn, margin);
    const { liquidationWarnBps: far, liquidationTripBps: near } = breakers;
    const liquidation = `liquidationWarnBps ${far} must be above liquidationTripBps ${near}`;
    if (far <= near) say("liquidationWarnBps", far, liquidation);
  }
  if (monitor !== undefined && monitor.recoveryThreshold > monitor.instruments.length) {
    const { recoveryThreshold: threshold, instruments } = monitor;
    const noun = instruments.length === 1 ? "instrument" : "instruments";
    const text = `recoveryThreshold ${threshold} can never be met by ${instruments.length} ${noun}`;
    say("monitor.recoveryThreshold", threshold, text);
  }
  return problems;
}

function cleanerChecks(limits: RiskLimits, say: (key: string, value: number, text: string) => void): void {
  const { cleanBatch, cleanThreshold } = limits.cleaner;
  if (cleanBatch >= cleanThreshold) {
    say("cleaner.cleanBatch", cleanBatch, `cleanBatch ${cleanBatch} must be below cleanThreshold ${cleanThreshold}`);
  }
  if (cleanThreshold > limits.openOrdersMax) {
    const text = `cleanThreshold ${cleanThreshold} is never reached: openOrdersMax is ${limits.openOrdersMax}`;
    say("cleaner.cleanThreshold", cleanThreshold, text);
  }
}
