// From a comment to the e-mail about it, with the official packages alone: the webhook of the local Liveblocks is
// verified by the Node SDK, and @liveblocks/emails makes the e-mail of it.
//
// Usage: emails.mjs BASE_URL   (LBHOST_EMAILS: directory with node_modules/@liveblocks/emails)
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.env.LBHOST_EMAILS + "/");
const { Liveblocks, WebhookHandler } = require("@liveblocks/node");
const { prepareThreadNotificationEmailAsHtml } = require("@liveblocks/emails");

const baseUrl = process.argv[2];
const sdk = new Liveblocks({ secret: "sk_localdev", baseUrl });
const roomId = "emails";
const text = (value) => ({ text: value });
const body = (...children) => ({ version: 1, content: [{ type: "paragraph", children }] });
const resolvers = {
  resolveUsers: ({ userIds }) => userIds.map((id) => ({ name: id.toUpperCase() })),
  resolveGroupsInfo: ({ groupIds }) => groupIds.map((id) => ({ name: id })),
};

async function manage(path, data) {
  const headers = { authorization: "Bearer lbs_localdev", "content-type": "application/json" };
  const response = await fetch(baseUrl + "/v2/management" + path, data ? { method: "POST", headers, body: JSON.stringify(data) } : { headers });
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
}

// Receives webhooks: waits for the notification events of these users, in any order.
async function receive(users, act) {
  const events = new Map();
  let secret;
  let done;
  const all = new Promise((resolve) => (done = resolve));
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const event = new WebhookHandler(secret).verifyRequest({ headers: request.headers, rawBody: Buffer.concat(chunks).toString() });
    response.end();
    events.set(event.data.userId, event);
    if (users.every((user) => events.has(user))) done();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const project = (await manage("/projects")).data[0].id;
  const url = `http://127.0.0.1:${server.address().port}/`;
  secret = (await manage(`/projects/${project}/webhooks`, { url, subscribedEvents: ["notification"] })).secret.value;
  await act();
  const late = setTimeout(() => assert.fail(`no notification event for ${users.filter((user) => !events.has(user))}`), 20000);
  await all;
  clearTimeout(late);
  server.close();
  server.closeAllConnections();
  return events;
}

await sdk.createRoom(roomId, { defaultAccesses: ["*:write"] });
const events = await receive(["ann", "bob"], async () => {
  const mention = { type: "mention", kind: "user", id: "bob" };
  const thread = await sdk.createThread({ roomId, data: { comment: { userId: "ann", body: body(text("Look, "), mention) } } });
  await sdk.createComment({ roomId, threadId: thread.id, data: { userId: "cat", createdAt: new Date(), body: body(text("agreed")) } });
});

const mentioned = await prepareThreadNotificationEmailAsHtml(sdk, events.get("bob"), resolvers);
assert.equal(mentioned.type, "unreadMention");
assert.equal(mentioned.comment.author.info.name, "ANN");
assert.match(mentioned.comment.body, /Look, <span data-mention[^>]*>@BOB<\/span>/);
const replies = await prepareThreadNotificationEmailAsHtml(sdk, events.get("ann"), resolvers);
assert.equal(replies.type, "unreadReplies");
assert.deepEqual(replies.comments.map((comment) => comment.author.id), ["cat"]);

// What was read meanwhile needs no e-mail.
await fetch(`${baseUrl}/v2/inbox-notifications/${events.get("ann").data.inboxNotificationId}/read`, {
  method: "POST", headers: { authorization: "Bearer sk_localdev" },
});
assert.equal(await prepareThreadNotificationEmailAsHtml(sdk, events.get("ann"), resolvers), null);
await sdk.deleteRoom(roomId);
console.log("emails: a mention, replies, and none where it was read");
