// Documents of @liveblocks/node-prosemirror (Tiptap's StarterKit with Liveblocks' nodes), and changes by y-prosemirror.
import { isDeepStrictEqual } from "node:util";
import { need, random, pick, some, one_or_more, text, edited, copy } from "./random.mjs";

export const Y = need("yjs");
const { prosemirrorToYXmlFragment, initProseMirrorDoc, updateYFragment } = need("y-prosemirror");
const { withProsemirrorDocument } = need("@liveblocks/node-prosemirror");
const { MarkdownSerializer, defaultMarkdownSerializer } = need("prosemirror-markdown");

const empty = new Y.Doc();
let current = Y.encodeStateAsUpdate(empty);
const client = { getYjsDocumentAsBinaryUpdate: async () => current, sendYjsBinaryUpdate: async () => {} };
const schema = await withProsemirrorDocument({ roomId: "r", client }, (api) => api.getEditorState().schema);

// prosemirror-markdown knows the same nodes by other names.
const nodes = defaultMarkdownSerializer.nodes, marks = defaultMarkdownSerializer.marks;
const mention = (state, node) => state.write("@" + state.esc(String(node.attrs.id)));
const serializer = new MarkdownSerializer({
  ...nodes, bulletList: nodes.bullet_list, listItem: nodes.list_item, horizontalRule: nodes.horizontal_rule, hardBreak: nodes.hard_break,
  liveblocksMention: mention, liveblocksGroupMention: mention,
  orderedList: (state, node) => nodes.ordered_list(state, Object.assign(Object.create(node), { attrs: { order: node.attrs.start } })),
  codeBlock: (state, node) => nodes.code_block(state, Object.assign(Object.create(node), { attrs: { params: node.attrs.language } })),
}, {
  italic: marks.em, bold: marks.strong, link: marks.link, code: marks.code, strike: { open: "~~", close: "~~", mixable: true, expelEnclosingWhitespace: true },
}, { hardBreakNodeName: "hardBreak" });

const mark = () => pick([
  () => ({ type: "bold" }), () => ({ type: "italic" }), () => ({ type: "strike" }), () => ({ type: "code" }), () => ({ type: "underline" }),
  () => ({ type: "link", attrs: { href: pick(["https://example.com/a_(b)", "mailto:a@b.c", "https://example.com"]) } }),
  () => ({ type: "liveblocksCommentMark", attrs: { threadId: pick(["th_1", "th_2", "th_3"]), orphan: random(2) === 0 } }),
])();

function inline() {
  switch (random(9)) {
    case 0: return { type: "hardBreak" };
    case 1: return { type: "liveblocksMention", attrs: { id: pick(["alice", "bob_b"]), notificationId: "in_" + random(99) } };
    case 2: return pick([{ type: "liveblocksGroupMention", attrs: { id: "team", userIds: '["a"]', notificationId: "in_g" } },
      { type: "text", text: "https://example.com", marks: [{ type: "link", attrs: { href: "https://example.com" } }] }]);
    default: return { type: "text", text: text(), marks: random(2) ? some(3, mark) : [] };
  }
}
const paragraph = () => ({ type: "paragraph", content: some(5, inline) });
function block(depth) {
  switch (random(depth > 0 ? 9 : 4)) {
    case 0: return { type: "heading", attrs: { level: 1 + random(6) }, content: some(3, inline) };
    case 1: return pick([{ type: "horizontalRule" }, { type: "codeBlock", attrs: { language: pick([null, "lua"]) },
      content: some(1, () => ({ type: "text", text: text() + "\n" + text() })) }]);
    case 4: return { type: "bulletList", content: one_or_more(3, () => item(depth - 1)) };
    case 5: return { type: "orderedList", attrs: { start: pick([1, 1, 9]) }, content: one_or_more(3, () => item(depth - 1)) };
    case 6: return { type: "blockquote", content: one_or_more(2, () => block(depth - 1)) };
    default: return paragraph();
  }
}
const item = (depth) => ({ type: "listItem", content: [paragraph(), ...some(1, () => block(depth))] });

// As the schema has it: equal neighbours are one text, marks are in order, and those that exclude each other are not both there.
function normal(json) {
  const node = schema.nodeFromJSON(json);
  const clean = (one) => {
    if (one.isText) return one.mark(one.marks.reduce((set, m) => m.addToSet(set), []));
    const children = [];
    one.forEach((child) => children.push(clean(child)));
    return one.type.create(one.attrs, children, one.marks);
  };
  return clean(node);
}

function change(json) {
  const list = json.content;
  for (let i = 1 + random(3); i > 0; i--) {
    const at = random(list.length + 1);
    const one = list[at];
    switch (random(6)) {
      case 0: list.splice(at, 0, block(2)); break;
      case 1: if (list.length > 1) list.splice(at, 1); break;
      case 2: if (one && one.type === "paragraph") list[at] = { type: "heading", attrs: { level: 2 }, content: one.content }; break;
      default: change_in(one); break;
    }
  }
  return json;
}
function change_in(node) {
  if (!node) return;
  const list = node.content ?? [];
  if (["paragraph", "heading"].includes(node.type)) {
    const one = list.length ? pick(list) : undefined;
    if (one && one.type === "text" && random(3)) {
      if (random(3)) one.text = edited(one.text) || "x";
      else one.marks = some(2, mark);
    } else {
      node.content = list;
      list.splice(random(list.length + 1), random(2), inline());
    }
    if (node.type === "heading" && random(3) === 0) node.attrs = { level: 1 + random(6) };
  } else if (list.length) {
    change_in(pick(list));
  }
}

const drop = new Set(["underline", "liveblocksCommentMark"]);
// Without the marks that Markdown has not.
function plain(json) {
  const walk = (node) => ({ ...node, marks: node.marks?.filter((m) => !drop.has(m.type)), content: node.content?.map(walk) });
  return schema.nodeFromJSON(walk(json));
}

// The marks of several comments on the same text are in no order of their own.
function sorted(node) {
  node.marks?.sort((a, b) => (a.type === b.type ? (JSON.stringify(a.attrs) < JSON.stringify(b.attrs) ? -1 : 1) : 0));
  node.content?.forEach(sorted);
  // In two orders they make two texts.
  node.content = node.content?.reduce((list, one) => {
    const last = list[list.length - 1];
    if (one.type === "text" && last?.type === "text" && isDeepStrictEqual(one.marks, last.marks)) last.text += one.text;
    else list.push(one);
    return list;
  }, []);
  if (!node.content) delete node.content;
  return node;
}

async function read(update) {
  current = update;
  const found = await withProsemirrorDocument({ roomId: "r", client }, (api) => ({ json: api.toJSON(), text: api.getText() }));
  return { json: sorted(copy(found.json)), text: found.text, markdown: serializer.serialize(plain(found.json)) };
}

export async function make() {
  const doc = new Y.Doc();
  const first = normal({ type: "doc", content: one_or_more(6, () => block(3)) });
  prosemirrorToYXmlFragment(first, doc.getXmlFragment("default"));
  // Some of it is of others, at the same time.
  for (let i = random(3); i > 0; i--) {
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    const fragment = other.getXmlFragment("default");
    const { doc: node, meta } = (({ doc, meta, mapping }) => ({ doc, meta: meta ?? { mapping, isOMark: new Map() } }))(initProseMirrorDoc(fragment, schema));
    other.transact(() => updateYFragment(other, fragment, normal(change(copy(node.toJSON()))), meta));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
  }
  const update = Y.encodeStateAsUpdate(doc);
  const found = await read(update);
  const target = copy(normal(change(copy(found.json))).toJSON());
  // What y-prosemirror itself sends for this change.
  const theirs = new Y.Doc();
  Y.applyUpdate(theirs, update);
  const fragment = theirs.getXmlFragment("default");
  const { meta, mapping } = initProseMirrorDoc(fragment, schema);
  const before = Y.encodeStateVector(theirs);
  theirs.transact(() => updateYFragment(theirs, fragment, schema.nodeFromJSON(target), meta ?? { mapping, isOMark: new Map() }));
  return { kind: "tiptap", update, ...found, target, size: Y.encodeStateAsUpdate(theirs, before).length };
}

export async function check(one, after) {
  const found = await read(after);
  // Read again by their schema, which brings marks in order and fills in defaults.
  return [found.json, sorted(copy(schema.nodeFromJSON(one.target).toJSON()))];
}
