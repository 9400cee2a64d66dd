// Mentions in the text of random documents, and the e-mails that @liveblocks/emails makes of them.
//
//   mentions.mjs COUNT SEED FILE    writes cases, one JSON value a line: room, notification, event, update, email
// LBHOST_EDITORS, LBHOST_EMAILS: directories with the packages in node_modules
import fs from "node:fs";
import { createRequire } from "node:module";
import { seed, random, pick, one_or_more, text, need } from "./random.mjs";

const emails = createRequire(process.env.LBHOST_EMAILS + "/");
const { prepareTextMentionNotificationEmailAsHtml } = emails("@liveblocks/emails");
console.warn = () => {};
const Y = need("yjs");
const [, , count, number, file] = process.argv;
seed(number);

const mention = () => pick(["in_1", "in_2", "in_3", "x_4"]);
const users = { alice: { name: "Alice <A>" }, bob: { name: "" } };

// ---- Tiptap ----
// No two texts side by side: in our code they are one.
function tiptap_line() {
  let kind = 0;
  return one_or_more(5, () => {
    kind = kind > 3 ? random(4) : random(8);
    if (kind === 0) return new Y.XmlElement("hardBreak");
    if (kind < 4) {
      const node = new Y.XmlElement(pick(["liveblocksMention", "liveblocksMention", "liveblocksGroupMention"]));
      node.setAttribute("id", pick(["alice", "bob", "carol"]));
      node.setAttribute("notificationId", mention());
      if (node.nodeName === "liveblocksGroupMention" && random(2)) node.setAttribute("userIds", pick(['["a","b"]', "bad", '{"a":1}']));
      return node;
    }
    const words = new Y.XmlText();
    words.applyDelta([{ insert: text(), attributes: pick([{}, { bold: {} }, { italic: {}, strike: {} }, { code: {}, bold: {} }]) }]);
    return words;
  });
}
function tiptap(doc) {
  const fragment = doc.getXmlFragment("note");
  for (const name of one_or_more(4, () => pick(["paragraph", "paragraph", "heading", "blockquote"]))) {
    const block = new Y.XmlElement(name);
    fragment.push([block]);
    block.push(tiptap_line());
  }
}

// ---- Lexical ----
function embed(into, type, fields, make) {
  const node = make();
  into.insertEmbed(into.length, node);
  for (const [name, value] of Object.entries({ __type: type, ...fields })) (node.setAttribute ? node.setAttribute(name, value) : node.set(name, value));
  return node;
}
function lexical_line(block, depth) {
  for (let i = 1 + random(5); i > 0; i--) {
    switch (random(7)) {
      case 0: embed(block, "linebreak", {}, () => new Y.Map()); break;
      case 1: case 2: embed(block, "lb-mention", { __id: mention(), ...pick([{ __userId: "alice" }, { __userId: "bob" }, { __userId: "carol" }, {}]) }, () => new Y.XmlElement()); break;
      case 3: embed(block, pick(["lb-group-mention", "horizontalrule"]), { __id: mention(), __groupId: "team", ...pick([{}, { __userIds: ["a"] }]) }, () => new Y.XmlElement()); break;
      case 4: if (depth) lexical_line(embed(block, "link", { __url: "https://example.com" }, () => new Y.XmlText()), 0); break;
      default: {
        embed(block, "text", { __format: pick([0, 1, 2, 4, 16, 21, 8]), __style: "", __mode: 0, __detail: 0 }, () => new Y.Map());
        block.insert(block.length, text());
      }
    }
  }
}
function lexical(doc) {
  const root = doc.get("note", Y.XmlText);
  for (let i = 1 + random(3); i > 0; i--) {
    const block = embed(root, "paragraph", { __format: 0, __indent: 0, __dir: "ltr" }, () => new Y.XmlText());
    if (random(6)) lexical_line(block, 1);
  }
}

const lines = [];
for (let i = 0; i < Number(count); i++) {
  const doc = new Y.Doc();
  const type = pick(["tiptap", "lexical"]);
  ({ tiptap, lexical })[type](doc);
  const update = Y.encodeStateAsUpdate(doc);
  const room = { type: "room", id: "r", metadata: {}, ...(random(20) ? { experimental_textEditor: { type, rootKey: pick(["note", ["note"]]) } } : {}) };
  const notification = { id: "in_0", kind: random(20) ? "textMention" : "thread", roomId: "r", mentionId: pick(["in_1", "in_2"]), createdBy: pick(["bob", "carol"]),
    notifiedAt: new Date("2026-02-01T00:00:00Z"), readAt: pick([null, null, null, new Date("2026-01-01T00:00:00Z"), new Date("2026-03-01T00:00:00Z")]) };
  const event = { type: "notification", data: { channel: "email", kind: "textMention", projectId: "p", roomId: "r", userId: "alice", mentionId: notification.mentionId,
    inboxNotificationId: "in_0", createdAt: "2026-02-01T00:00:00.000Z", triggeredAt: "2026-02-01T00:00:00.000Z" } };
  const client = { getRoom: async () => room, getInboxNotification: async () => notification, getYjsDocumentAsBinaryUpdate: async () => update };
  const email = await prepareTextMentionNotificationEmailAsHtml(client, event, {
    resolveUsers: ({ userIds }) => userIds.map((id) => users[id]), resolveRoomInfo: () => ({ name: "Plan" }),
  });
  lines.push(JSON.stringify({ room, notification, event, update: Buffer.from(update).toString("base64"), email }));
}
fs.writeFileSync(file, lines.join("\n") + "\n");
process.exit(0);
