// Random Markdown, addresses and comment bodies, the same for the same seed.

function generator(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
}

const INLINE = ["word", "two words", " ", "  ", "\n", "*", "**", "***", "_", "__", "`", "``", "~", "~~", "[", "]", "(", ")", "!",
  "\\", "\\*", "\\_", "\\[", "\\]", "<", ">", "&", "&amp;", "\"", "'", "|", "#", "@ann", "@bob.", " @a-b_c ", "a@b.co", "<a@b.co>",
  "http://x.co/a_b", "https://x.co/(a)", "www.x.co.", "WWW.X.co", "ftp://f.org", "<http://x.co>", "<b>", "</b>", "<a href=\"x\">", "</a>",
  "[l](http://x.co)", "[l](/p \"t\")", "[l](<a b>)", "[a](b(c)d)", "![i](u.png)", "![](u.png)", "[r]", "[R][r]", "[r][]", "[x](javascript:1)",
  "`c`", "`` a`b ``", "*em*", "**st**", "_em_", "__st__", "~~del~~", "  \n", "\\\n", "é", "“", "”", "—", "日本", "😀", "\u00a0", ".", ",",
  ":", ";", "-", "+", "=", "1", "a", "b", "<!-- c -->", "<?p?>", "\t", "*a **b** c*", "**a *b* c**", "f*o*o", "f_o_o", "$", "^", "?"];

const LINES = ["# h", "## h ##", "#no", "####### n", "h\n===", "h\n---", "a\nb\n---", "---", "***", "- - -", "___", "> q", "> q\nlazy", "> > qq",
  ">", "> - a\n> - b", "> - a\nlazy", "> ```\n> c\n> ```", "> # h", "> a\n> ---", "> a\n---", "- a", "- a\n- b", "* a\n* b", "+ a", "- a\n  - b\n    - c",
  "- a\n\n- b", "- a\n\n  p", "- [ ] t", "- [x] t", "- [X]  t", "-", "- ", "-  ", "1. a\n2. b", "7) a", "1. a\n   - b", "10. a\n    b", "- a\n      code",
  "-     code", "-\tb", "- a\n\tb", "- # h", "- > q", "- ```\n  c\n  ```", "- a\nlazy", "```\ncode\n```", "```js\ncode\n```", "~~~\ncode\n~~~~", "```\nopen",
  "  ```\n  a\n b\n  ```", "    code", "    code\n\n    more", "\tcode", "|a|b|\n|-|-|\n|1|2|", "a|b\n-|-\n1|2\n3", "|a|\n|:-:|", "|a|b|\n|-|", "a\n|-|", "|a\\|b|c|\n|:-|-:|\n|`x`|*y*|z|",
  "<div>\nx\n</div>", "<div>\n\nx", "<!-- c\nd -->", "<pre>\na\n\nb</pre>", "<script>\n1", "<b>x</b>\ny", "<b>\nx", "</b>\n", "<?x\n?>", "<!D x>", "[r]: http://x.co", "[r]: <a b> 'T'",
  "[r]: /u\n\"t\"", "[q]:\n/u", "[r]: x y", "text", "text\n# h", "text\n- a", "text\n1. a", "text\n2. a", "text\n> q", "text\n```\nc\n```", "text\n    more", "text\n<div>", "text\n***",
  "a  \nb", "a\\\nb", "", "", "", " ", "   ", "\t", "  indented", "   - a", "* * *\n", "@ann", "hi @ann.\n@bob", "a | b", "| a", "=====", "+", "0. z", "123456789. a", "1234567890. a", "1.", "1.a"];

export function randomMarkdown(seed) {
  const random = generator(seed * 2654435761 + 12345);
  const pick = (list) => list[random(list.length)];
  const inline = (count) => Array.from({ length: count }, () => pick(INLINE)).join("");
  const kind = random(10);
  if (kind < 4) return inline(1 + random(12));
  const blocks = [];
  const count = 1 + random(6);
  for (let i = 0; i < count; i++) {
    let block = pick(LINES);
    if (random(4) === 0) block = block.replace(/[a-z]+/, () => inline(1 + random(5)));
    if (random(8) === 0) block = block.split("\n").map((line) => pick(["> ", "  ", "    ", "- ", "\t", ">", " "]) + line).join("\n");
    blocks.push(block);
  }
  return blocks.join(random(3) === 0 ? "\n\n" : "\n") + (random(3) === 0 ? "\n" : "");
}

const ADDRESS = ["http://", "https://", "HTTPS://", "http:", "https:/", "//", "/", "\\", "www.", "x.co", "a.b.c", "X.CO", "localhost", "127.0.0.1",
  "[::1]", "0x7f.1", ":80", ":443", ":8080", ":0", ":", "/p", "/../", "/./", "/%2e%2e/", "/a b", "?", "?q=1", "&r='", "#", "#f", "#`", "%", "%41", "%zz", "é",
  "日本", " ", "\t", "\n", "@", "u:p@", "javascript:alert(1)", "mailto:a@b", "ftp://", "data:", ".", "..", "<", ">", "\"", "{", "}", "|", "^", "ü.de", "1", "-", "_", "~", "\u0001", "file:", ";", ","];

export function randomAddress(seed) {
  const random = generator(seed * 40503 + 77);
  return Array.from({ length: 1 + random(6) }, () => ADDRESS[random(ADDRESS.length)]).join("");
}

const TEXTS = ["", "plain", "<b>&\"'", "a*b_c`d~e", "[x](y)!|{}#", "line\nbreak", "é😀", " "];

export function randomBody(seed) {
  const random = generator(seed * 97 + 5);
  const pick = (list) => list[random(list.length)];
  const inline = () => {
    switch (random(6)) {
      case 0:
        return { type: "mention", kind: "user", id: pick(["alice", "bob", "", "c<d>", "eng"]) };
      case 1:
        return { type: "mention", kind: "group", id: pick(["eng", "ops", "alice"]), ...(random(2) ? { userIds: ["alice"] } : {}) };
      case 2: {
        const link = { type: "link", url: pick(["http://x.co/a_b?c='d'", "www.x.co", "javascript:1", "/rel", "#", randomAddress(seed)]) };
        return random(2) ? { ...link, text: pick(TEXTS) } : link;
      }
      case 3:
        return pick([{ type: "unknown", text: "?" }, { text: 5 }, { foo: 1 }]);
      default: {
        const text = { text: pick(TEXTS) };
        for (const format of ["bold", "italic", "strikethrough", "code"]) if (random(3) === 0) text[format] = random(5) > 0;
        return text;
      }
    }
  };
  const block = () => ({ type: random(12) ? "paragraph" : "image", children: Array.from({ length: random(5) }, inline) });
  return { version: 1, content: Array.from({ length: random(4) }, block) };
}
