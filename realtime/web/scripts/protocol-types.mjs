// Writes src/protocol/types.ts from the protocol's JSON Schema, so that page and daemon cannot
// disagree about a message's shape without `npm run check` saying so.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const source = new URL("../../schema.json", import.meta.url);
const target = new URL("../src/protocol/types.ts", import.meta.url);

const { discriminator: _, ...schema } = JSON.parse(await readFile(source, "utf8"));

for (const definition of Object.values(schema.$defs)) {
  // Every titled property would become an alias of its own (`type Songs = number`).
  for (const property of Object.values(definition.properties)) delete property.title;
  // The daemon writes every field, those with a default (`v`, `type`) too.
  definition.required = Object.keys(definition.properties);
}
schema.title = "ServerMessage";

const text = await compile(schema, "ServerMessage", {
  bannerComment: "// Written by scripts/protocol-types.mjs from realtime/schema.json. Do not edit.",
  format: false,
  ignoreMinAndMaxItems: true, // 48 bands are an array here, not a tuple written out 48 times
});
await writeFile(target, text);
