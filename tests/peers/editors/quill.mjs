// Documents of Quill, by y-quill, in a DOM of jsdom.
import { load, need, random, pick, some, one_or_more, text, edited, copy } from "./random.mjs";

const { JSDOM } = need("jsdom");
const dom = new JSDOM("<!doctype html><div id=editor></div>");
for (const name of ["window", "document", "navigator", "Node", "MutationObserver", "HTMLElement", "Element", "DOMParser", "Text", "Range", "getComputedStyle"]) globalThis[name] ??= dom.window[name] ?? dom.window;
globalThis.window = dom.window;
globalThis.document = dom.window.document;
dom.window.document.getSelection ??= () => null;
export const Y = need("yjs");
const Quill = (await load("quill/quill.js")).default;
const { QuillBinding } = need("y-quill");

const value = () => pick([{ image: "https://example.com/a.png" }, { video: "https://example.com/v" }]);
const span = () => (random(6) ? { insert: text(), ...pick([{}, {}, { attributes: { bold: true } }, { attributes: { link: "https://example.com" } }]) } : { insert: value() });
const line_format = () => pick([{}, {}, { attributes: { list: pick(["bullet", "ordered", "checked"]) } }, { attributes: { header: 1 + random(3) } }, { attributes: { blockquote: true } }]);
const lines = () => one_or_more(6, () => [...some(3, span), { insert: "\n", ...line_format() }]).flat();

// As Quill has it.
function opened(doc) {
  const element = document.createElement("div");
  const quill = new Quill(element);
  return [quill, new QuillBinding(doc.getText("quill"), quill)];
}
function normal(ops) {
  const quill = new Quill(document.createElement("div"));
  quill.setContents(ops);
  return copy(quill.getContents().ops);
}

function read(update) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const [quill, binding] = opened(doc);
  const found = { json: copy(quill.getContents().ops), text: quill.getText() };
  binding.destroy();
  return found;
}

export async function make() {
  const doc = new Y.Doc();
  const [quill, binding] = opened(doc);
  quill.setContents(lines());
  for (let i = random(4); i > 0; i--) {
    const at = random(quill.getLength());
    if (random(2)) quill.insertText(at, pick(["new", " x\n"]), pick([{}, { italic: true }]));
    else quill.formatText(at, random(5), { bold: random(2) === 0 });
  }
  binding.destroy();
  const update = Y.encodeStateAsUpdate(doc);
  const found = read(update);
  const target = copy(found.json);
  for (let i = 1 + random(3); i > 0; i--) {
    const one = pick(target);
    if (typeof one.insert === "string" && random(3)) one.insert = edited(one.insert);
    else target.splice(random(target.length), random(2), span());
  }
  return { kind: "quill", update, ...found, target: normal(target.filter((one) => one.insert !== "")) };
}

export async function check(one, after) { return [read(after).json, one.target]; }
