// Random numbers that a seed makes the same on each run, and text for documents.
import { createRequire } from "node:module";

// The packages, which are not beside this file.
export const packages = process.env.LBHOST_EDITORS + "/";
export const load = async (path) => import(packages + "node_modules/" + path); // those that are ES modules: by a file
export const need = createRequire(packages); // those that are CommonJS

let state = 1;
export function seed(value) { state = Number(value); }
export function random(n) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
}
export const pick = (list) => list[random(list.length)];
export const some = (most, make) => Array.from({ length: random(most + 1) }, (_, i) => make(i));
export const one_or_more = (most, make) => Array.from({ length: 1 + random(most) }, (_, i) => make(i));

const words = ["a", "the", "plan", "Hello", "wörld", "日本", "emoji 😀", "x*y", "snake_case", "_", "*", "1.", "- dash", "# no", "`tick`",
  "[b]", "!", "~~", "\\", "  ", "end.", "I am", "a|b", "<b>", "&amp;", "long ".repeat(6)];
export const text = () => one_or_more(4, () => pick(words)).join(pick([" ", " ", ""]));
export const line = () => text().replace(/\n/g, " ");
export const copy = (value) => JSON.parse(JSON.stringify(value));

// A text with some of it replaced.
export function edited(value) {
  const units = Array.from(value);
  for (let i = 1 + random(2); i > 0; i--) units.splice(random(units.length + 1), random(4), ...Array.from(pick(["", "new", "é", " and more ", "😀"])));
  return units.join("");
}
