// The system screen: processes, journals, feeds, machinery, log (live.md section 9).

import type { ReactNode } from "react";
import { FeedsPanel, MachineryPanel } from "../panels/feeds.tsx";
import { LogPanel } from "../panels/log.tsx";
import { JournalsPanel, ProcessesPanel } from "../panels/processes.tsx";

export function SystemScreen(): ReactNode {
  return (
    <div className="columns">
      <ProcessesPanel />
      <JournalsPanel />
      <FeedsPanel />
      <MachineryPanel />
      <LogPanel />
    </div>
  );
}
