// Writes docs/report-v1.schema.json from the code that writes reports; a test keeps the two equal.

import { writeFileSync } from "node:fs";
import { reportJsonSchema } from "../src/backtest/report-json.ts";

writeFileSync(new URL("../docs/report-v1.schema.json", import.meta.url), reportJsonSchema());
