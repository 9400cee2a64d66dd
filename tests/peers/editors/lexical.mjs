// Documents of @liveblocks/node-lexical, by Lexical's own binding to Yjs.
import { need, random, pick, some, one_or_more, text, edited, copy } from "./random.mjs";

export const Y = need("yjs");
const { withLexicalDocument } = need("@liveblocks/node-lexical");
const { HeadingNode, QuoteNode } = need("@lexical/rich-text");
const { ListNode, ListItemNode } = need("@lexical/list");
const { LinkNode, AutoLinkNode } = need("@lexical/link");
const { CodeNode } = need("@lexical/code");
const nodes = [HeadingNode, QuoteNode, ListNode, ListItemNode, LinkNode, AutoLinkNode, CodeNode];

let current = Y.encodeStateAsUpdate(new Y.Doc()), sent = [];
const client = { getYjsDocumentAsBinaryUpdate: async () => current, sendYjsBinaryUpdate: async (_, update) => { sent.push(update); } };
const using = (callback) => withLexicalDocument({ roomId: "r", client, nodes }, callback);

const element = (type, children, more = {}) => ({ type, version: 1, children, direction: null, format: "", indent: 0, ...more });
const leaf = (value = text()) => ({ type: "text", version: 1, text: value, format: pick([0, 0, 0, 1, 2, 3, 4, 16, 8]), detail: 0, mode: "normal", style: "" });

function inline() {
  switch (random(9)) {
    case 0: return { type: "linebreak", version: 1 };
    case 1: return { type: "lb-mention", version: 1, value: pick(["in_1", "in_2"]) };
    case 2: return element("link", [leaf()], { url: "https://example.com", rel: null, target: null, title: pick([null, "t"]) });
    case 3: return element("lb-thread-mark", one_or_more(2, () => leaf()), { ids: [pick(["th_1", "th_2"])] });
    default: return leaf();
  }
}
const paragraph = () => element("paragraph", some(5, inline), { textFormat: 0, textStyle: "" });
function list(depth) {
  const listType = pick(["bullet", "number"]);
  const items = one_or_more(3, () => (depth && random(3) === 0 ? element("listitem", [list(depth - 1)]) : element("listitem", some(3, inline))));
  items.forEach((item, i) => (item.value = i + 1));
  return element("list", items, { listType, start: 1, tag: listType === "number" ? "ol" : "ul" });
}
function block() {
  switch (random(6)) {
    case 0: return element("heading", some(3, inline), { tag: "h" + (1 + random(6)) });
    case 1: return element("quote", some(3, inline));
    case 2: return element("code", some(1, () => ({ ...leaf(), format: 0 })), { language: pick(["js", "lua"]) });
    case 3: return list(2);
    default: return paragraph();
  }
}

function change(json) {
  const top = json.root.children;
  for (let i = 1 + random(3); i > 0; i--) {
    const at = random(top.length + 1), one = top[at];
    switch (random(6)) {
      case 0: top.splice(at, 0, block()); break;
      case 1: if (top.length > 1) top.splice(at, 1); break;
      default: change_in(one); break;
    }
  }
  return json;
}
function change_in(node) {
  if (!node?.children) return;
  const leaves = node.children.filter((child) => child.type === "text");
  if (leaves.length && random(2)) {
    const one = pick(leaves);
    if (random(3)) one.text = edited(one.text) || "x";
    else one.format = pick([0, 1, 3]);
  } else if (node.type !== "list" && node.type !== "code") {
    node.children.splice(random(node.children.length + 1), random(2), inline());
  } else if (node.children.length) {
    change_in(pick(node.children));
  }
}

// As Lexical has it: neighbours of the same format are one text.
function normal(json) {
  const walk = (node, level = 0) => {
    if (node.type === "listitem") node.indent = level; // how deep in lists it is
    if (!node.children) return;
    const out = [];
    for (const child of node.children) {
      walk(child, node.type === "listitem" ? level + 1 : node.type === "list" ? level : 0);
      const last = out[out.length - 1];
      if (child.type === "text" && child.text === "") continue;
      if (last?.type === "text" && child.type === "text" && last.format === child.format) last.text += child.text;
      else if (child.type === "lb-thread-mark" && !child.children.length) continue;
      else if (child.type === "list" && last?.type === "list") continue; // Lexical makes one of lists side by side
      else out.push(child);
    }
    node.children = out;
  };
  walk(json.root);
  return json;
}

async function read(update) {
  current = update;
  return using(async (api) => ({ json: copy(api.toJSON()), text: api.getTextContent(), markdown: api.toMarkdown() }));
}

async function written(update, json) {
  const { createHeadlessEditor } = need("@lexical/headless");
  const { $getRoot, $parseSerializedNode } = need("lexical");
  current = update;
  sent = [];
  await using(async (api) => {
    await api.update(() => {
      const root = $getRoot();
      root.clear();
      for (const child of json.root.children) root.append($parseSerializedNode(child));
    });
  });
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  for (const one of sent) Y.applyUpdate(doc, one);
  return Y.encodeStateAsUpdate(doc);
}

// Ours has what the node-lexical of today leaves out of a mention.
const shown = (json) => JSON.parse(JSON.stringify(json), (_, value) =>
  (value?.type === "lb-mention" ? { type: value.type, version: 1, id: value.value ?? value.id } : value));

export async function make() {
  const update = await written(Y.encodeStateAsUpdate(new Y.Doc()), normal({ root: element("root", one_or_more(6, block)) }));
  const found = await read(update);
  const target = normal(change(copy(found.json)));
  return { kind: "lexical", update, ...found, json: shown(found.json), target: shown(target) };
}

// The numbers of items are counted by Lexical.
const bare = (json) => JSON.parse(JSON.stringify(shown(json)), (_, value) => {
  if (value?.type === "listitem") delete value.value;
  return value;
});

export async function check(one, after) {
  const found = await read(after);
  return [bare(found.json), bare(one.target)];
}
