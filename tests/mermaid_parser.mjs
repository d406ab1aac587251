// Reads a JSON list of diagrams, and writes what Mermaid's own parser finds in each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const load = async (name) => import(pathToFileURL(createRequire(import.meta.url).resolve(name)));
let jsdom, mermaid;
try {
  jsdom = await load("jsdom");
  globalThis.window = new jsdom.JSDOM("").window;
  globalThis.document = window.document;
  mermaid = (await load("mermaid")).default;
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  process.exit(3);
}
const read = async (text) => {
  try {
    await mermaid.parse(text); // it also loads the kind of diagram
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    return { states: db.getStates().size, arrows: db.getRelations().length };
  } catch (error) {
    return { error: String(error) };
  }
};
const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) found.push(await read(text));
process.stdout.write(JSON.stringify(found));
