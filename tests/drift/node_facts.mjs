// Prints what the installed Node SDK knows of the REST API, as JSON: node_facts.mjs FOLDER, that of @liveblocks/node.
// Nothing is called: the bundle and its types are read.
//   { version, requests: [{ method, path }], events: [...] }   a parameter of a path is {}
import { readFileSync } from "node:fs";

const directory = process.argv[2];
const read = (name) => readFileSync(`${directory}/${name}`, "utf8");
const bundle = read("dist/index.js");
const types = read("dist/index.d.ts");

// this.#post(url`/v2/rooms/${roomId}/upsert`, ...), or a path that is kept in a variable first.
const METHODS = { get: "GET", post: "POST", put: "PUT", putBinary: "PUT", delete: "DELETE", patch: "PATCH" };
const TEMPLATE = /url2?`(\/?v2\/[^`]*)`/g;
const CALL = /#(get|post|putBinary|put|delete|patch)(?:Fn)?\(/g;
const requests = [];
const unclear = [];
for (const found of bundle.matchAll(TEMPLATE)) {
  const path = ("/" + found[1].replace(/^\//, "")).replace(/\?.*/, "").replace(/\$\{[^}]*\}/g, "{}");
  const before = [...bundle.slice(Math.max(0, found.index - 200), found.index).matchAll(CALL)].pop();
  const line = bundle.slice(bundle.lastIndexOf("\n", found.index) + 1, found.index);
  const after = /const (\w+) = $/.test(line) && CALL_AFTER(bundle.slice(found.index, found.index + 1500), RegExp.$1);
  const method = after || (before && METHODS[before[1]]);
  if (method) requests.push({ method, path });
  else unclear.push(path);
}

function CALL_AFTER(text, name) {
  const call = new RegExp(`#(get|post|putBinary|put|delete|patch)(?:Fn)?\\(\\s*${name}\\b`).exec(text);
  return call && METHODS[call[1]];
}

const union = /type WebhookEvent = ([^;]*);/.exec(types)[1].split("|").map((name) => name.trim());
const events = new Set();
for (let at = 0; at < union.length; at++) {
  const declaration = new RegExp(`(?:type|interface) ${union[at]} = ([^;]*;(?:\\s*data:)?)`).exec(types);
  const kind = declaration && /type: "(\w+)"/.exec(declaration[1]);
  if (kind) events.add(kind[1]);
  else if (declaration) union.push(...declaration[1].replace(/;.*/s, "").split("|").map((name) => name.trim()));
}
console.log(JSON.stringify({ version: JSON.parse(read("package.json")).version, requests, unclear, events: [...events].sort() }));
