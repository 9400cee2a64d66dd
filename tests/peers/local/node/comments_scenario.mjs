// Threads, comments, reactions, attachments and subscriptions.
import assert from "node:assert/strict";
import { File } from "node:buffer";

const body = (...children) => ({ version: 1, content: [{ type: "paragraph", children }] });
const text = (value) => body({ text: value });

async function attach(sdk, thread, size) {
  const { roomId, threadId } = thread;
  const bytes = Buffer.alloc(size, "0123456789");
  const file = new File([bytes], "a plan.pdf", { type: "application/pdf" });
  const attachment = await sdk.uploadAttachment({ roomId, userId: "ann", file });
  assert.deepEqual(attachment, { type: "attachment", id: attachment.id, mimeType: "application/pdf", name: "a plan.pdf", size });
  const data = { userId: "ann", body: text("see"), attachmentIds: [attachment.id] };
  const comment = await sdk.createComment({ roomId, threadId, data });
  assert.deepEqual(comment.attachments, [attachment]);
  const { url, expiresAt } = await sdk.getAttachment({ roomId, attachmentId: attachment.id });
  assert.ok(new Date(expiresAt) > new Date());
  assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), bytes);
}

export async function run(sdk) {
  const roomId = "node/comments";
  await sdk.createRoom(roomId, { defaultAccesses: ["*:write"] });
  const createdAt = new Date("2024-02-29T12:00:00.123Z");
  const mention = body({ text: "hi " }, { type: "mention", kind: "user", id: "bob" });
  const thread = await sdk.createThread({
    roomId,
    data: { metadata: { color: "blue", n: 2, done: false }, visibility: "private", comment: { userId: "ann", createdAt, body: mention } },
  });
  assert.deepEqual([thread.createdAt, thread.updatedAt, thread.comments[0].createdAt], [createdAt, createdAt, createdAt]);
  assert.deepEqual(thread.comments[0].body, mention);
  const at = { roomId, threadId: thread.id };
  assert.deepEqual(await sdk.getThread(at), thread);

  const query = { visibility: "private", resolved: false, metadata: { color: { startsWith: "bl" }, n: { gt: 1, lte: 2 }, none: null } };
  assert.deepEqual((await sdk.getThreads({ roomId, query })).data, [thread]);
  assert.deepEqual((await sdk.getThreads({ roomId, query: { resolved: true } })).data, []);
  await assert.rejects(sdk.getThreads({ roomId, query: "n:1" }), { status: 422, message: /Invalid field: 'n' \(at 1:1\)/ });

  const comment = await sdk.createComment({ ...at, data: { userId: "bob", body: text("well"), metadata: { tag: "x" } } });
  assert.ok(comment.createdAt instanceof Date);
  const where = { ...at, commentId: comment.id };
  const editedAt = new Date();
  const edited = await sdk.editComment({ ...where, data: { body: text("better"), editedAt } });
  assert.deepEqual(edited, { ...comment, body: text("better"), editedAt });
  assert.deepEqual(await sdk.getComment(where), edited);
  assert.deepEqual(await sdk.editCommentMetadata({ ...where, data: { userId: "ann", metadata: { tag: null, n: 1 } } }), { n: 1 });
  const reaction = { emoji: "👩‍👩‍👧", userId: "ann", createdAt };
  assert.deepEqual(await sdk.addCommentReaction({ ...where, data: reaction }), reaction);
  await assert.rejects(sdk.addCommentReaction({ ...where, data: reaction }), { status: 409 });
  assert.deepEqual((await sdk.getComment(where)).reactions, [reaction]);
  await sdk.removeCommentReaction({ ...where, data: { userId: "ann", emoji: "👩‍👩‍👧" } });
  await assert.rejects(sdk.removeCommentReaction({ ...where, data: { userId: "ann", emoji: "👩‍👩‍👧" } }), { status: 404 });

  assert.deepEqual(await sdk.editThreadMetadata({ ...at, data: { userId: "ann", metadata: { n: null, color: "red" } } }), { color: "red", done: false });
  assert.equal((await sdk.markThreadAsResolved({ ...at, data: { userId: "ann" } })).resolved, true);
  assert.equal((await sdk.markThreadAsUnresolved({ ...at, data: { userId: "ann" } })).resolved, false);

  assert.deepEqual((await sdk.getThreadParticipants(at)).participantIds, ["ann", "bob"]);
  const subscription = await sdk.subscribeToThread({ ...at, data: { userId: "cat" } });
  assert.deepEqual([subscription.kind, subscription.subjectId, subscription.createdAt instanceof Date], ["thread", thread.id, true]);
  await sdk.unsubscribeFromThread({ ...at, data: { userId: "ann" } });
  assert.deepEqual((await sdk.getThreadSubscriptions(at)).data.map((one) => one.userId), ["bob", "cat"]);

  await attach(sdk, at, 10);
  await attach(sdk, at, 12 << 20); // in parts

  await sdk.deleteComment(where);
  const deleted = await sdk.getComment(where);
  assert.ok(deleted.deletedAt instanceof Date && !deleted.body);
  await sdk.deleteThread(at);
  await assert.rejects(sdk.getThread(at), { status: 404 });
  await sdk.deleteRoom(roomId);
}
