// The newest what-if of a bot, asked of live-server and, while it runs, asked again. What starts or ends one goes to
// the engine's door; this only looks.

import { useCallback, useEffect, useState } from "react";
import type { WhatIfJob } from "../../../src/live/messages.ts";
import { usePicture } from "../picture/use.ts";
import { link } from "../wire/link.ts";

const EVERY_MS = 500;

export type Told = Extract<WhatIfJob, { job: string }>;

export interface Watched {
  /** Null until it is told. */
  readonly told: Told | null;
  readonly fault: string;
  /** Looks at once: it was just started or ended. */
  readonly look: () => void;
}

export function useWhatIf(bot: string): Watched {
  const ready = usePicture((picture) => picture.ready);
  const [answer, setAnswer] = useState<WhatIfJob | null>(null);
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with the same bot when somebody says look
  useEffect(() => {
    if (!ready || bot === "") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      const told = await link.whatIf(bot);
      if (gone) return;
      setAnswer(told);
      if ("state" in told && told.state === "running") timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [bot, ready, asked]);
  const told = answer !== null && "job" in answer && answer.bot === bot ? answer : null;
  return {
    told,
    fault: answer !== null && "error" in answer ? answer.error : "",
    look: useCallback(() => setAsked((times) => times + 1), []),
  };
}
