// Yjs under Node: yjs.mjs DIR WHAT CALLS. Prints the figures get_room.mjs prints; a call is an operation, an edit, or all of
// it once.
import fs from "node:fs";
import { createRequire } from "node:module";
import { measure } from "./measure.mjs";

const Y = createRequire(process.env.LBHOST_PEERS + "/")("yjs");
const [dir, what, calls] = process.argv.slice(2);
const whole = (name) => new Uint8Array(fs.readFileSync(`${dir}/${name}`));

function list(name) {
  const bytes = fs.readFileSync(`${dir}/${name}`), updates = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    updates.push(new Uint8Array(bytes.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return updates;
}

function open(updates) {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}
const read = (doc) => doc.getText("t").toString().length;

const works = {
  open: () => [list("updates"), (updates) => read(open(updates))],
  state: () => [[whole("state")], (updates) => { for (let i = 0; i < calls; i++) read(open(updates)); }],
  merge: () => [list("batches"), (updates) => Y.mergeUpdates(updates).length],
  clients: () => [[whole("clients")], (updates) => { for (let i = 0; i < calls; i++) read(open(updates)); }],
  edit: () => [open([whole("state")]), (doc) => edits(doc, 7919)],
  small: () => [new Y.Doc(), (doc) => edits(doc, 7919)],
};

function edits(doc, step) {
  const text = doc.getText("t");
  let sent = 0;
  doc.on("update", (update) => { sent += update.length; });
  for (let i = 0; i < calls; i++) text.insert((i * step) % (text.length + 1), "word ");
  return sent;
}

const [given, run] = works[what]();
await measure(Number(calls), () => { run(given); });
