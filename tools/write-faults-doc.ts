// Writes docs/emulator-faults.md from the emulator's fault catalogue.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultsPage } from "../src/exchange/emulator/faults/page.ts";

writeFileSync(join(import.meta.dirname, "..", "docs/emulator-faults.md"), faultsPage());
