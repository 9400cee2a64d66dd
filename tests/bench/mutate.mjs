// The same Storage edit in all rooms, with massMutateStorage: mutate.mjs BASE WIDTH. Prints the figures get_room.mjs prints.
import { measure } from "./measure.mjs";
const { Liveblocks } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);
const { LiveObject } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);

const [base, width] = process.argv.slice(2);
const client = new Liveblocks({ secret: "sk_localdev", baseUrl: base });

await measure(0, async () => {
  let count = 0;
  await client.massMutateStorage({}, ({ root }) => {
    root.set("version", root.get("version") + 1);
    const todos = root.get("todos");
    todos.get(0).set("done", true);
    todos.push(new LiveObject({ text: "new", done: false }));
    todos.delete(1);
    count++;
  }, { concurrency: Number(width) });
  return count;
});
