// Writes what the benchmark of Yjs documents reads: yjs_trace.mjs DIR OPERATIONS [TRACE].
//   DIR/updates   the update of each operation, its size ahead of it (4 bytes, little endian)
//   DIR/batches   the same operations in updates of a hundred
//   DIR/state     the document as one update
//   DIR/clients   one update: 4,000 clients that insert at the same place
// TRACE is a recorded one, a gzipped JSON file { txns: [{ patches: [[position, deleted, inserted]] }] } as those of
// github.com/josephg/editing-traces; without it, a trace is made that types, corrects and jumps.
import fs from "node:fs";
import zlib from "node:zlib";
import { createRequire } from "node:module";

const Y = createRequire(process.env.LBHOST_PEERS + "/")("yjs");
const [dir, count, file] = process.argv.slice(2);

let state = 7;
function random(n) {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
}

// Runs of typing, some of it taken back, at a place that moves now and then.
function* made(length) {
  let at = 0, size = 0;
  for (let i = 0; i < length; i++) {
    if (random(60) === 0) at = random(size + 1);
    if (at > 0 && random(100) < 29) {
      at--;
      size--;
      yield [at, 1, ""];
    } else {
      yield [at, 0, " etaoinshrdlu"[random(13)]];
      at++;
      size++;
    }
  }
}

function* recorded() {
  for (const one of JSON.parse(zlib.gunzipSync(fs.readFileSync(file))).txns) yield* one.patches;
}

function write(name, updates) {
  const parts = [];
  for (const update of updates) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(update.length);
    parts.push(size, Buffer.from(update));
  }
  fs.writeFileSync(`${dir}/${name}`, Buffer.concat(parts));
}

function play(batch) {
  const doc = new Y.Doc(), updates = [], text = doc.getText("t");
  doc.clientID = 1;
  doc.on("update", (update) => updates.push(update));
  let waiting = [];
  const flush = () => doc.transact(() => {
    for (const [at, deleted, inserted] of waiting.splice(0)) {
      if (deleted) text.delete(at, deleted);
      if (inserted) text.insert(at, inserted);
    }
  });
  let left = Number(count);
  for (const patch of file ? recorded() : made(left)) {
    if (left-- === 0) break;
    waiting.push(patch);
    if (waiting.length === batch) flush();
  }
  flush();
  return [updates, doc];
}

const [updates, doc] = play(1);
write("updates", updates);
write("batches", play(100)[0]);
fs.writeFileSync(`${dir}/state`, Y.encodeStateAsUpdate(doc));
const clients = [];
for (let i = 1; i <= 4000; i++) {
  const one = new Y.Doc();
  one.clientID = i;
  one.getText("t").insert(0, "x");
  clients.push(Y.encodeStateAsUpdate(one));
}
fs.writeFileSync(`${dir}/clients`, Y.mergeUpdates(clients));
console.log(JSON.stringify({ operations: updates.length, length: doc.getText("t").length }));
