// Documents of BlockNote, by its server package.
import { load, random, pick, some, one_or_more, text, edited, copy } from "./random.mjs";

export const Y = await load("yjs/dist/yjs.mjs");
const { ServerBlockNoteEditor } = await load("@blocknote/server-util/dist/blocknote-server-util.js");
const editor = ServerBlockNoteEditor.create();

const styles = () => pick([{}, {}, { bold: true }, { italic: true, strike: true }, { textColor: "red" }, { code: true }, { underline: true, backgroundColor: "blue" }]);
const leaf = () => ({ type: "text", text: text(), styles: styles() });
const inline = () => (random(5) ? leaf() : { type: "link", href: "https://example.com", content: one_or_more(2, leaf) });
const align = () => pick([{}, {}, { textAlignment: "right" }, { backgroundColor: "red" }]);
let number = 0;
const id = () => "block-" + number++;

function block(depth) {
  const children = depth ? some(2, () => block(depth - 1)).filter(() => random(2)) : [];
  const type = pick(["paragraph", "paragraph", "heading", "bulletListItem", "numberedListItem", "checkListItem", "quote", "codeBlock", "image", "table", "divider", "toggleListItem"]);
  const base = { id: id(), type, children };
  if (type === "image") return { ...base, props: { url: "https://example.com/a.png", name: "a", caption: pick(["", "c"]) } };
  if (type === "divider") return base;
  if (type === "codeBlock") return { ...base, props: { language: "lua" }, content: [{ type: "text", text: text() + "\n" + text(), styles: {} }] };
  if (type === "table") {
    const columns = 1 + random(3);
    return { ...base, content: { type: "tableContent", headerRows: pick([undefined, 1]), rows: one_or_more(3, () => ({ cells: Array.from({ length: columns }, () => some(2, leaf)) })) } };
  }
  const props = { heading: () => ({ level: 1 + random(3) }), checkListItem: () => ({ checked: random(2) === 0 }), numberedListItem: () => pick([{}, { start: 5 }]) }[type]?.() ?? {};
  return { ...base, props: { ...props, ...(type === "quote" ? {} : align()) }, content: some(4, inline) };
}

const stored = (blocks) => Y.encodeStateAsUpdate(editor.blocksToYDoc(blocks, "default"));
function read(update) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  return copy(editor.yDocToBlocks(doc, "default"));
}

function change(list) {
  for (let i = 1 + random(3); i > 0; i--) {
    const at = random(list.length + 1), one = list[at];
    switch (random(5)) {
      case 0: list.splice(at, 0, block(1)); break;
      case 1: if (list.length > 1) list.splice(at, 1); break;
      default: if (one) change_in(one);
    }
  }
  return list;
}
function change_in(one) {
  if (one.children.length && random(3) === 0) return change_in(pick(one.children));
  if (one.type === "table") {
    const cell = pick(pick(one.content.rows).cells);
    (cell.content ?? cell).push(leaf());
  } else if (Array.isArray(one.content)) {
    const part = one.content.length ? pick(one.content) : undefined;
    if (part?.type === "text" && random(3)) part.text = edited(part.text) || "x";
    else if (one.type !== "codeBlock") one.content.splice(random(one.content.length + 1), random(2), inline());
  } else if (one.type === "image") one.props.caption = text();
}

export async function make() {
  const update = stored(one_or_more(6, () => block(2)));
  const json = read(update);
  const target = read(stored(change(copy(json))));
  return { kind: "blocknote", update, json, target };
}

export async function check(one, after) { return [read(after), one.target]; }
