-- Writes what the targets in Lua start from:  lua5.4 tests/fuzz/seeds.lua TARGET FOLDER
local target, directory = arg[1], assert(arg[2], "usage: lua5.4 tests/fuzz/seeds.lua TARGET FOLDER")

local seeds = {
  query = { "roomId^'eng:'", 'metadata["color"]:"blue" AND hasThreads:true', "metadata['n']>=3",
    "resolved:false AND visibility:'private'" },
  url = { "https://example.com/a?b=c#d", "/path%20with/../dots", "javascript:alert(1)", "a=b&c=%F0%9F%98%80", "http://[::1]:80/" },
  mail = { "App <app@app.example>\0alice@app.example\0News\0reply@app.example\0own\0text", "a@b\0\"A, B\" <a@b>\0Grüße\0\0x" },
  webhook = { "msg_1\0001700000000\0v1,AAAA\0{\"type\":\"roomCreated\",\"data\":{}}" },
  markdown = { "# Hello **world**, @bob\n\n- a\n- b\n\n> quote\n\n`code` [link](https://example.com)", "| a | b |\n|---|---|\n| 1 | 2 |",
    "```lua\nx\n```\n***bold*** ~~gone~~ <b>x</b> &amp; \\*" },
  yjs = { "\0\0", "\1\1\1\0\4\1\1a\1b\0", "\1\2\5\0\4\1\4text\5hello\68\5\0\1!\0" },
  -- A byte of flags, the length of the first update, two updates: of texts, a map in an array, a format, deletions; v1 and v2.
  yjs_core = { "\0\17\1\1\1\0\4\1\4text\5hello\0\1\1\2\0\132\1\4\2xy\0", "\1\27\0\0\1\1\0\0\1\4\11\6thello\1\5\1\1\0\0\1\1\0\0\0\0",
    "\2\20\1\2\5\0\4\1\4text\5hello\198\5\0\4bold\4true\0\0\1\5\1\1\2",
    "\0\21\1\2\7\0\8\1\1a\2\119\1x\125\5\135\7\1\1\1\40\7\1\1k\1\119\1v\0" },
  patch = { '[{"op":"add","path":"/b","value":{"c":[1]}}]', '[{"op":"move","from":"/list/0","path":"/list/2"}]',
    '[{"op":"test","path":"/a","value":1},{"op":"remove","path":"/map/k"}]', '[{"op":"replace","path":"/o/x","value":[]}]' },
  database = { "\0", "", ("\0"):rep(80) },
  client = { "Sun, 06 Nov 1994 08:49:37 GMT", "120",
    '{"error":"ROOM_NOT_FOUND","message":"no such room","reason":"\\ud83d\\ude00"}', "a b/c?d=é" },
  archive = { '{"id":"r"}\0{"liveblocksType":"LiveObject"}\0{"id":"th_1"}\n{"id":"th_2"}', '{"id":"../x"}\0[]\0' },
  csv = { "id;name\n1;a\n2;b\n", "\xEF\xBB\xBFid,name\r\n\"a\"\"b\",c\r\n", "\xFF\xFEi\0d\0" },
  http = { "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST /x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\nTrailer: x\r\n\r\n" },
}

for i, bytes in ipairs(assert(seeds[target], "no seeds for " .. target)) do
  local file = assert(io.open(("%s/%s-%02d"):format(directory, target, i), "wb"))
  assert(file:write(bytes))
  file:close()
end
