// Storage with its mutations, Yjs updates, versions and files.
import assert from "node:assert/strict";

// A Yjs update: the text "hi" in the shared type "t".
const UPDATE = Uint8Array.from([1, 1, 1, 0, 4, 1, 1, 0x74, 2, 0x68, 0x69, 0]);

async function storage(sdk, sdkModule, roomId) {
  const document = { liveblocksType: "LiveObject", data: { title: "Plan",
    list: { liveblocksType: "LiveList", data: [1, 2.5, null] }, map: { liveblocksType: "LiveMap", data: { a: "b" } } } };
  await sdk.initializeStorageDocument(roomId, document);
  assert.deepEqual(await sdk.getStorageDocument(roomId), document);
  await assert.rejects(sdk.initializeStorageDocument(roomId, document), { status: 409 });

  const { LiveObject, LiveList } = sdkModule;
  await sdk.mutateStorage(roomId, ({ root }) => {
    root.set("title", "Better plan");
    root.get("list").push("last");
    root.get("list").insert("second", 1);
    root.get("list").move(0, 2);
    root.get("list").delete(3);
    root.get("map").set("c", new LiveObject({ deep: new LiveList([1, 2]) }));
    root.get("map").delete("a");
    root.set("added", new LiveObject({ x: 1 }));
  });
  await sdk.mutateStorage(roomId, async ({ root }) => {
    root.get("added").set("y", 2);
    root.get("added").delete("x");
  });
  assert.deepEqual(await sdk.getStorageDocument(roomId, "json"), { title: "Better plan",
    list: ["second", 2.5, 1, "last"], map: { c: { deep: [1, 2] } }, added: { y: 2 } });
  await sdk.massMutateStorage({ query: { roomId: { startsWith: roomId } } }, ({ room, root }) => root.set("id", room.id));
  assert.equal((await sdk.getStorageDocument(roomId, "json")).id, roomId);
  await sdk.deleteStorageDocument(roomId);
  assert.deepEqual(await sdk.getStorageDocument(roomId, "json"), {});
}

async function yjs(sdk, roomId) {
  assert.deepEqual(await sdk.getYjsDocument(roomId), {});
  await sdk.sendYjsBinaryUpdate(roomId, UPDATE);
  await sdk.sendYjsBinaryUpdate(roomId, UPDATE, { guid: "sub" });
  for (const params of [undefined, { guid: "sub" }]) {
    assert.deepEqual(new Uint8Array(await sdk.getYjsDocumentAsBinaryUpdate(roomId, params)), UPDATE);
  }
  const { data: { id: versionId } } = await sdk.createVersionHistorySnapshot(roomId);
  const history = await sdk.getVersionHistory(roomId, { limit: 5 });
  assert.deepEqual(history.data.map((one) => one.id), [versionId]);
  assert.deepEqual(new Uint8Array(await sdk.getYjsVersion({ roomId, versionId })), UPDATE);
  await sdk.deleteVersion({ roomId, versionId });
  assert.equal((await sdk.getVersionHistory(roomId)).data.length, 0);
}

async function files(sdk, roomId) {
  // More than 5 MiB go in parts.
  for (const size of [1000, 6 * 1024 * 1024]) {
    const bytes = new Uint8Array(size).map((_, i) => (i * 7) % 251);
    const file = await sdk.uploadFile({ roomId, file: new File([bytes], "plan é.bin", { type: "application/octet-stream" }) });
    const { url } = await sdk.getFileUrl({ roomId, file });
    assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), bytes);
  }
}

export async function run(sdk, { sdkModule }) {
  const roomId = "node-storage";
  await sdk.createRoom(roomId, { defaultAccesses: ["room:write"] });
  await storage(sdk, sdkModule, roomId);
  await yjs(sdk, roomId);
  await files(sdk, roomId);
  await sdk.deleteRoom(roomId);
}
