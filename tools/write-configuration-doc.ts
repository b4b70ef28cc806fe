// Writes docs/configuration.md and docs/opensqt.schema.json from the schema that reads configurations.

import { writeFileSync } from "node:fs";
import { configurationDoc, configurationSchemaText } from "../src/config/configuration-doc.ts";

writeFileSync(new URL("../docs/configuration.md", import.meta.url), configurationDoc());
writeFileSync(new URL("../docs/opensqt.schema.json", import.meta.url), configurationSchemaText());
