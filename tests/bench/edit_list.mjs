// One edit of a list of Storage in one room: edit_list.mjs BASE EDIT ITEMS. Prints the figures get_room.mjs prints.
import { measure } from "./measure.mjs";
const { Liveblocks, LiveObject } = await import(`${process.env.LBHOST_PEERS}/node_modules/@liveblocks/node/dist/index.js`);

// LiveList has no sort.
const edits = {
  one: (list) => list.get((list.length >> 1) - 1).set("done", true),
  hundredth: (list) => { for (let i = 0; i < list.length; i += 100) list.get(i).set("done", true); },
  all: (list) => { for (const item of list) item.set("done", true); },
  insert: (list) => {
    for (let i = list.length; i >= 1; i -= 10) list.insert(new LiveObject({ id: `new${i}`, done: false }), i - 1);
  },
  remove: (list) => { for (let i = list.length; i >= 1; i -= 2) list.delete(i - 1); },
  move: (list) => {
    const n = list.length;
    for (let i = 1; i <= n; i += 10) list.move(i - 1, (i * 7919) % n);
  },
  look: (list) => {
    let sum = 0;
    for (const item of list) sum += item.get("rank");
    return sum;
  },
};

const [base, name, count] = process.argv.slice(2);
const headers = { authorization: "Bearer sk_localdev", "content-type": "application/json" };
async function call(method, path, body) {
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
const items = [];
for (let i = 1; i <= Number(count); i++) {
  items.push({ liveblocksType: "LiveObject", data: { id: `item${i}`, text: `todo ${i}`, done: false, rank: (i * 7919) % 100003 } });
}
await call("POST", "/v2/rooms?idempotent", { id: "list", defaultAccesses: ["room:write"] });
await call("DELETE", "/v2/rooms/list/storage");
await call("POST", "/v2/rooms/list/storage", { liveblocksType: "LiveObject",
  data: { items: { liveblocksType: "LiveList", data: items }, sum: 0 } });
items.length = 0;

const client = new Liveblocks({ secret: "sk_localdev", baseUrl: base });
await measure(1, () => client.mutateStorage("list", ({ root }) => {
  const sum = edits[name](root.get("items"));
  if (sum !== undefined) root.set("sum", sum);
}));
