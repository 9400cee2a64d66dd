// Random Yjs documents, edited by several clients at once: the updates of each, and what Yjs makes of them.
//
//   cases.mjs make COUNT SEED FILE    writes cases, one JSON value a line
//   cases.mjs check FILE              reads them back with `merged`, the one update that our code has made of them
// LBHOST_PEERS: directory with node_modules/yjs
import fs from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

const Y = createRequire(process.env.LBHOST_PEERS + "/")("yjs");
const [, , mode, ...rest] = process.argv;

let state = 1;
function random(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];

const values = () => pick([1, -7, 2.5, 1e300, 2 ** 40, true, false, null, "text", "é😀", { a: [1, { b: null }] }, [], {}, new Uint8Array([0, 255]), 0, 123456]);
// No characters of two units: replicas of Yjs do not agree on one that is split.
const words = ["a", "Hello ", "é", "x".repeat(40), "\n", "日本"];

function editText(text) {
  const n = text.length;
  switch (random(6)) {
    case 0: case 1: text.insert(random(n + 1), pick(words)); break;
    case 2: text.insert(random(n + 1), pick(words), { bold: true }); break;
    case 3: if (n) text.delete(random(n), 1); break;
    case 4: if (n) { const at = random(n); text.format(at, 1 + random(n - at), pick([{ bold: null }, { italic: { x: "1" } }, { bold: true }])); } break;
    case 5: if (n > 3) text.delete(random(n - 2), 2); break;
  }
}

function editMap(map, depth = 0) {
  const key = pick(["a", "b", "c", "d"]);
  const inner = map.get(key);
  if (inner instanceof Y.Text) return editText(inner);
  if (inner instanceof Y.Map && random(3)) return editMap(inner, depth + 1);
  if (inner instanceof Y.Array && random(3)) return editArray(inner, depth + 1);
  if (random(6) === 0) return map.delete(key);
  if (depth < 3 && random(3) === 0) return map.set(key, pick([() => new Y.Text("t"), () => new Y.Map(), () => new Y.Array()])());
  map.set(key, values());
}

function editArray(array, depth = 0) {
  const n = array.length;
  if (n && random(4) === 0) return array.delete(random(n), 1 + random(Math.min(n, 2)) * 0);
  const inner = n ? array.get(random(n)) : undefined;
  if (inner instanceof Y.Map && random(2)) return editMap(inner, depth + 1);
  if (inner instanceof Y.Array && random(2)) return editArray(inner, depth + 1);
  if (depth < 3 && random(5) === 0) return array.insert(random(n + 1), [pick([() => new Y.Map(), () => new Y.Array(), () => new Y.Text("q")])()]);
  array.insert(random(n + 1), Array.from({ length: 1 + random(3) }, values));
}

function editXml(parent, depth = 0) {
  const n = parent.length;
  const inner = n ? parent.get(random(n)) : undefined;
  if (inner instanceof Y.XmlText && random(2)) return editText(inner);
  if (inner instanceof Y.XmlElement && random(3)) {
    if (random(3) === 0) return inner.setAttribute(pick(["level", "id"]), pick(["1", "two", "a\"b"]));
    return editXml(inner, depth + 1);
  }
  if (n && random(5) === 0) return parent.delete(random(n), 1);
  if (depth < 4) parent.insert(random(n + 1), [random(2) ? new Y.XmlElement(pick(["p", "Heading", "br"])) : new Y.XmlText("x")]);
}

const roots = {
  text: [(doc) => doc.getText("text"), editText, "ytext"],
  map: [(doc) => doc.getMap("map"), editMap, "ymap"],
  array: [(doc) => doc.getArray("array"), editArray, "yarray"],
  xml: [(doc) => doc.getXmlFragment("xml"), editXml, "yxmlfragment"],
};

// JSON as it is sent, and as an application sees it.
function shown(doc) {
  const out = {};
  for (const [name, [get, , type]] of Object.entries(roots)) out[name] = { type, value: get(doc).toJSON() };
  out.xmltext = { type: "yxmltext", value: doc.get("xmltext", Y.XmlText).toString() };
  return out;
}

// A document from an update, as if it were its own edit: of what others send Yjs tidies up the formats, in a way that depends
// on the order in which it comes.
function read(update) {
  const doc = new Y.Doc();
  Y.transact(doc, () => Y.applyUpdate(doc, update), null, true);
  return doc;
}

function makeCase() {
  const clients = Array.from({ length: 1 + random(4) }, (_, i) => {
    const doc = new Y.Doc({ gc: random(4) > 0 });
    doc.clientID = pick([1, 100, 2 ** 31, 2 ** 32 - 1]) + i;
    return doc;
  });
  const updates = [];
  for (const doc of clients) doc.on("update", (update, origin) => { if (origin !== "sync") updates.push(update); });
  for (let i = random(80) + 1; i > 0; i--) {
    const doc = pick(clients);
    if (random(10) === 0) {
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(pick(clients)), "sync");
    } else {
      doc.transact(() => {
        for (let j = random(3); j >= 0; j--) {
          const name = pick(["text", "map", "array", "xml", "xmltext"]);
          if (name === "xmltext") editText(doc.get("xmltext", Y.XmlText));
          else roots[name][1](roots[name][0](doc));
        }
      });
    }
  }
  // Some as whole states, which overlap with the small updates.
  if (random(2)) updates.push(Y.encodeStateAsUpdate(pick(clients)));
  const all = read(Y.mergeUpdates(updates));
  for (let i = updates.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [updates[i], updates[j]] = [updates[j], updates[i]];
  }
  return { updates: updates.map((update) => Buffer.from(update).toString("base64")), shown: shown(all) };
}

if (mode === "make") {
  const [count, seed, file] = rest;
  state = Number(seed);
  const lines = [];
  for (let i = 0; i < Number(count); i++) lines.push(JSON.stringify(makeCase()));
  fs.writeFileSync(file, lines.join("\n") + "\n");
} else {
  let count = 0;
  for (const line of fs.readFileSync(rest[0], "utf8").split("\n")) {
    if (!line) continue;
    const one = JSON.parse(line);
    const doc = read(Buffer.from(one.merged, "base64"));
    const got = JSON.parse(JSON.stringify(shown(doc)));
    if (doc.store.pendingStructs || !isDeepStrictEqual(got, one.shown)) {
      console.error("yjs: Yjs reads the joined update otherwise:\n" + JSON.stringify(got) + "\n" + JSON.stringify(one.shown));
      process.exit(1);
    }
    count++;
  }
  console.log(`yjs: Yjs reads ${count} joined updates as it should`);
}
