// Inbox notifications and what decides about them: settings of rooms and users, groups.
import assert from "node:assert/strict";

const mention = (kind, id) => ({ version: 1, content: [{ type: "paragraph", children: [{ type: "mention", kind, id }] }] });

async function groups(sdk) {
  const group = await sdk.createGroup({ groupId: "node-group", memberIds: ["nora"] });
  assert.ok(group.createdAt instanceof Date && group.members[0].addedAt instanceof Date);
  await assert.rejects(sdk.createGroup({ groupId: "node-group" }), { status: 409 });
  await sdk.addGroupMembers({ groupId: "node-group", memberIds: ["nick", "nils"] });
  await sdk.removeGroupMembers({ groupId: "node-group", memberIds: ["nils"] });
  const read = await sdk.getGroup({ groupId: "node-group" });
  assert.deepEqual(read.members.map((member) => member.id), ["nora", "nick"]);
  assert.deepEqual((await sdk.getGroups({ limit: 1 })).data, [read]);
  assert.deepEqual((await sdk.getUserGroups({ userId: "nick" })).data, [read]);
}

async function settings(sdk, roomId) {
  const where = { roomId, userId: "nora" };
  assert.deepEqual(await sdk.getRoomSubscriptionSettings(where), { threads: "replies_and_mentions", textMentions: "mine" });
  await sdk.updateRoomSubscriptionSettings({ ...where, data: { threads: "none" } });
  assert.deepEqual((await sdk.getUserRoomSubscriptionSettings({ userId: "nora" })).data, [{ roomId, threads: "none", textMentions: "mine" }]);
  await sdk.deleteRoomSubscriptionSettings(where);

  assert.equal((await sdk.getNotificationSettings({ userId: "nora" })).email.thread, true);
  const changed = await sdk.updateNotificationSettings({ userId: "nora", data: { email: { thread: false }, slack: { $nodeAlert: true } } });
  assert.deepEqual([changed.email.thread, changed.email.textMention, changed.slack.$nodeAlert], [false, true, true]);
  await sdk.deleteNotificationSettings({ userId: "nora" });
  assert.equal((await sdk.getNotificationSettings({ userId: "nora" })).email.thread, true);
}

export async function run(sdk) {
  const roomId = "node/notifications";
  await sdk.createRoom(roomId, { defaultAccesses: ["*:write"] });
  await groups(sdk);
  await settings(sdk, roomId);

  const thread = await sdk.createThread({ roomId, data: { comment: { userId: "ann", body: mention("group", "node-group") } } });
  await sdk.createThread({ roomId, data: { comment: { userId: "ann", body: mention("user", "nora") } } });
  for (let i = 0; i < 20; i++) {
    await sdk.triggerInboxNotification({ userId: "nora", kind: "$nodeAlert", subjectId: "s" + i, roomId, activityData: { i, on: true, at: "x" } });
  }
  const page = await sdk.getInboxNotifications({ userId: "nora", limit: 20, query: { unread: true } });
  assert.equal(page.data.length, 20);
  assert.ok(page.data[0].notifiedAt instanceof Date && page.data[0].activities[0].createdAt instanceof Date);
  assert.deepEqual(page.data[0].activities[0].data, { i: 19, on: true, at: "x" });
  assert.deepEqual(page.data[0], await sdk.getInboxNotification({ userId: "nora", inboxNotificationId: page.data[0].id }));
  const all = [];
  for await (const one of sdk.iterInboxNotifications({ userId: "nora" }, { pageSize: 10 })) all.push(one);
  assert.equal(all.length, 22);
  assert.deepEqual([all[21].kind, all[21].threadId, all[21].readAt], ["thread", thread.id, null]);
  assert.equal((await sdk.getInboxNotifications({ userId: "nick" })).data.length, 1);

  await sdk.deleteInboxNotification({ userId: "nora", inboxNotificationId: all[0].id });
  await assert.rejects(sdk.getInboxNotification({ userId: "nora", inboxNotificationId: all[0].id }), { status: 404 });
  await sdk.deleteAllInboxNotifications({ userId: "nora" });
  assert.deepEqual((await sdk.getInboxNotifications({ userId: "nora" })).data, []);
  await sdk.deleteGroup({ groupId: "node-group" });
  await sdk.deleteRoom(roomId);
}
