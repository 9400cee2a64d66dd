// Start-up, in stages: writes a byte at the first line, once the SDK is loaded, or after the first response.
import { writeSync } from "node:fs";

const [stage, base] = process.argv.slice(2);
const say = () => writeSync(1, "x");

if (stage === "line") {
  say();
} else {
  const { Liveblocks } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);
  if (stage === "answer") {
    const room = await new Liveblocks({ secret: "sk_bench", baseUrl: base }).getRoom("room-1");
    if (room.id !== "room-1") throw new Error(`got room ${room.id}`);
  }
  say();
  process.exit(0); // not 4 s later, when the kept connection gives up
}
