// Verifies a signed event and hands it to its handler, in process: webhook.mjs DIR EVENTS WARMUP
import { readFileSync } from "node:fs";
import { measure } from "./measure.mjs";
const { WebhookHandler } = await import(
  `${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`
);

const [dir, events, warmup] = process.argv.slice(2);
const read = (name) => readFileSync(`${dir}/${name}`, "utf8");
const webhook = new WebhookHandler(read("event.secret"));
const headers = JSON.parse(read("event.headers"));
const rawBody = read("event.json");
let handled = 0;
const handlers = {
  commentCreated(event) {
    if (event.data.commentId === "cm_bench") handled++;
  },
};

function dispatch(count) {
  const before = handled;
  for (let i = 0; i < count; i++) {
    const event = webhook.verifyRequest({ headers, rawBody });
    handlers[event.type](event);
  }
  if (handled - before !== count) throw new Error("a handler was not called");
}

dispatch(Number(warmup));
await measure(Number(events), dispatch);
