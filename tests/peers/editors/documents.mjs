// Random documents of text editors by the editors' own packages, and what those make of our changes.
//
//   documents.mjs make KIND COUNT SEED FILE    writes cases, one JSON value a line: update, json, text, markdown, target, size
//   documents.mjs check KIND FILE              reads them back with `after`, the document that our code has made of the target
// LBHOST_EDITORS: directory with the packages in node_modules
import fs from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { seed } from "./random.mjs";

const [, , mode, kind, ...rest] = process.argv;
console.warn = () => {};
const { make, check, Y } = await import(`./${kind}.mjs`);
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));

if (mode === "make") {
  const [count, number, file] = rest;
  seed(number);
  const lines = [];
  for (let i = 0; i < Number(count); i++) {
    const one = await make();
    lines.push(JSON.stringify({ ...one, update: base64(one.update) }));
  }
  fs.writeFileSync(file, lines.join("\n") + "\n");
} else {
  let count = 0, ours = 0, theirs = 0;
  for (const line of fs.readFileSync(rest[0], "utf8").split("\n")) {
    if (!line) continue;
    const one = JSON.parse(line);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, bytes(one.update));
    if (one.change) Y.applyUpdate(doc, bytes(one.change));
    const [found, wanted] = await check(one, Y.encodeStateAsUpdate(doc));
    count++;
    if (!isDeepStrictEqual(found, wanted)) {
      console.error(`editors: ${kind}, document ${count}: read after our change:\n${JSON.stringify(found)}\nwanted\n${JSON.stringify(wanted)}`);
      process.exit(1);
    }
    ours += one.change ? bytes(one.change).length : 2;
    theirs += one.size ?? 0;
  }
  console.log(`editors: ${kind} reads ${count} documents that we have changed as it should` +
    (theirs ? `; ${ours} bytes of ours, ${theirs} of its own` : ""));
  if (theirs && ours > theirs) {
    console.error(`editors: ${kind}: our changes are longer than its own`);
    process.exit(1);
  }
}
process.exit(0); // what a DOM leaves running
