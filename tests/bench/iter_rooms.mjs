// Walks a set of rooms page by page: iter_rooms.mjs BASE SET. Prints the figures get_room.mjs prints.
import { measure } from "./measure.mjs";
const { Liveblocks } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);

const [base, set] = process.argv.slice(2);
const client = new Liveblocks({ secret: "sk_bench", baseUrl: base });

await measure(0, async () => {
  let seen = 0;
  for await (const room of client.iterRooms({ userId: set }, { pageSize: 100 })) {
    seen++;
    if (room.id !== `room-${seen}`) throw new Error(`room ${seen} is called ${room.id}`);
  }
  return seen;
});
