// Makes the calls of calls.lua with the Node SDK.
//
// Usage: node_driver.mjs CALLS.json RESULT.json BASE_URL   (LBHOST_PEERS: where node_modules is)
//
// Each call is followed by a request to /peers-mark/ID, by which the recording server's log is cut into
// calls. What the SDK makes of the answer is of no interest; what it refuses to send is.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { File as BufferFile } from "node:buffer";
import { webcrypto } from "node:crypto";

// Node.js 18 has these, but not as globals.
globalThis.File ??= BufferFile;
globalThis.crypto ??= webcrypto;

const SECRET = "sk_test_peers";
const PART_SIZE = 5 * 1024 * 1024;

const require = createRequire(path.resolve(process.env.LBHOST_PEERS, "node_modules", "_"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Liveblocks, WebhookHandler } = await load("@liveblocks/node");
const { objectToQuery } = await load("@liveblocks/core");

// Every SDK call goes through here: a plan may answer a request itself instead of sending it.
const send = globalThis.fetch;
let plan;
globalThis.fetch = async (url, options) => plan?.(String(url), options) ?? (await send(url, options));

const json = (value, status = 200) => new Response(JSON.stringify(value), { status });

// ---- values ------------------------------------------------------------------------------------

const DATES = ["createdAt", "editedAt", "updatedAt", "removedAt"];

// The SDK takes times as Date objects.
function dated(args) {
  const copy = { ...args };
  for (const name of DATES) {
    if (typeof copy[name] === "string") copy[name] = new Date(copy[name]);
  }
  return copy;
}

function renamed(args, from, to) {
  const { [from]: value, ...rest } = args;
  return value === undefined ? rest : { ...rest, [to]: value };
}

const bytes = (row) => Buffer.from(row.hex, "hex");

function fileOf({ name, mime, size }, before = 0) {
  const content = Buffer.alloc(before + size);
  for (let i = 0; i < size; i++) content[before + i] = i % 251;
  return new File([content], name, { type: mime });
}

// ---- how each method takes its arguments ---------------------------------------------------------

const NAMES = {
  room: ["roomId"],
  version: ["roomId", "versionId"],
  thread: ["roomId", "threadId"],
  comment: ["roomId", "threadId", "commentId"],
  attachment: ["roomId", "attachmentId"],
  user: ["userId"],
  notification: ["userId", "inboxNotificationId"],
  settings: ["roomId", "userId"],
  group: ["groupId"],
  copilot: ["copilotId"],
  knowledge: ["copilotId", "knowledgeSourceId"],
  feed: ["roomId", "feedId"],
  message: ["roomId", "feedId", "messageId"],
};

const named = (names, values) => Object.fromEntries(NAMES[names].map((name, i) => [name, values[i]]));

const fields = (method) => [method, (c, r) => c[method](r.args)];
const byPath = (method) => [method, (c, r) => c[method](...r.path)];
const byPathAndFields = (method) => [method, (c, r) => c[method](...r.path, r.args)];
const byPathAndBody = (method) => [method, (c, r) => c[method](...r.path, r.body)];
const byNames = (method, names) => [
  method, (c, r) => c[method]({ ...named(names, r.path), ...r.args }),
];
const byNamesAndData = (method, names) => [
  method, (c, r) => c[method]({ ...named(names, r.path), data: dated(r.args) }),
];

function createRoom(method) {
  return [method, (c, r) => {
    const { id, idempotent, ...params } = r.args;
    return c[method](id, params, { idempotent });
  }];
}

// The SDK takes groupIds as a list, and has `format` where the wire has `formatting`.
function getRooms(client, { args }) {
  const groupIds = typeof args.groupIds === "string" ? args.groupIds.split(",") : args.groupIds;
  return client.getRooms({ ...args, groupIds });
}

function createThread(client, { path: [roomId], args }) {
  return client.createThread({ roomId, data: { ...args, comment: dated(args.comment) } });
}

async function session(client, { args, allow, twice }) {
  const made = client.prepareSession(args.userId, args);
  for (const [pattern, permissions] of allow) made.allow(pattern, permissions);
  await made.authorize();
  if (twice) await made.authorize();
}

function authorizeUser(client, { args }) {
  const allow = Object.entries(args.permissions);
  return session(client, { args, allow });
}

function iterate(method, given) {
  return [method, async (client, { path: values, args }) => {
    const { limit, ...criteria } = args;
    for await (const item of client[method]({ ...given(values), ...criteria }, { pageSize: limit })) {
      void item;
    }
  }];
}

// ---- requests hidden inside other calls ------------------------------------------------------------

// Lets the first request through whose method and URL match, and answers the others.
function only(method, pattern, answer) {
  return (url, options) => {
    const pathname = new URL(url).pathname;
    if (options.method === method && pattern.test(pathname)) return undefined;
    return answer(options.method, pathname);
  };
}

const STEPS = {
  create: ["POST", /\/multipart\/[^/]+$/],
  part: ["PUT", /\/multipart\/[^/]+\/2$/],
  complete: ["POST", /\/complete$/],
  abort: ["DELETE", /\/multipart\/[^/]+$/],
};

function uploadStep(client, row) {
  const { upload, step } = row.node;
  const uploadId = row.path[2];
  const parts = row.args?.parts ?? [];
  plan = only(...STEPS[step], (method, pathname) => {
    if (method === "POST" && /\/multipart\/[^/]+$/.test(pathname)) return json({ uploadId });
    const number = /\/(\d+)$/.exec(pathname)?.[1];
    if (method === "PUT" && step === "abort") return json({}, 400);
    if (method === "PUT") return json(parts[number - 1] ?? { partNumber: Number(number), etag: "e" });
    return json({});
  });
  const name = step === "create" ? row.path[2] : "big.bin";
  const file = fileOf({ name, mime: "application/octet-stream", size: 7 }, PART_SIZE);
  const params = { roomId: row.path[0], file, userId: row.args?.userId ?? "alice" };
  return upload === "file" ? client.uploadFile(params) : client.uploadAttachment(params);
}

const uploadSteps = (kind) => Object.fromEntries([
  [`create_${kind}_multipart_upload`, [undefined, uploadStep]],
  [`upload_${kind}_multipart_part`, [undefined, uploadStep]],
  [`complete_${kind}_multipart_upload`, [undefined, uploadStep]],
  [`abort_${kind}_multipart_upload`, [undefined, uploadStep]],
]);

function snapshot() {
  const lines = [{ actor: 7 }, ["root", { type: 0, data: {} }]];
  return new Response(lines.map((line) => JSON.stringify(line)).join("\n"), {
    headers: { "Content-Type": "application/x-ndjson" },
  });
}

function requestStorageMutation(client, { path: [roomId] }) {
  return client.mutateStorage(roomId, () => {});
}

function sendMessage(client, { path: [roomId], node }) {
  plan = only("POST", /\/send-message$/, snapshot);
  return client.mutateStorage(roomId, ({ root }) => root.update(node.update));
}

// ---- the operations ----------------------------------------------------------------------------------

const OPERATIONS = {
  get_rooms: ["getRooms", getRooms],
  iter_rooms: iterate("iterRooms", () => ({})),
  create_room: createRoom("createRoom"),
  get_or_create_room: createRoom("getOrCreateRoom"),
  get_room: byPath("getRoom"),
  update_room: byPathAndFields("updateRoom"),
  delete_room: byPath("deleteRoom"),
  prewarm_room: byPath("prewarmRoom"),
  upsert_room: byPathAndFields("upsertRoom"),
  update_room_id: ["updateRoomId", (c, r) => c.updateRoomId({ currentRoomId: r.path[0], ...r.args })],
  get_active_users: byPath("getActiveUsers"),
  set_presence: byPathAndFields("setPresence"),
  broadcast_event: byPathAndBody("broadcastEvent"),

  get_storage_document: [
    "getStorageDocument", (c, r) => c.getStorageDocument(r.path[0], r.args?.format),
  ],
  initialize_storage_document: byPathAndFields("initializeStorageDocument"),
  delete_storage_document: byPath("deleteStorageDocument"),
  get_yjs_document: [
    "getYjsDocument", (c, r) => c.getYjsDocument(r.path[0], renamed(r.args ?? {}, "formatting", "format")),
  ],
  send_yjs_binary_update: [
    "sendYjsBinaryUpdate", (c, r) => c.sendYjsBinaryUpdate(r.path[0], bytes(r), r.args),
  ],
  get_yjs_document_as_binary_update: byPathAndFields("getYjsDocumentAsBinaryUpdate"),
  get_yjs_versions: byPathAndFields("getVersionHistory"),
  get_yjs_version: byNames("getYjsVersion", "version"),
  create_yjs_version: byPath("createVersionHistorySnapshot"),
  delete_version: byNames("deleteVersion", "version"),
  request_storage_mutation: ["mutateStorage", requestStorageMutation],
  send_message: ["mutateStorage", sendMessage],

  get_threads: byNames("getThreads", "room"),
  create_thread: ["createThread", createThread],
  get_thread: byNames("getThread", "thread"),
  delete_thread: byNames("deleteThread", "thread"),
  get_thread_participants: byNames("getThreadParticipants", "thread"),
  get_thread_subscriptions: byNames("getThreadSubscriptions", "thread"),
  mark_thread_as_resolved: byNamesAndData("markThreadAsResolved", "thread"),
  mark_thread_as_unresolved: byNamesAndData("markThreadAsUnresolved", "thread"),
  subscribe_to_thread: byNamesAndData("subscribeToThread", "thread"),
  unsubscribe_from_thread: byNamesAndData("unsubscribeFromThread", "thread"),
  edit_thread_metadata: byNamesAndData("editThreadMetadata", "thread"),
  create_comment: byNamesAndData("createComment", "thread"),
  get_comment: byNames("getComment", "comment"),
  edit_comment: byNamesAndData("editComment", "comment"),
  delete_comment: byNames("deleteComment", "comment"),
  edit_comment_metadata: byNamesAndData("editCommentMetadata", "comment"),
  add_comment_reaction: byNamesAndData("addCommentReaction", "comment"),
  remove_comment_reaction: byNamesAndData("removeCommentReaction", "comment"),
  get_attachment: byNames("getAttachment", "attachment"),

  session: ["prepareSession", session],
  authorize_user: ["prepareSession", authorizeUser],
  identify_user: ["identifyUser", (c, { args: { userInfo, ...identity } }) =>
    c.identifyUser(identity, { userInfo })],

  get_inbox_notification: byNames("getInboxNotification", "notification"),
  delete_inbox_notification: byNames("deleteInboxNotification", "notification"),
  get_inbox_notifications: byNames("getInboxNotifications", "user"),
  iter_inbox_notifications: iterate("iterInboxNotifications", ([userId]) => ({ userId })),
  delete_all_inbox_notifications: byNames("deleteAllInboxNotifications", "user"),
  get_notification_settings: byNames("getNotificationSettings", "user"),
  update_notification_settings: byNamesAndData("updateNotificationSettings", "user"),
  delete_notification_settings: byNames("deleteNotificationSettings", "user"),
  get_room_subscription_settings: byNames("getRoomSubscriptionSettings", "settings"),
  update_room_subscription_settings: byNamesAndData("updateRoomSubscriptionSettings", "settings"),
  delete_room_subscription_settings: byNames("deleteRoomSubscriptionSettings", "settings"),
  get_user_room_subscription_settings: byNames("getUserRoomSubscriptionSettings", "user"),
  trigger_inbox_notification: fields("triggerInboxNotification"),

  get_groups: fields("getGroups"),
  create_group: ["createGroup", (c, r) => c.createGroup(renamed(r.args, "id", "groupId"))],
  get_group: byNames("getGroup", "group"),
  delete_group: byNames("deleteGroup", "group"),
  add_group_members: byNames("addGroupMembers", "group"),
  remove_group_members: byNames("removeGroupMembers", "group"),
  get_user_groups: byNames("getUserGroups", "user"),

  get_ai_copilots: fields("getAiCopilots"),
  create_ai_copilot: fields("createAiCopilot"),
  get_ai_copilot: byPath("getAiCopilot"),
  update_ai_copilot: byPathAndFields("updateAiCopilot"),
  delete_ai_copilot: byPath("deleteAiCopilot"),
  get_knowledge_sources: byNames("getKnowledgeSources", "copilot"),
  get_knowledge_source: byNames("getKnowledgeSource", "knowledge"),
  create_web_knowledge_source: byNames("createWebKnowledgeSource", "copilot"),
  create_file_knowledge_source: ["createFileKnowledgeSource", (c, r) => c.createFileKnowledgeSource({
    copilotId: r.path[0], file: new File([bytes(r)], r.path[1], { type: r.node.mime }),
  })],
  get_file_knowledge_source_markdown: byNames("getFileKnowledgeSourceMarkdown", "knowledge"),
  delete_file_knowledge_source: byNames("deleteFileKnowledgeSource", "knowledge"),
  delete_web_knowledge_source: byNames("deleteWebKnowledgeSource", "knowledge"),
  get_web_knowledge_source_links: byNames("getWebKnowledgeSourceLinks", "knowledge"),

  get_feeds: byNames("getFeeds", "room"),
  create_feed: ["createFeed", (c, r) =>
    c.createFeed({ roomId: r.path[0], ...renamed(r.args, "timestamp", "createdAt") })],
  get_feed: byNames("getFeed", "feed"),
  update_feed: byNames("updateFeed", "feed"),
  delete_feed: byNames("deleteFeed", "feed"),
  get_feed_messages: byNames("getFeedMessages", "feed"),
  create_feed_message: ["createFeedMessage", (c, r) =>
    c.createFeedMessage({ ...named("feed", r.path), ...renamed(r.args, "timestamp", "createdAt") })],
  update_feed_message: ["updateFeedMessage", (c, r) =>
    c.updateFeedMessage({ ...named("message", r.path), ...renamed(r.args, "timestamp", "updatedAt") })],
  delete_feed_message: byNames("deleteFeedMessage", "message"),

  upload_attachment: ["uploadAttachment", (c, r) =>
    c.uploadAttachment({ roomId: r.path[0], userId: r.args.userId, file: fileOf(r.file) })],
  upload_file: ["uploadFile", (c, r) => c.uploadFile({ roomId: r.path[0], file: fileOf(r.file) })],
  upload_storage_file: ["uploadFile", (c, r) =>
    c.uploadFile({ roomId: r.path[0], file: fileOf({ ...r.file, name: r.path[2] }) })],
  get_storage_file: ["getFileUrl", (c, r) => c.getFileUrl({ roomId: r.path[0], file: r.path[1] })],
  ...uploadSteps("attachment"),
  ...uploadSteps("storage_file"),
};

// ---- running -------------------------------------------------------------------------------------------

// A request to the recording server itself: POST with a body, else GET.
async function tellServer(url, body) {
  const answer = await send(url, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  await answer.text();
}

async function runCalls(calls, base) {
  const results = {};
  const used = new Set();
  for (const row of calls) {
    for (const answer of row.answers ?? []) await tellServer(`${base}/__answer`, answer);
    const [method, perform] = row.step ? [] : OPERATIONS[row.op] ?? [];
    if (perform) {
      if (method) used.add(method);
      results[row.id] = {};
      plan = undefined;
      try {
        const client = new Liveblocks({ secret: SECRET, baseUrl: base + (row.base ?? "") });
        await perform(client, row);
      } catch (error) {
        results[row.id] = { error: String(error) };
      }
    } else {
      results[row.id] = { absent: true };
    }
    await tellServer(`${base}/peers-mark/${encodeURIComponent(row.id)}`);
  }
  return { results, used };
}

// Methods of the client that no row has called.
function unusedMethods(used) {
  return Object.getOwnPropertyNames(Liveblocks.prototype)
    .filter((name) => name !== "constructor" && !used.has(name)).sort();
}

function verifyWebhooks(requests, now) {
  const clock = Date.now;
  Date.now = () => now * 1000;
  const verdicts = {};
  for (const { id, secret, headers, body } of requests) {
    try {
      const event = new WebhookHandler(secret).verifyRequest({ headers, rawBody: body });
      verdicts[id] = { accepted: true, event };
    } catch (error) {
      verdicts[id] = { accepted: false, error: String(error) };
    }
  }
  Date.now = clock;
  return verdicts;
}

function formatQueries(queries) {
  const texts = {};
  for (const { id, table } of queries) {
    try {
      texts[id] = { text: objectToQuery(table) };
    } catch (error) {
      texts[id] = { error: String(error) };
    }
  }
  return texts;
}

const [source, target, base] = process.argv.slice(2);
const work = JSON.parse(readFileSync(source, "utf8"));
console.warn = console.error = () => {};
const { results, used } = await runCalls(work.calls, base);
writeFileSync(target, JSON.stringify({
  calls: results,
  unused: unusedMethods(used),
  webhooks: verifyWebhooks(work.webhooks, work.now),
  queries: formatQueries(work.queries),
}));
