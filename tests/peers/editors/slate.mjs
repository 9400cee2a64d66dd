// Documents of Slate, by @slate-yjs/core.
import { need, random, pick, some, one_or_more, text, edited, copy } from "./random.mjs";

export const Y = need("yjs");
const { slateNodesToInsertDelta, withYjs, YjsEditor, yTextToSlateElement } = need("@slate-yjs/core");
const { createEditor, Editor, Transforms, Node } = need("slate");

const leaf = () => ({ text: text(), ...pick([{}, {}, { bold: true }, { italic: true, bold: true }, { color: "red" }]) });
const inline = () => (random(5) ? leaf() : { type: "link", url: "https://example.com", children: [leaf()] });
const paragraph = () => ({ type: "paragraph", children: one_or_more(4, inline) });
function block(depth) {
  switch (random(depth ? 5 : 3)) {
    case 0: return { type: pick(["heading-one", "h2"]), children: one_or_more(3, inline) };
    case 3: return { type: "block-quote", align: pick(["left", "right"]), children: one_or_more(2, () => block(depth - 1)) };
    case 4: return { type: "bulleted-list", children: one_or_more(3, () => ({ type: "list-item", checked: random(2) === 0, children: one_or_more(2, inline) })) };
    default: return paragraph();
  }
}

// As slate-yjs reads it: equal neighbours are one text, and empty ones stand only where nothing else does.
function normal(nodes) {
  const out = [];
  for (const node of nodes) {
    if (node.text === undefined) {
      out.push({ ...node, children: normal(node.children) });
      continue;
    }
    const last = out[out.length - 1];
    const { text: value, ...rest } = node;
    if (value === "") continue;
    if (last?.text !== undefined && JSON.stringify(rest) === JSON.stringify((({ text: _, ...others }) => others)(last))) last.text += value;
    else out.push({ ...node });
  }
  return out.length ? out : [{ text: "" }];
}

function change(nodes) {
  for (let i = 1 + random(3); i > 0; i--) {
    const at = random(nodes.length + 1);
    switch (random(5)) {
      case 0: nodes.splice(at, 0, block(2)); break;
      case 1: if (nodes.length > 1) nodes.splice(at, 1); break;
      default: change_in(nodes[at]);
    }
  }
  return nodes;
}
function change_in(node) {
  if (!node) return;
  if (node.text !== undefined) node.text = edited(node.text);
  else if (node.children.some((child) => child.text !== undefined) && random(3) === 0) node.children.splice(random(node.children.length + 1), random(2), inline());
  else if (random(4) === 0) node.align = pick(["left", "center"]);
  else change_in(pick(node.children));
}

const read = (update) => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const json = copy(yTextToSlateElement(doc.get("content", Y.XmlText)).children);
  return { json, text: json.map((node) => Node.string(node)).join("\n") };
};

// Edits in an editor that is bound to the document.
function edit(doc) {
  const editor = withYjs(createEditor(), doc.get("content", Y.XmlText), { autoConnect: false });
  YjsEditor.connect(editor);
  for (let i = random(4); i > 0 && editor.children.length; i--) {
    const path = [random(editor.children.length)];
    if (random(2)) Transforms.insertText(editor, pick([" new", "x"]), { at: Editor.end(editor, path) });
    else if (random(2)) Transforms.setNodes(editor, { align: "right" }, { at: path });
    else Transforms.insertNodes(editor, { type: "paragraph", children: [{ text: "inserted", bold: true }] }, { at: path });
  }
  YjsEditor.disconnect(editor);
}

export async function make() {
  const doc = new Y.Doc();
  doc.get("content", Y.XmlText).applyDelta(slateNodesToInsertDelta(normal(one_or_more(6, () => block(2)))));
  edit(doc);
  const update = Y.encodeStateAsUpdate(doc);
  const found = read(update);
  return { kind: "slate", update, ...found, target: normal(change(copy(found.json))) };
}

export async function check(one, after) {
  return [normal(read(after).json), normal(one.target)];
}
