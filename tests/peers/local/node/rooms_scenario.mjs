// Rooms, presence, broadcasts and tokens.
import assert from "node:assert/strict";

export async function run(sdk) {
  const access = { defaultAccesses: ["room:write"] };
  const room = await sdk.createRoom("node/room é", { ...access, metadata: { color: "bl'ue", tags: ["a", "b"] },
    usersAccesses: { ann: ["room:write"] }, groupsAccesses: { team: ["room:read"] } });
  assert.equal(room.id, "node/room é");
  assert.ok(room.createdAt instanceof Date);
  await assert.rejects(sdk.createRoom(room.id, access), { status: 409 });
  assert.equal((await sdk.getOrCreateRoom(room.id, access)).id, room.id);
  assert.deepEqual((await sdk.getRoom(room.id)).usersAccesses, { ann: ["room:write"] });
  assert.deepEqual((await sdk.updateRoom(room.id, { metadata: { tags: null } })).metadata, { color: "bl'ue" });
  const made = await sdk.upsertRoom("node/upsert", { update: { metadata: { k: "v" } }, create: access });
  assert.equal(made.metadata.k, "v");
  for (let i = 0; i < 45; i++) await sdk.createRoom(`node/page ${i}`, { ...access, metadata: { n: String(i % 2) } });
  const seen = [];
  for await (const one of sdk.iterRooms({ query: { roomId: { startsWith: "node/page" } } }, { pageSize: 20 })) seen.push(one.id);
  assert.deepEqual(seen, Array.from({ length: 45 }, (_, i) => `node/page ${44 - i}`));
  const page = await sdk.getRooms({ query: { metadata: { color: "bl'ue" } }, limit: 1 });
  assert.deepEqual(page.data.map((one) => one.id), [room.id]);
  assert.equal(page.nextCursor, null);
  assert.equal((await sdk.getRooms({ userId: "ann", groupIds: ["team", "x"] })).data.length, 1);

  assert.equal((await sdk.updateRoomId({ currentRoomId: room.id, newRoomId: "node/new" })).id, "node/new");
  await assert.rejects(sdk.getRoom(room.id), { status: 404 });
  await sdk.prewarmRoom("node/new");
  await sdk.setPresence("node/new", { userId: "ann", data: { x: 1 }, userInfo: { name: "Ann" }, ttl: 60 });
  const users = (await sdk.getActiveUsers("node/new")).data;
  assert.deepEqual(users.map((user) => [user.id, user.info.name]), [["ann", "Ann"]]);
  await sdk.broadcastEvent("node/new", { type: "EMOJI" });

  const session = sdk.prepareSession("ann", { userInfo: { name: "Ann" } });
  session.allow("node/*", session.FULL_ACCESS);
  const { status, body } = await session.authorize();
  assert.equal(status, 200);
  assert.equal(JSON.parse(body).token.split(".").length, 3);
  const identity = await sdk.identifyUser({ userId: "ann", groupIds: ["team"] });
  assert.equal(identity.status, 200);
  for await (const one of sdk.iterRooms({ query: { roomId: { startsWith: "node/page" } } })) await sdk.deleteRoom(one.id);
  await sdk.deleteRoom("node/new");
  await assert.rejects(sdk.getRoom("node/new"), (error) => error.status === 404 && /not found/.test(error.message));
}
