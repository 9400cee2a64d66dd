// Writes what the SDK makes of random inputs, a JSON object a line.   node fuzz.mjs SEED COUNT > FILE

import { randomAddress, randomBody, randomMarkdown } from "./random.mjs";
import { markdownToCommentBody, sanitizeUrl, stringified } from "./sdk.mjs";

const first = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1000);
const print = (row) => process.stdout.write(`${JSON.stringify(row)}\n`);

for (let seed = first; seed < first + count; seed++) {
  const text = randomMarkdown(seed);
  print({ seed, kind: "markdown", input: text, output: markdownToCommentBody(text) });
  if (seed % 2 === 0) {
    const address = randomAddress(seed);
    print({ seed, kind: "addresses", input: address, output: sanitizeUrl(address) });
  }
  if (seed % 4 === 0) {
    const body = randomBody(seed);
    print({ seed, kind: "bodies", input: body, output: await stringified(body) });
  }
}
