// Edits the Storage document of many rooms: edit_storage.mjs BASE ROOMS WARMUP, 8 in flight.
import { measure } from "./measure.mjs";
const { Liveblocks } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);

const [base, rooms, warmup] = process.argv.slice(2);
const client = new Liveblocks({ secret: "sk_bench", baseUrl: base });

function edit({ root }) {
  root.set("version", root.get("version") + 1);
  root.get("cards").get("card-3").set("done", true);
}

async function editAll(count) {
  let taken = 0;
  const worker = async () => {
    while (taken < count) await client.mutateStorage(`room-${++taken}`, edit);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

await editAll(Number(warmup));
await measure(Number(rooms), editAll);
