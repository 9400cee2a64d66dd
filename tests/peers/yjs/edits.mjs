// Random edits by three Yjs documents and a fourth, whose every step is written down with what Yjs makes of it: our code
// takes the same steps (edits.lua) and must come to the same bytes.
//
//   edits.mjs COUNT SEED FILE [STEPS]    writes runs, one JSON value a line, of at most so many steps (45)
// LBHOST_PEERS: directory with node_modules/yjs
import fs from "node:fs";
import { createRequire } from "node:module";

const Y = createRequire(process.env.LBHOST_PEERS + "/")("yjs");
const [, , count, seed, file, most = 45] = process.argv;

let state = Number(seed);
function random(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
const pick = (list) => list[random(list.length)];
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

const words = ["a", "Hello ", "é", "x".repeat(30), "\n", "日本", "😀", "a😀b", "\u0001\"\\"];
const plain = () => pick([1, -7, 0, 2.5, 1e300, 2 ** 40, -1.5e-7, true, false, null, "text", "é😀", { a: [1, { b: null }] }, [], {}, 123456]);
const attributes = () => pick([{ bold: true }, { bold: null }, { italic: true, size: 12 }, { link: { href: "x" } }, { link: null }, { size: 14 }, { bold: false }]);

// Values with parts that JSON has not, as they are written down; their keys are sorted.
const nested = () => pick([{ a: [1, { bytes: "AP8=" }], b: { undefined: true } }, [{ bytes: "" }, 2.5, "é"], { "é😀": { undefined: true } }, [[{ undefined: true }]]]);

function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if (value.bytes !== undefined) return new Uint8Array(Buffer.from(value.bytes, "base64"));
  if (value.undefined) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revive(one)]));
}

// ---- Values as they are written down, and made ----

function newValue(depth) {
  const kind = random(11);
  if (kind === 10) return { nested: nested() };
  if (kind === 0) return { binary: base64(new Uint8Array([0, 255, 7])) };
  if (kind === 1) return { undefined: true };
  if (depth < 3 && kind < 5) return newType(depth + 1);
  return { value: plain() };
}

function newType(depth) {
  switch (random(4)) {
    case 0: return { array: Array.from({ length: random(3) }, () => newValue(depth)) };
    case 1: return { map: Object.fromEntries(["a", "b"].slice(random(3)).map((key) => [key, newValue(depth)])) };
    case 2: return { text: pick(words) };
    default: return { xml: newNode(depth) };
  }
}

function newNode(depth) {
  if (depth > 3 || random(2)) return { text: pick(words) };
  const attrs = Object.fromEntries(["id", "level"].slice(random(3)).map((key) => [key, pick(["1", "two"])]));
  return { name: pick(["p", "Heading"]), attrs, children: Array.from({ length: random(3) }, () => newNode(depth + 1)) };
}

function makeNode(node) {
  if (node.text !== undefined) return new Y.XmlText(node.text);
  const element = new Y.XmlElement(node.name);
  element.insert(0, node.children.map(makeNode));
  for (const key of Object.keys(node.attrs)) element.setAttribute(key, node.attrs[key]);
  return element;
}

function make(value) {
  if ("value" in value) return value.value;
  if (value.nested) return revive(value.nested);
  if (value.binary !== undefined) return new Uint8Array(Buffer.from(value.binary, "base64"));
  if (value.undefined) return undefined;
  if (value.array) return Y.Array.from(value.array.filter((one) => !one.undefined).map(make));
  if (value.map) return new Y.Map(Object.entries(value.map).map(([key, one]) => [key, make(one)]));
  if (value.text !== undefined) return new Y.Text(value.text);
  return makeNode(value.xml);
}

// What is embedded in a text: a value, or a type with what is in it.
const embedded = () => random(3) ? { value: { image: "x" } } : newType(2);

// ---- Steps ----

const roots = { text: Y.Text, map: Y.Map, array: Y.Array, xml: Y.XmlFragment, xmltext: Y.XmlText };
const kindOf = (type) => type instanceof Y.XmlText ? "xmltext" : type instanceof Y.Text ? "text" : type instanceof Y.XmlElement ? "element"
  : type instanceof Y.XmlFragment ? "fragment" : type instanceof Y.Map ? "map" : "array";

// A type of the document, and the way to it.
function anyType(doc) {
  const name = pick(Object.keys(roots));
  let type = doc.get(name, roots[name]);
  const path = [name];
  for (let depth = 0; depth < 4 && random(3); depth++) {
    const inner = [];
    if (type instanceof Y.Map) type.forEach((value, key) => { if (value instanceof Y.AbstractType) inner.push([key, value]); });
    else if (!(type instanceof Y.Text)) type.toArray().forEach((value, i) => { if (value instanceof Y.AbstractType) inner.push([i, value]); });
    if (!inner.length) break;
    const [key, next] = pick(inner);
    path.push(key);
    type = next;
  }
  return [type, path];
}

function follow(doc, path) {
  let type = doc.get(path[0], roots[path[0]]);
  for (const key of path.slice(1)) type = type.get(key);
  return type;
}

function newEdit(doc) {
  const [type, path] = anyType(doc);
  const kind = kindOf(type);
  const n = kind === "map" ? 0 : type.length;
  const at = random(n + 1);
  if (kind === "text" || kind === "xmltext") {
    switch (random(9)) {
      case 0: case 1: return { op: "insert", path, at, text: pick(words) };
      case 2: return { op: "insert", path, at, text: pick(words), attributes: attributes() };
      case 3: case 4: return { op: "delete", path, at, length: Math.min(random(4), n - at) };
      case 5: case 6: return { op: "format", path, at, length: Math.min(1 + random(8), n - at), attributes: attributes() };
      case 7: return random(2) ? { op: "embed", path, at, value: embedded(), attributes: random(2) ? attributes() : undefined }
        : { op: "attribute", path, key: "k", value: { value: plain() } };
      default: {
        const delta = [];
        let left = n;
        for (let i = random(4); i >= 0; i--) {
          const size = 1 + random(4);
          if (random(2) && size <= left) { left -= size; delta.push(random(2) ? { delete: size } : { retain: size, attributes: random(2) ? attributes() : undefined }); }
          else delta.push({ insert: random(4) ? pick(words) : embedded(), attributes: random(2) ? attributes() : undefined });
        }
        return { op: "delta", path, delta };
      }
    }
  }
  if (kind === "map") {
    const key = pick(["a", "b", "c"]);
    return random(5) ? { op: "set", path, key, value: newValue(path.length) } : { op: "remove", path, key };
  }
  if (kind === "element" && random(4) === 0) return random(3) ? { op: "attribute", path, key: pick(["id", "x"]), value: { value: pick(["1", "two"]) } } : { op: "drop", path, key: "id" };
  if (random(3) === 0) return { op: "delete", path, at, length: Math.min(1 + random(3), n - at) };
  if (kind === "array") {
    const values = Array.from({ length: 1 + random(3) }, () => newValue(path.length)).filter((value) => !value.undefined);
    return random(3) ? { op: "values", path, at, values } : { op: "push", path, values };
  }
  return { op: "nodes", path, at, nodes: Array.from({ length: 1 + random(2) }, () => newNode(path.length)) };
}

function apply(doc, edit) {
  const type = follow(doc, edit.path);
  switch (edit.op) {
    case "insert": return type.insert(edit.at, edit.text, edit.attributes && { ...edit.attributes });
    case "delete": return type.delete(edit.at, edit.length);
    case "format": return type.format(edit.at, edit.length, edit.attributes);
    case "embed": return type.insertEmbed(edit.at, make(edit.value), edit.attributes && { ...edit.attributes });
    case "delta": return type.applyDelta(edit.delta.map((part) => ({ ...structuredClone(part), ...(typeof part.insert === "object" ? { insert: make(part.insert) } : {}) })));
    case "set": return type.set(edit.key, make(edit.value));
    case "remove": return type.delete(edit.key);
    case "attribute": return type.setAttribute(edit.key, edit.value.value);
    case "drop": return type.removeAttribute(edit.key);
    case "values": return type.insert(edit.at, edit.values.map(make));
    case "push": return type.push(edit.values.map(make));
    case "nodes": return type.insert(edit.at, edit.nodes.map(makeNode));
  }
}

function open(gc, clientID) {
  const doc = new Y.Doc({ gc });
  doc.clientID = clientID;
  for (const name of Object.keys(roots)) doc.get(name, roots[name]);
  return doc;
}

// All updates in three orders, in whichever encoding, to a document that has nothing: what it has half way, and in the end.
function deliver(list, gc, clientID) {
  return [0, 1, 2].map(() => {
    const doc = open(gc, clientID), steps = list.map((update) => [random(1e6), update]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    const order = [], half = steps.length >> 1;
    let between;
    steps.forEach((update, i) => {
      const v2 = random(3) === 0, bytes = v2 ? Y.convertUpdateFormatV1ToV2(update) : update;
      if (v2) Y.applyUpdateV2(doc, bytes); else Y.applyUpdate(doc, bytes);
      order.push({ apply: base64(bytes), version: v2 ? 2 : 1 });
      if (i === half) between = base64(Y.encodeStateAsUpdateV2(doc));
    });
    return { order, half: half + 1, between, last: base64(Y.encodeStateAsUpdate(doc)), vector: base64(Y.encodeStateVector(doc)) };
  });
}

function makeRun() {
  const gc = random(3) > 0;
  const peers = Array.from({ length: 3 }, (_, i) => open(gc, pick([1, 100, 2 ** 31, 2 ** 32 - 10]) + i));
  const ours = open(gc, pick([7, 200, 2 ** 31 + 100]));
  const steps = [];
  const updates = peers.map(() => []); // what each made, and we have not had
  const taken = []; // ours, for them
  const everything = []; // all that anybody has made
  peers.forEach((peer, i) => peer.on("update", (update, origin) => {
    if (origin === "sync") return;
    updates[i].push(update);
    everything.push(update);
  }));
  let made = [];
  ours.on("update", (update) => made.push(update));
  const snapshots = [];
  for (let left = 5 + random(most - 5); left > 0; left--) {
    const peer = pick(peers), index = peers.indexOf(peer);
    switch (random(6)) {
      case 0: case 1:
        peer.transact(() => { for (let j = random(3); j >= 0; j--) apply(peer, newEdit(peer)); });
        break;
      case 2: { // ours takes one of theirs, also out of order, as it is or in the encoding v2
        if (!updates[index].length) break;
        const update = updates[index].splice(random(4) ? 0 : random(updates[index].length), 1)[0];
        const v2 = random(2) === 1;
        const bytes = v2 ? Y.convertUpdateFormatV1ToV2(update) : update;
        if (v2) Y.applyUpdateV2(ours, bytes); else Y.applyUpdate(ours, bytes);
        taken.push(...made);
        made = [];
        steps.push({ apply: base64(bytes), version: v2 ? 2 : 1 });
        break;
      }
      case 3: // a peer takes all of another
        Y.applyUpdate(peer, Y.encodeStateAsUpdate(pick([...peers, ours])), "sync");
        break;
      default: {
        const edits = [];
        ours.transact(() => {
          for (let j = random(3); j >= 0; j--) {
            const edit = newEdit(ours);
            edits.push(edit);
            apply(ours, edit);
          }
        });
        steps.push({ edits, update: made.length ? base64(made[0]) : null });
        taken.push(...made);
        made = [];
        if (!gc && random(4) === 0) {
          snapshots.push(Y.snapshot(ours));
          steps.push({ snapshot: base64(Y.encodeSnapshot(snapshots.at(-1))), v2: base64(Y.encodeSnapshotV2(snapshots.at(-1))) });
        }
      }
    }
  }
  const positions = [];
  for (const name of ["text", "array", "xml"]) {
    const type = ours.get(name);
    for (let i = 0; i < 3; i++) {
      const at = random(type.length + 1), association = random(2) ? 0 : -1;
      positions.push({ name, at, association, bytes: base64(Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(type, at, association))) });
    }
  }
  const before = { v1: base64(Y.encodeStateAsUpdate(ours)), v2: base64(Y.encodeStateAsUpdateV2(ours)), vector: base64(Y.encodeStateVector(ours)),
    partial: base64(Y.encodeStateAsUpdate(ours, Y.encodeStateVector(peers[0]))), from: base64(Y.encodeStateVector(peers[0])) };
  const said = (delta) => JSON.parse(JSON.stringify(delta)); // what is embedded may change yet
  const deltas = [said(ours.getText("text").toDelta())];
  for (let i = 0; i < snapshots.length; i++) deltas.push(said(ours.getText("text").toDelta(snapshots[i], i ? snapshots[i - 1] : undefined)));
  const restored = snapshots.length ? base64(Y.encodeStateAsUpdate(Y.createDocFromSnapshot(ours, snapshots[0], new Y.Doc({ gc: false })))) : undefined;
  // All that was missing, in whatever order.
  const rest = peers.map((peer) => Y.encodeStateAsUpdate(peer));
  const order = [0, 1, 2].sort(() => random(3) - 1);
  const final = [];
  for (const i of order) {
    Y.applyUpdate(ours, rest[i]);
    final.push(base64(rest[i]));
  }
  const resolved = positions.map(({ bytes }) => {
    const found = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(new Uint8Array(Buffer.from(bytes, "base64"))), ours);
    return found ? found.index : null;
  });
  const all = Y.encodeStateAsUpdate(ours);
  const orders = random(3) === 0 ? deliver([...everything, ...taken], gc, ours.clientID + 50) : [];
  const merged = [...rest, ...taken];
  return { gc, client: ours.clientID, steps, positions, before, deltas, restored, final, resolved, after: base64(all), orders,
    after2: base64(Y.encodeStateAsUpdateV2(ours)),
    shown: { text: ours.getText("text").toJSON(), xml: ours.getXmlFragment("xml").toString(), xmltext: ours.get("xmltext", Y.XmlText).toString() },
    merge: merged.map(base64), merged: base64(Y.mergeUpdates(merged)),
    merged2: base64(Y.mergeUpdatesV2(merged.map(Y.convertUpdateFormatV1ToV2))),
    diff: base64(Y.diffUpdate(Y.mergeUpdates(merged), Y.encodeStateVector(peers[0]))), vector: base64(Y.encodeStateVector(peers[0])),
    update_vector: base64(Y.encodeStateVectorFromUpdate(Y.mergeUpdates(merged))),
    back: base64(Y.convertUpdateFormatV2ToV1(Y.encodeStateAsUpdateV2(ours))) };
}

const out = fs.openSync(file, "w");
for (let i = 0; i < Number(count); i++) fs.writeSync(out, JSON.stringify(makeRun()) + "\n");
fs.closeSync(out);
