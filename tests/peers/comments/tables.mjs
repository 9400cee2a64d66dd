// Writes tests/data/comments/*.jsonl: inputs, and what the official packages make of them. With --check it writes
// nothing and fails when a table is not what they make today. The two packages bring versions of their core that
// refuse to be loaded together: two runs.   node tables.mjs node|emails [--check]

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const directory = new URL("../../data/comments/", import.meta.url);
const check = process.argv[3] === "--check";
console.warn = () => {}; // the packages report missing resolvers

async function each(inputs, make) {
  const rows = [];
  for (const input of inputs) rows.push({ input, output: await make(input) });
  return rows;
}

const makers = {
  async node() {
    const { bodies } = await import("./bodies.mjs");
    const { addresses, markdown } = await import("./inputs.mjs");
    const { markdownToCommentBody, sanitizeUrl, stringified } = await import("./sdk.mjs");
    return {
      markdown: await each(markdown, markdownToCommentBody),
      addresses: await each(addresses, sanitizeUrl),
      bodies: await each(bodies, stringified),
    };
  },
  async emails() {
    const { cases, email, event } = await import("./emails.mjs");
    return { emails: await each(cases.map((one) => ({ ...one, event })), email) };
  },
};

mkdirSync(directory, { recursive: true });
let stale = false;
for (const [name, rows] of Object.entries(await makers[process.argv[2]]())) {
  const file = new URL(`${name}.jsonl`, directory);
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const fresh = existsSync(file) && readFileSync(file, "utf8") === text;
  if (!fresh && check) {
    stale = true;
    console.error(`peers: tests/data/comments/${name}.jsonl is not what the packages make of its inputs; run tables.mjs`);
  } else if (!fresh) {
    writeFileSync(file, text);
  }
  console.log(`${rows.length} rows of ${name}`);
}
if (stale) process.exit(1);
