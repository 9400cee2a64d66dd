// Threads, inbox notifications and events, and the e-mails that @liveblocks/emails makes of them. The client that it
// gets answers from the case. LBHOST_EMAILS says where its node_modules is.

import { loader } from "./loader.mjs";

const load = loader(process.env.LBHOST_EMAILS ?? "build/emails");
const { prepareThreadNotificationEmailAsHtml } = await load("@liveblocks/emails");

const at = (minute) => `2026-03-01T10:${String(minute).padStart(2, "0")}:00.000Z`;
const paragraph = (...children) => ({ version: 1, content: [{ type: "paragraph", children }] });
const user = (id) => ({ type: "mention", kind: "user", id });
const group = (id, userIds) => ({ type: "mention", kind: "group", id, ...(userIds && { userIds }) });

function comment(minute, userId, body, more = {}) {
  return { type: "comment", id: `cm_${minute}`, threadId: "th_1", roomId: "room/1", userId, createdAt: at(minute), reactions: [], attachments: [], metadata: {}, ...(body && { body }), ...more };
}

const event = {
  type: "notification",
  data: { channel: "email", kind: "thread", projectId: "p", roomId: "room/1", userId: "alice", threadId: "th_1", inboxNotificationId: "in_1", createdAt: at(59), triggeredAt: at(10) },
};

const hello = paragraph({ text: "hello" });
const rich = {
  version: 1,
  content: [
    { type: "paragraph", children: [{ text: "a<b", bold: true, italic: true }, { text: "c", code: true, strikethrough: true }, user("bob"), { text: "" }] },
    { type: "paragraph", children: [] },
    { type: "image", children: [{ text: "gone" }] },
    { type: "paragraph", children: [{ type: "link", url: "www.x.co/a?b&c", text: "l>" }, { type: "link", url: "javascript:1" }, { type: "link", url: "/r" }, user(""), group("eng"), { foo: 1 }] },
  ],
};

const base = {
  comments: [comment(11, "bob", hello)],
  notification: { id: "in_1", kind: "thread", threadId: "th_1", roomId: "room/1", notifiedAt: at(50), readAt: null },
  groups: [],
  known: { users: { alice: { name: "Alice" }, bob: { name: "B<ob", avatar: "a.png" } }, groups: { eng: { name: "Eng & co" } }, room: { name: "Plan", url: "https://x.co/r?a=1&b" } },
};

const change = (name, changes) => ({ name, ...base, ...changes });
const notified = (changes) => ({ ...base.notification, ...changes });
const room = (info) => ({ ...base.known, room: info });
const members = (...ids) => ids.map((id) => ({ id, addedAt: at(1) }));

export const cases = [
  change("one reply", {}),
  change("nobody is known", { known: {} }),
  change("two replies by two people", { comments: [comment(11, "bob", hello), comment(12, "carol", rich)] }),
  change("own comments do not count", { comments: [comment(11, "alice", hello), comment(12, "bob", hello)] }),
  change("only own comments", { comments: [comment(11, "alice", hello)] }),
  change("no comments", { comments: [] }),
  change("before the trigger", { comments: [comment(9, "bob", hello), comment(10, "bob", hello)] }),
  change("after the notification", { comments: [comment(50, "bob", hello), comment(51, "bob", hello)] }),
  change("read up to a comment", { comments: [comment(11, "bob", hello), comment(12, "bob", hello)], notification: notified({ readAt: at(11) }) }),
  change("all read", { notification: notified({ readAt: at(30) }) }),
  change("deleted comments", { comments: [comment(11, "bob", null, { deletedAt: at(12) }), comment(13, "bob", hello)] }),
  change("deleted with a body", { comments: [comment(11, "bob", hello, { deletedAt: at(12) })] }),
  change("a mention", { comments: [comment(11, "bob", hello), comment(12, "bob", paragraph({ text: "hi " }, user("alice"))), comment(13, "bob", hello)] }),
  change("the newest of two mentions", { comments: [comment(11, "bob", paragraph(user("alice"))), comment(12, "carol", paragraph(user("alice"), { text: " again" }))] }),
  change("a mention by oneself", { comments: [comment(11, "alice", paragraph(user("alice"))), comment(12, "bob", hello)] }),
  change("a mention of another", { comments: [comment(11, "bob", paragraph(user("carol")))] }),
  change("a group with members in the mention", { comments: [comment(11, "bob", paragraph(group("eng", ["bob", "alice"])))] }),
  change("a group without the user in the mention", { comments: [comment(11, "bob", paragraph(group("eng", ["bob"])))], groups: [{ id: "eng", members: members("alice") }] }),
  change("a group with no members in the mention", { comments: [comment(11, "bob", paragraph(group("eng", [])))] }),
  change("a group that the user is in", { comments: [comment(11, "bob", paragraph(group("eng")))], groups: [{ id: "ops", members: members("alice") }, { id: "eng", members: members("bob", "alice") }] }),
  change("a group that the user is not in", { comments: [comment(11, "bob", paragraph(group("eng")))], groups: [{ id: "ops", members: members("alice") }] }),
  change("a mention with a rich body", { comments: [comment(11, "bob", { ...rich, content: [...rich.content, { type: "paragraph", children: [user("alice")] }] })] }),
  change("a room without an address", { known: room({ name: "Plan" }) }),
  change("a room without a name", { known: room({ url: "https://x.co" }) }),
  change("a room with an empty name", { known: room({ name: "", url: "https://x.co/" }) }),
  change("a room with a fragment", { known: room({ url: "https://x.co/r#top" }) }),
  change("a room with a path", { known: room({ url: "/rooms/a b?c" }) }),
  change("a room with a port and a user", { known: room({ url: "http://u@x.co:8080" }) }),
  change("more about a room", { known: room({ name: "Plan", owner: { id: 1 } }) }),
  change("no fractions of seconds", { comments: [comment(11, "bob", hello, { createdAt: "2026-03-01T10:11:00Z" })] }),
  change("another time zone", { comments: [comment(11, "bob", hello, { createdAt: "2026-03-01T12:11:00.000+02:00" }), comment(12, "bob", hello, { createdAt: "2026-03-01T10:12:00.000+02:00" })] }),
];

const date = (text) => text && new Date(text);

// Node gets Date objects from its client and gives them back; the table has texts.
function dated(one) {
  return { ...one, createdAt: date(one.createdAt), ...(one.deletedAt && { deletedAt: date(one.deletedAt) }) };
}

export async function email({ comments, notification, groups, known }) {
  const client = {
    getThread: async () => ({ id: "th_1", roomId: "room/1", comments: comments.map(dated) }),
    getInboxNotification: async () => ({ ...notification, notifiedAt: date(notification.notifiedAt), readAt: date(notification.readAt) }),
    getUserGroups: async ({ startingAfter }) => {
      const from = Number(startingAfter ?? 0);
      return { data: groups.slice(from, from + 1), nextCursor: from + 1 < groups.length ? String(from + 1) : null };
    },
  };
  const email = await prepareThreadNotificationEmailAsHtml(client, event, {
    ...(known.users && { resolveUsers: async ({ userIds }) => userIds.map((id) => known.users[id]) }),
    ...(known.groups && { resolveGroupsInfo: async ({ groupIds }) => groupIds.map((id) => known.groups[id]) }),
    ...(known.room && { resolveRoomInfo: async () => known.room }),
  });
  const shown = email === null ? [] : (email.comments ?? [email.comment]);
  for (const one of shown) one.createdAt = comments.find(({ id }) => id === one.id).createdAt;
  return email;
}

export { event };
