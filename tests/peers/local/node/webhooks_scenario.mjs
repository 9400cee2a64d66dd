// Webhooks, as the vendor's own handler takes them. The server's time scale makes minutes of milliseconds.
import assert from "node:assert/strict";
import { createServer } from "node:http";

const body = (text, mentioned) => ({ version: 1, content: [{ type: "paragraph",
  children: [{ text }, { type: "mention", kind: "user", id: mentioned }] }] });

// Receives events for one secret; fails each first attempt for a room that is named so.
async function receive(handlerOf) {
  const received = [], refused = new Set();
  const problems = [];
  const server = createServer((request, response) => {
    let rawBody = "";
    request.on("data", (part) => (rawBody += part));
    request.on("end", () => {
      const id = request.headers["webhook-id"];
      if (!refused.has(id)) {
        refused.add(id);
        response.writeHead(500).end();
        return;
      }
      try {
        received.push({ id, event: handlerOf().verifyRequest({ headers: request.headers, rawBody }) });
        response.writeHead(204).end();
      } catch (error) {
        problems.push(error);
        response.writeHead(400).end();
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, received, problems, url: `http://127.0.0.1:${server.address().port}/hook` };
}

export async function run(sdk, { sdkModule, baseUrl }) {
  const roomId = "node-webhooks";
  const manage = async (path, value) => {
    const response = await fetch(`${baseUrl}/v2/management/projects/localdev/webhooks${path}`, { method: "POST",
      headers: { authorization: "Bearer lbs_localdev", "content-type": "application/json" }, body: JSON.stringify(value ?? {}) });
    assert.equal(response.status, 200);
    return response.headers.get("content-length") === "0" ? undefined : response.json();
  };
  let handler;
  const { server, received, problems, url } = await receive(() => handler);
  const subscribedEvents = ["roomCreated", "threadCreated", "commentCreated", "storageUpdated", "notification", "roomDeleted"];
  const webhook = await manage("", { url, subscribedEvents });
  handler = new sdkModule.WebhookHandler(webhook.secret.value);
  try {
    await sdk.createRoom(roomId, { defaultAccesses: ["room:write"] });
    await sdk.initializeStorageDocument(roomId, { liveblocksType: "LiveObject", data: {} });
    const thread = await sdk.createThread({ roomId, data: { comment: { userId: "hook-ann", body: body("hi ", "hook-bob") } } });
    const until = Date.now() + 10000;
    const types = () => [...new Set(received.map((one) => one.event.type))].sort();
    while (types().length < 5 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(types(), ["commentCreated", "notification", "roomCreated", "storageUpdated", "threadCreated"]);
    const { event } = received.find((one) => one.event.type === "notification");
    assert.ok(sdkModule.isThreadNotificationEvent(event));
    assert.equal(event.data.threadId, thread.id);

    // Both secrets are good after a change.
    const before = handler;
    handler = new sdkModule.WebhookHandler((await manage(`/${webhook.id}/secret/roll`)).secret.value);
    const count = received.length;
    await sdk.deleteRoom(roomId);
    while (received.length === count && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(received.at(-1).event.type, "roomDeleted");
    handler = before;
    await manage(`/${webhook.id}/test`, { subscribedEvent: "roomCreated" });
    assert.deepEqual(problems, []);
    assert.equal(new Set(received.map((one) => one.id)).size, received.length);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
