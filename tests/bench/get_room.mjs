// getRoom through the Node SDK, under Node or Bun: get_room.mjs turn|flight BASE CALLS WARMUP [IN_FLIGHT]
import { measure } from "./measure.mjs";
const { Liveblocks } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);

const [mode, base, calls, warmup, width] = process.argv.slice(2);
const client = new Liveblocks({ secret: "sk_bench", baseUrl: base });

async function fetchRoom(i) {
  const id = `room-${i}`;
  const room = await client.getRoom(id);
  if (room.id !== id) throw new Error(`asked for ${id}, got ${room.id}`);
}

async function inTurn(count) {
  for (let i = 1; i <= count; i++) await fetchRoom(i);
}

// As many workers as calls in flight; each takes the next room until none is left.
async function inFlight(count) {
  let taken = 0;
  const worker = async () => {
    while (taken < count) await fetchRoom(++taken);
  };
  await Promise.all(Array.from({ length: Number(width ?? 64) }, worker));
}

const run = mode === "turn" ? inTurn : inFlight;
await run(Number(warmup));
await measure(Number(calls), run);
