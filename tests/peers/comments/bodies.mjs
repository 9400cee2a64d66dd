// Comment bodies for the table, each with one thing to get right, and then random ones.

import { randomBody } from "./random.mjs";

const paragraph = (...children) => ({ type: "paragraph", children });
const body = (...content) => ({ version: 1, content });
const user = (id) => ({ type: "mention", kind: "user", id });
const group = (id, userIds) => ({ type: "mention", kind: "group", id, ...(userIds && { userIds }) });
const link = (url, text) => ({ type: "link", url, ...(text !== undefined && { text }) });

export const bodies = [
  body(),
  body(paragraph()),
  body(paragraph({ text: "" })),
  body(paragraph({ text: "a" }), paragraph({ text: "b" })),
  body(paragraph({ text: "a" }), paragraph(), paragraph({ text: "b" })),
  body(
    paragraph({ text: "Hello " }, { text: "w<b>&", bold: true, italic: true }, user("alice"), group("eng"), link("https://x.co/a?b=1&c", "t*x"), link("javascript:alert(1)"), link("www.x.com"), {
      text: "c_d`",
      code: true,
      strikethrough: true,
    }),
    paragraph({ text: "" }),
  ),
  ...["bold", "italic", "strikethrough", "code"].map((format) => body(paragraph({ text: "_*#`~!|(){}[]<>&\"'\\", [format]: true }))),
  body(paragraph({ text: "all", bold: true, italic: true, strikethrough: true, code: true })),
  body(paragraph({ text: "none", bold: false, italic: false })),
  body(paragraph({ text: "", bold: true })),
  body(paragraph({ text: "_*#`~!|(){}[]<>&\"'\\" })),
  body(paragraph(user("alice"), user("bob"), user("c<d>"), user("unknown"), user(""))),
  body(paragraph(group("eng"), group("ops"), group("eng", ["alice"]), group(""))),
  body(paragraph(user("eng"), group("eng"), group("alice"), user("alice"), user("alice"))),
  body(paragraph(link("http://x.co"), link("http://x.co", ""), link("http://x.co", "a"), link("/rel", "a"), link("#"), link("", "a"))),
  body(paragraph(link("javascript:1"), link("javascript:1", "a<b"), link("data:x", ""), link("ftp://x.co"))),
  body(paragraph(link("http://x.co/?a=\"<'&b", "\"<'&"))),
  body(paragraph(link("http://x.co/(a)_[b]*c", "(a)_[b]*c"))),
  body({ type: "image", children: [{ text: "gone" }] }, paragraph({ text: "a" }), { type: "list", children: [] }),
  body(paragraph({ type: "emoji", text: "gone" }, { text: 5 }, { foo: 1 }, { text: "a" })),
  body(paragraph({ text: "line\nbreak\r\ttab" })),
  body(paragraph({ text: "é😀日本\u0000\u00a0" })),
  ...Array.from({ length: 60 }, (_, seed) => randomBody(seed)),
];
