// Writes lua/liveblocks/comment/markdown/ranges.lua: the character classes that JavaScript's regular expressions know
// and Lua's patterns do not.   node unicode.mjs > lua/liveblocks/comment/markdown/ranges.lua

// Pairs "gap.length" in base 36: how far a range begins after the last one, and how long it is.
function ranges(pattern, last) {
  const parts = [];
  let start = -1;
  let previous = 0x80;
  for (let code = 0x80; code <= last + 1; code++) {
    const within = code <= last && pattern.test(String.fromCodePoint(code));
    if (within && start < 0) start = code;
    if (within || start < 0) continue;
    parts.push(`${(start - previous).toString(36)}.${(code - 1 - start).toString(36)}`);
    previous = code - 1;
    start = -1;
  }
  return parts;
}

function lines(name, comment, parts) {
  let out = `  -- ${comment}\n  ${name} = ""`;
  for (let i = 0; i < parts.length; i += 16) out += `\n    .. "${parts.slice(i, i + 16).join(" ")} "`;
  return `${out},\n`;
}

process.stdout.write(
  `-- Unicode ${process.versions.unicode}, written by tests/peers/comments/unicode.mjs: ranges above ASCII as pairs\n` +
    "-- of gap and length in base 36.\nreturn {\n" +
    lines("marks", "Punctuation and symbols.", ranges(/[\p{P}\p{S}]/u, 0x10ffff)) +
    lines("alphanumerics", "Letters and numbers of the basic plane.", ranges(/[\p{L}\p{N}]/u, 0xffff)) +
    "}\n",
);
