// The inputs of the tables: what people write in comments, and the corners of each rule. Inputs of one line are in
// markdown.txt and addresses.txt.

import { readFileSync } from "node:fs";

const lines = (name) => readFileSync(new URL(name, import.meta.url), "utf8").replace(/\n$/, "").split("\n");

export const markdown = lines("markdown.txt").concat([
  "", " ", "\n", "\n\n", "\t", "a\n", "\na", "  a  ", "a\nb", "a\n\nb", "a\n\n\n\nb", "a  \nb", "a\\\nb", "a \nb", "a\r\nb", "a\rb", "a\r\n\r\nb",
  "**a\nb**", "`a\nb`", "[a\nb](http://x.co)", "[a](http://x.co\n\"t\")", "~~a\nb~~", "*a\n\nb*", "@ann\n@bob", "a.\n@ann",
  "a\n# h\nb", "# h\n\na", "h\n=", "h\n===", "h\n---", "a\nb\n===", "a\n\n---", "a\n***\nb", "h\n== =", "- h\n---", "> h\n---", "h\n-----   ",
  "- a\n- b", "- a\n\n- b", "- a\n* b", "- a\n  - b", "- a\n  - b\n    - c\n- d", "- a\n    - b", "- a\n     - b", "- a\n      b", "- a\nb", "- a\n\nb", "- a\n\n  b",
  "- a\n\n    b", "- a\n\n      b", "1. a\n2. b", "1. a\n1. b", "3. a\n4. b", "1. a\n2) b", "1. a\n   - b\n   - c\n2. d", "- a\n  1. b\n  2. c", "-\n  a", "-\n\n  a", "- a\n-\n- b",
  "- # h\n  b", "- > q\n  r", "- > q\nr", "- ```\n  c\n  ```\n- d", "- `a`\n- *b*\n- [c](http://x.co)", "-     a", "-\ta", "- a\n\tb", "-   a\n    b", "- a\n\n\n- b", "- a\n\n\n  b",
  "- [ ] a\n- [x] b\n  - [ ] c", "- a\n---\n- b", "- a\n# h", "- a\n> q", "- a\n```\nc\n```", "- a\n<div>\nb", "* a\n\n  ---\n\n  b", "text\n- a", "text\n1. a", "text\n2. a", "text\n-", "- a @ann\n- @bob.",
  "- | a | b |\n  |---|---|\n  | 1 | 2 |", "- a\n  b\n  c", "- a  \n  b", "10. a\n    b", "10. a\n   b", "   - a\n   - b", "- a\n - b\n  - c\n   - d\n    - e",
  "> a\n> b", "> a\nb", "> a\n\nb", "> a\n\n> b", "> - a\n> - b", "> - a\n- b", "> - a\nb", "> 1. a\n>    - b", "> # h\n> b", "> ```\n> c\n> ```", "> ```\nc\n```", ">     code\n> b", "> a\n> > b\n> c", "> > a\nb",
  "> > a\n> b\nc", "> | a | b |\n> |---|---|\n> | 1 | 2 |", "> a\n---", "> a\n===", "> a\n> ---", ">\n> a", "> a\n>\n> b", "> *a\n> b*", "> @ann\n> hi", "> [r]: http://x.co\n\n[r]", "> - a\n>   > b\n> c", "> ---\n> a",
  "```\ncode\n```", "```js\nlet a = 1;\n```", "~~~\ncode\n~~~", "```\n*a* @ann <b>\n```", "```\na\n\nb\n```", "```\nopen", "```", "```\n```", "````\n```\n````", "```\n~~~\n```", "``` a`b\nc\n```", "  ```\n  a\n    b\n c\n  ```",
  "a\n```\nb\n```\nc", "~~~ a`b\nc\n~~~", "```\na\n```b", "```\na\n  ```", "```\na\n    ```", "    code", "    code\n    more", "    a\n\n    b", "    a\n      b", "a\n    b", "\tcode", "  \tcode", "    *a* @ann\n\nb", "a\n\n    b\nc", "     a\n   b",
  "| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n--|--\n1 | 2", "| a | b |\n|:--|--:|\n| 1 | 2 |\n| 3 | 4 |", "|a|b|c|\n|:-:|-|:-|\n|1|2|", "| a |\n|---|\n| 1 | 2 |", "| a | b |\n|---|\n", "| *a* | `b` |\n|---|---|\n| **c** | [d](http://x.co) |",
  "| a \\| b | c |\n|---|---|\n| `x\\|y` | z |", "| @ann | b |\n|---|---|\n| 1 | @bob |", "text\n| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\ntext", "| a | b |\n|---|---|\n\ntext", "| a | b |\n|---|---|\n| 1 | 2 |\n> q", "| a |\n|:-:|", "a\n-|", "a\n:-:",
  "||\n|-|", "| a | |\n|---|---|\n| | b |", "|a|b|\n|-|-|\n|1|2|\n# h", "| ![i](u.png) | ~~d~~ |\n|-|-|\n| <b>x</b> | http://x.co |", "|a|b|\n| - | - |   \n|1|2|", "a|b\n-|-\n\n1|2",
  "[r]: http://x.co\n\n[r] [a][r] [r][] [R] ![i][r]", "[a][R]\n\n[r]: http://x.co", "[r]: <http://x.co/a b> 'T'\n[r]", "[r]: http://x.co\n\"T\"\n\n[r]", "[r]: http://x.co \"T\" x\n\n[r]", "[r]:\nhttp://x.co\n\n[r]", "[r]: http://x.co\n[r]: http://y.co\n\n[r]",
  "[a b]: http://x.co\n\n[a\nb] [A  B]", "[r]: javascript:1\n\n[r]", "a\n[r]: http://x.co\n\n[r]", "[r]: /u\n\n**[r]** *[x][r]*", "[*a*]: /u\n\n[*a*]", "[r]: /u\n\n[a] [r]: b", "[r]: /u\n\n[r](/v) [r][q]", "- [r]: /u\n\n[r]", "[r]\n\n[r]: /u 'a\nb'", "[\\]]: /u\n\n[\\]]", "[r]: <>\n\n[r]",
  "<div>\n*a*\n</div>", "<div>\n\n*a*\n\n</div>", "<div>a</div>\nb", "a\n<div>\nb", "<b>a</b>\nb", "<b>\n*a*\n</b>\n\nc", "</b>\na", "<pre>\n*a*\n\nb\n</pre>\nc", "<script>\na\n</script>", "<style>a", "<!-- a\n\nb -->\nc", "<!-- a --> *b*\nc", "<?a\n\nb?>c", "<!A>b\nc", "<![CDATA[\na\n]]>b",
  "<DIV>\na", "<x-y>\na", "<a href='x'>\nb", "<table>\n<tr>\n</tr>\n</table>", "  <div>\na", "    <div>", "<h1>a</h1>\n@ann", "<details>\n<summary>s</summary>\n\n- a\n</details>",
  "Hi @ann,\n\nsee **this** [plan](https://x.co/plan \"Plan\"):\n\n1. read it\n2. tell @bob.smith\n   - today\n   - or tomorrow\n\n> It is `done`,\n> I think\n\n- [x] spec\n- [ ] code\n\n```lua\nprint \"hi\"\n```\n\n| who | when |\n|:---|---:|\n| @ann | 10:00 |\n\n---\n\nThanks! — *C.*",
  "a\u00a0b", "\u00a0a", "*a\u00a0*", "http://x.co\u00a0a", "@ann\u00a0b", "@ann.\u00a0b", "a\u2003", "\ufeffa", "a\u200b*b*", "\u0000a", "*a*\u0001", "e\u0301*a*", "½*a*½", "€*a*€ *€*", "¡*a*", "*¡a*b", "_a_é", "é_a_", "中_a_中", "١_a_", "𝒜_a_", "a\\😀b",
]);

export const addresses = lines("addresses.txt").concat([
  "", " ", " http://x.co/a", "http://x.co/a ", "ht\ntp://x.co", "http://x.co/a\tb", "\thttp://x.co", "java\tscript:1", " javascript:1", "\u0001javascript:1", "http://x.co/\u0000\u007f",
  "https:x.co/a", " https:x.co/a", " https:/x.co/a", " http:x.co", "http://x.co/a/\n?b", "\u00a0http://x.co", "http://x.co/ \n", "a\nb"
]);
