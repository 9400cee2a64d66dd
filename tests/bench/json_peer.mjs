// JSON.parse and JSON.stringify on files: json_peer.mjs SECONDS FILE...
// Prints {"file":,"decode":,"encode":} for each, in MB of text a second: the best of 5 spells.
import { readFileSync } from "node:fs";

const [seconds, ...files] = process.argv.slice(2);

// The rate of one function over about `seconds`, cut into spells.
function rate(bytes, work) {
  const spells = [];
  for (let spell = -1; spell < 5; spell++) {
    const start = performance.now();
    let rounds = 0;
    let spent = 0;
    while (spent < Number(seconds) / 6) {
      work();
      rounds++;
      spent = (performance.now() - start) / 1e3;
    }
    if (spell >= 0) spells.push((rounds * bytes) / spent / 1e6); // the first one warms up
  }
  return Math.max(...spells);
}

for (const file of files) {
  const text = readFileSync(file, "utf8");
  const value = JSON.parse(text);
  const out = Buffer.byteLength(JSON.stringify(value));
  const decode = rate(Buffer.byteLength(text), () => JSON.parse(text));
  const encode = rate(out, () => JSON.stringify(value));
  console.log(JSON.stringify({ file, decode, encode }));
}
