// Feeds and their messages.
import assert from "node:assert/strict";

export async function run(sdk) {
  const roomId = "node/feeds";
  await sdk.createRoom(roomId, { defaultAccesses: ["room:write"] });
  const feed = await sdk.createFeed({ roomId, feedId: "f", metadata: { name: "chat" }, createdAt: 1700000000000 });
  assert.deepEqual(feed, { feedId: "f", metadata: { name: "chat" }, createdAt: 1700000000000, updatedAt: 1700000000000 });
  await sdk.updateFeed({ roomId, feedId: "f", metadata: { name: "talk" } });
  assert.equal((await sdk.getFeed({ roomId, feedId: "f" })).metadata.name, "talk");
  assert.equal((await sdk.getFeeds({ roomId })).data.length, 1);

  const message = await sdk.createFeedMessage({ roomId, feedId: "f", id: "m1", data: { text: "hi" } });
  assert.equal(message.id, "m1");
  await sdk.createFeedMessage({ roomId, feedId: "f", data: { text: "there" } });
  await sdk.updateFeedMessage({ roomId, feedId: "f", messageId: "m1", data: { text: "ho" }, updatedAt: Date.now() + 5 });
  const page = await sdk.getFeedMessages({ roomId, feedId: "f" });
  assert.deepEqual(page.data.map((one) => one.data.text).sort(), ["ho", "there"]);
  await sdk.deleteFeedMessage({ roomId, feedId: "f", messageId: "m1" });
  assert.equal((await sdk.getFeedMessages({ roomId, feedId: "f" })).data.length, 1);
  await sdk.deleteFeed({ roomId, feedId: "f" });
  await assert.rejects(sdk.getFeed({ roomId, feedId: "f" }), { status: 404 });
  await sdk.deleteRoom(roomId);
}
