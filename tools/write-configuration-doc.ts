// Writes docs/configuration.md and docs/schema/*.json from the schemas that read configurations.

import { mkdirSync, writeFileSync } from "node:fs";
import { configurationDoc, schemaTexts } from "../src/config/configuration-doc.ts";
import { SCHEMA_FOLDER } from "../src/config/process/json-schema.ts";

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

mkdirSync(at(SCHEMA_FOLDER), { recursive: true });
writeFileSync(at("docs/configuration.md"), configurationDoc());
for (const [path, text] of schemaTexts()) writeFileSync(at(path), text);
