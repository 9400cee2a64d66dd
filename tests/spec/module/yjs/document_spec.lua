require "liveblocks"
local crypto = require "liveblocks.crypto"
local errors = require "liveblocks.errors"
local json = require "liveblocks.json"
local yjs = require "liveblocks.yjs"

local function assert_error(kind, fn, ...)
  local ok, err = pcall(fn, ...)
  assert.is_false(ok)
  assert.is_true(errors.is(err), tostring(err))
  assert.equal(kind, err.kind)
  return err.message
end

describe("A Yjs document", function()
  it("is written as Yjs writes it", function()
    local doc = yjs.open(nil, { client_id = 1 })
    doc:get_text("t"):insert(0, "hello")
    assert.equal("\1\1\1\0\4\1\1t\5hello\0", doc:update())
    assert.is_nil(doc:update())
    assert.equal("\1\1\5", doc:state_vector())
  end)

  it("counts positions in UTF-16 units, and divides no surrogate pair", function()
    local text = yjs.open():get_text()
    text:insert(0, "a😀b")
    assert.equal(4, text:length())
    text:delete(3, 1)
    assert.equal("a😀", text:to_string())
    text:insert(2, "x")
    assert.equal("a\xef\xbf\xbdx\xef\xbf\xbd", text:to_string())
    for _, string in ipairs { "", "abc", "é", "日本", "a😀b", "\0\127" } do
      local doc = yjs.open():get_text()
      doc:insert(0, string)
      assert.equal(doc:length(), yjs.units(string))
    end
  end)

  it("gives texts formats, and reads them as a delta", function()
    local text = yjs.open():get_text "t"
    text:insert(0, "Hello world")
    text:format(0, 5, { bold = true })
    text:insert_embed(5, { image = "x" }, { link = { href = "y" } })
    assert.same({ { insert = "Hello", attributes = { bold = true } },
      { insert = { image = "x" }, attributes = { link = { href = "y" } } }, { insert = " world" } }, text:to_delta())
    text:apply_delta { { retain = 5, attributes = { bold = json.null } }, { delete = 1 }, { insert = "!" } }
    assert.same({ { insert = "Hello! world" } }, text:to_delta())
  end)

  it("fills the types of a delta, and copies texts with types in them", function()
    local doc = yjs.open()
    local text = doc:get_text "t"
    text:apply_delta { { insert = "a" }, { insert = yjs.map { k = yjs.text "in" } }, { insert = yjs.array { 1, 2 } }, { insert = "b" } }
    local copy = doc:get_map("m"):set("copy", text:clone())
    for _, one in ipairs { text, copy, yjs.open(doc:update()):get_text "t" } do
      local delta = one:to_delta()
      assert.equal(4, #delta)
      assert.equal("in", delta[2].insert:get("k"):to_string())
      assert.same({ 1, 2 }, delta[3].insert:to_array())
      assert.equal("b", delta[4].insert)
    end
  end)

  it("refuses strings that are not UTF-8, of which Yjs could not read the update", function()
    local doc = yjs.open()
    local text, map, list = doc:get_text "t", doc:get_map "m", doc:get_array "a"
    local function refused(what, ...)
      local ok, problem = pcall(...)
      assert.is_false(ok)
      assert.equal("usage", problem.kind)
      assert.matches(what .. " is not valid UTF-8 at byte 2", problem.message, 1, true)
    end
    refused("the text", text.insert, text, 0, "a\255")
    refused("the text", text.apply_delta, text, { { insert = "a\255" } })
    refused("the name of an attribute", text.insert, text, 0, "a", { ["b\255"] = true })
    refused("the name of an attribute", text.apply_delta, text, { { insert = "a", attributes = { ["b\255"] = true } } })
    refused("the key", map.set, map, "k\255", 1)
    refused("the guid", map.set, map, "k", yjs.subdocument "g\255")
    refused("the guid", list.push, list, { yjs.subdocument "g\255" })
    refused("the name", yjs.xml_element, "p\255")
    refused("the name", doc.get_text, doc, "t\255")
    assert.is_nil(doc:update())
    text:insert(0, "abc")
    refused("the name of an attribute", text.format, text, 0, 1, { ["b\255"] = true })
    refused("the name of an attribute", text.apply_delta, text, { { retain = 1, attributes = { ["b\255"] = true } } })
    yjs.check(doc:update())
  end)

  it("holds bytes and undefined within plain values, as Yjs does", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local value = { bytes = yjs.binary "\0\255", list = { 1, yjs.undefined, "é", 2.5, { yjs.binary "" } }, none = yjs.undefined }
    doc:get_map("m"):set("k", value)
    -- map.set("k", { bytes: new Uint8Array([0, 255]), list: [1, undefined, "é", 2.5, [new Uint8Array()]], none: undefined })
    assert.equal("AQEBACgBAW0BawF2AwVieXRlc3QCAP8EbGlzdHUFfQF/dwLDqXxAIAAAdQF0AARub25lfwA=", crypto.base64_encode(doc:update()))
    local text = doc:get_text "t"
    text:insert(0, "x", { mark = yjs.binary "\1", size = { yjs.binary "\2" } })
    text:insert_embed(1, { file = yjs.binary "\3" }, {})
    doc:get_array("a"):push { 1, { yjs.binary "\4" }, 2 }
    local copy = yjs.open(doc:update("\0", { version = 2 }), { version = 2 })
    assert.same(value, copy:get_map("m"):get "k")
    assert.same({ { insert = "x", attributes = { mark = yjs.binary "\1", size = { yjs.binary "\2" } } },
      { insert = { file = yjs.binary "\3" } } }, copy:get_text("t"):to_delta())
    assert.same({ 1, { yjs.binary "\4" }, 2 }, copy:get_array("a"):to_array())
    -- as JSON.stringify has it
    assert.same({ k = { bytes = { ["0"] = 0, ["1"] = 255 }, list = { 1, json.null, "é", 2.5, { {} } } } }, copy:get_map("m"):to_json())
    for _, wrong in ipairs { { a = yjs.map() }, { yjs.subdocument() }, { { b = text } }, { yjs.binary "", 0 / 0 } } do
      local ok, err = pcall(doc.get_map(doc, "m").set, doc:get_map "m", "k", wrong)
      assert.is_false(ok)
      assert.equal("usage", err.kind)
    end
    assert.same(value, doc:get_map("m"):get "k")
  end)

  it("is not asked for its edits within a transaction, which are known at its end", function()
    local doc = yjs.open()
    for _, name in ipairs { "update", "changed_names" } do
      local ok, err = pcall(doc.transact, doc, function()
        doc:get_text("t"):insert(0, "a")
        doc[name](doc)
      end)
      assert.is_false(ok)
      assert.equal(name .. ": a transaction is open; call it after transact()", err.message:match "^[^,]*")
      assert.equal("usage", err.kind)
    end
    local all
    doc:transact(function() all = doc:update "\0" end)
    assert.equal("aa", yjs.open(all):get_text("t"):to_string())
    assert.equal("aa", yjs.open(doc:update()):get_text("t"):to_string())
  end)

  it("takes new types in new types, and says when there are too many levels", function()
    local function nested(levels, make)
      local new = make()
      for _ = 2, levels do new = make(new) end
      return new
    end
    local makers = {
      function(inner) return yjs.map { a = inner } end, function(inner) return yjs.array { 1, inner } end,
      function(inner) return yjs.text { { insert = inner or "x", attributes = { bold = true } } } end,
      function(inner) return yjs.xml_element("p", {}, { inner }) end,
    }
    for _, make in ipairs(makers) do
      local doc = yjs.open()
      doc:get_array("a"):push { nested(500, make) }
      yjs.check(doc:update "\0")
      assert.is_true(pcall(json.encode, doc:to_json()))
      doc:get_array("a"):push { doc:get_array("a"):get(0):clone() }
      local ok, err = pcall(nested, 501, make)
      assert.is_false(ok)
      assert.matches("^yjs%.[%w_]+: new types are nested in more than 500 levels; insert the outer ones first$", err.message)
    end
  end)

  it("fills a type that has formats before the formats end, as Yjs does", function()
    local doc = yjs.open(nil, { client_id = 1 })
    local text = doc:get_text "t"
    text:insert_embed(0, yjs.map { a = 1 }, { bold = true })
    -- doc.getText("t").insertEmbed(0, new Y.Map([["a", 1]]), { bold: true })
    assert.equal("AQQBAAYBAXQEYm9sZAR0cnVlhwEAASgAAQEBYQF9AYYBAQRib2xkBG51bGwA", crypto.base64_encode(doc:update()))
    text:apply_delta { { retain = 1 }, { insert = yjs.text "inner", attributes = { bold = true } } }
    assert.equal("AQIBBMcBAQEDAgQAAQQFaW5uZXIA", crypto.base64_encode(doc:update()))
  end)

  it("writes halves of surrogate pairs, which JSON may have, as Yjs does", function()
    local doc = yjs.open()
    local text = doc:get_text "t"
    text:insert(0, json.decode [["a\ud83d"]])
    text:apply_delta { { retain = 2 }, { insert = json.decode [["\udc4bb"]] } }
    assert.equal("a\239\191\189\239\191\189b", yjs.open(doc:update()):get_text("t"):to_string())
  end)

  it("refuses lists with holes, counts without end, and what is of another document", function()
    local doc, other = yjs.open(), yjs.open()
    local list, text = doc:get_array "a", doc:get_text "t"
    local function refused(what, ...)
      local ok, problem = pcall(...)
      assert.is_false(ok)
      assert.equal("usage", problem.kind)
      assert.matches(what, problem.message, 1, true)
    end
    refused("a value expected at 2 of the list, got nil", list.push, list, { 1, nil, 3 })
    refused("a value expected at 1 of the list, got nil", list.insert, list, 0, { [3] = 1 })
    refused("got a table with the key 'x'", list.push, list, { x = 1 })
    assert.equal(0, list:length())
    for _, count in ipairs { math.huge, 2 ^ 53, 0 / 0, -1, 0.5 } do
      refused("an integer from 0 on", list.get, list, count)
      refused("an integer from 0 on", text.insert, text, count, "x")
      refused("an integer from 0 on", text.apply_delta, text, { { retain = count } })
      refused("an integer from 0 on", doc.relative_position, doc, text, count)
    end
    refused("of this document", doc.relative_position, doc, other:get_text "t", 0)
    refused("of this document", doc.relative_position, doc, nil, 0)
    refused("a snapshot expected, got nil", doc.at_snapshot, doc, nil)
    refused("a snapshot expected, got a string", text.to_delta, text, "x")
    refused("a snapshot expected, got a table", text.to_delta, text, nil, {})
  end)

  it("holds values that JSON has, bytes, undefined, large integers and other types", function()
    local doc = yjs.open()
    local map = doc:get_map "m"
    map:set("list", json.array { 1, json.null, { a = json.array {} } })
    map:set("large", json.decode "9223372036854775807")
    map:set("bytes", yjs.binary "\0\255")
    map:set("none", yjs.undefined)
    map:set("inner", yjs.map { text = yjs.text "hi", array = yjs.array { 1, "two", yjs.binary "x" } })
    local copy = yjs.open(doc:update()):get_map "m"
    assert.same({ "list", "large", "bytes", "none", "inner" }, copy:keys())
    assert.same(json.array { 1, json.null, { a = json.array {} } }, copy:get "list")
    assert.equal("9223372036854775807", json.encode(copy:get "large"))
    assert.equal("\0\255", copy:get("bytes").bytes)
    assert.equal(yjs.undefined, copy:get "none")
    assert.equal("hi", copy:get("inner"):get("text"):to_string())
    assert.equal("two", copy:get("inner"):get("array"):get(1))
    copy:delete "list"
    assert.is_false(copy:has "list")
  end)

  it("holds elements with attributes, texts and neighbours", function()
    local fragment = yjs.open():get_xml_fragment "x"
    fragment:insert(0, { yjs.xml_element("p", { class = "a" }, { yjs.xml_text "one" }), yjs.xml_text "two" })
    assert.equal('<p class="a">one</p>two', fragment:to_string())
    local first = fragment:first_child()
    assert.equal("p", first:node_name())
    assert.equal("a", first:get_attribute "class")
    assert.equal("two", first:next_sibling():to_string())
    assert.equal(first, first:next_sibling():prev_sibling())
    first:set_attribute("id", "7")
    first:remove_attribute "class"
    fragment:insert_after(first, { yjs.xml_element "br" })
    assert.equal('<p id="7">one</p><br></br>two', fragment:to_string())
    fragment:delete(0)
    assert.is_true(first:is_deleted())
  end)

  it("comes to the same in whatever order updates come, and keeps what waits", function()
    local a, b = yjs.open(nil, { client_id = 1 }), yjs.open(nil, { client_id = 2 })
    local updates = {}
    for i = 1, 4 do
      a:get_array("l"):push { i }
      updates[#updates + 1] = a:update()
    end
    for i = 4, 2, -1 do b:apply(updates[i]) end
    assert.is_true(b:is_pending())
    assert.same({}, b:get_array("l"):to_array())
    b:get_array("l"):insert(0, { "b" })
    b:apply(yjs.convert(updates[1], 1, 2), { version = 2 })
    assert.is_false(b:is_pending())
    a:apply(b:update())
    assert.equal(a:update "\0", b:update "\0")
    assert.equal(5, a:get_array("l"):length())
  end)

  it("says what it has beyond a state vector, in both encodings", function()
    local a, b = yjs.open(), yjs.open()
    a:get_text():insert(0, "abc")
    b:apply(a:update())
    a:get_text():insert(3, "def")
    b:apply(a:update(b:state_vector(), { version = 2 }), { version = 2 })
    assert.equal("abcdef", b:get_text():to_string())
    assert.equal("abcdef", yjs.open(yjs.diff(a:update "\0", "\0")):get_text():to_string())
    assert.equal(a:state_vector(), yjs.state_vector(a:update "\0"))
  end)

  it("finds places again, and shows what it was at a snapshot", function()
    local doc = yjs.open(nil, { gc = false })
    local text = doc:get_text "t"
    text:insert(0, "world")
    local place, before = doc:relative_position(text, 2), doc:snapshot()
    text:insert(0, "hello ")
    text:delete(9, 2)
    local type, index = doc:absolute_position(place)
    assert.equal(text, type)
    assert.equal(8, index)
    assert.equal("world", doc:at_snapshot(before):get_text("t"):to_string())
    assert.same({ { insert = "hello ", attributes = { ychange = { type = "added" } } }, { insert = "wor" },
      { insert = "ld", attributes = { ychange = { type = "removed" } } } }, text:to_delta(doc:snapshot(), before))
    assert.is_true(yjs.decode_snapshot(before:encode { version = 2 }, { version = 2 }):equal(before))
  end)

  it("says what is wrong and stays as it was", function()
    local doc = yjs.open()
    local text = doc:get_text "t"
    text:insert(0, "abc")
    assert.truthy(assert_error("usage", text.insert, text, 4, "x"):find("position 4 is beyond the end, which is 3", 1, true))
    assert_error("usage", text.delete, text, 2, 2)
    assert_error("usage", doc.get_map, doc, "t")
    assert_error("usage", doc.get_array(doc, "l").insert, doc:get_array "l", 0, { text })
    assert_error("yjs", doc.apply, doc, "\1\1")
    assert_error("yjs", doc.absolute_position, doc, "\9")
    assert.has_error(function() doc:transact(function() text:insert(3, "d") error("stop", 0) end) end, "stop")
    assert.equal("abcd", text:to_string())
  end)

  it("takes steps for an edit that grow with the logarithm of its size", function()
    local function steps_of(count)
      local doc = yjs.open()
      local text, at = doc:get_text "t", 0
      for i = 1, count do
        at = (at * 1103515245 + 12345) % (text:length() + 1)
        text:insert(at, i % 3 == 0 and "ab" or "c")
      end
      local _, _, before = doc._core:facts()
      for i = 1, 100 do text:insert((i * 7919) % text:length(), "x") end
      local _, _, after = doc._core:facts()
      return after - before
    end
    local few, many = steps_of(2000), steps_of(8000)
    assert.is_true(many < 2 * few, ("%d steps, %d with four times as many items"):format(few, many))
  end)

  it("holds subdocuments, by their guids and options", function()
    local doc, meta = yjs.open(), { title = "x" }
    doc:get_map("m"):set("a", yjs.subdocument("one", { autoLoad = true, meta = meta }))
    doc:get_array("l"):push { yjs.map { inner = yjs.subdocument "two" }, yjs.subdocument() }
    local copy = yjs.open(doc:update())
    local found = copy:get_map("m"):get "a"
    assert.same({ "one", true, meta }, { found.guid, found.should_load, found.options.meta })
    local guids = copy:subdocument_guids()
    assert.equal(3, #guids)
    assert.truthy(guids[2]:match "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x+$")
    assert.same({ "one", guids[2], "two" }, guids)
    local two = copy:subdocuments()[3]
    assert.is_false(two.should_load)
    assert.is_true(two:load().should_load)
    local content = two:open()
    content:get_text("t"):insert(0, "within")
    assert.equal("within", two:open(content:update()):get_text("t"):to_string())
    assert.truthy(assert_error("usage", yjs.subdocument, "x", { autoload = true }):find("did you mean 'autoLoad'", 1, true))
    assert_error("usage", yjs.subdocument, "x", { gc = 1 })
  end)

  it("copies types, to be inserted again", function()
    local doc = yjs.open()
    local map = doc:get_map "m"
    map:set("a", yjs.array { 1, yjs.text { { insert = "bold", attributes = { bold = true } } }, yjs.binary "x" })
    map:set("p", yjs.xml_element("p", { class = "c" }, { yjs.xml_text "one", yjs.xml_element "br" }))
    map:set("again", map:get("a"):clone())
    map:set("p2", map:get("p"):clone())
    assert.same(map:get("a"):to_json(), map:get("again"):to_json())
    assert.same({ { insert = "bold", attributes = { bold = true } } }, map:get("again"):get(1):to_delta())
    assert.equal('<p class="c">one<br></br></p>', map:get("p2"):to_string())
    map:get("again"):delete(0)
    assert.equal(3, map:get("a"):length())
    assert.same({ "a", "p", "again", "p2" }, map:keys())
    assert.equal(4, #map:values())
    local seen = {}
    map:for_each(function(_, key) seen[#seen + 1] = key end)
    assert.same(map:keys(), seen)
  end)

  it("finds elements by their names, and goes through all of them in order", function()
    local fragment = yjs.open():get_xml_fragment "x"
    fragment:push { yjs.xml_element("ul", nil, { yjs.xml_element("li", nil, { yjs.xml_text "a" }), yjs.xml_element "LI" }),
      yjs.xml_element "p" }
    fragment:unshift { yjs.xml_element "h1" }
    local names = {}
    for node in fragment:create_tree_walker() do names[#names + 1] = node.node_name and node:node_name() or "#" .. node:to_string() end
    assert.same({ "h1", "ul", "li", "#a", "LI", "p" }, names)
    assert.equal("li", fragment:query_selector("Li"):node_name())
    assert.equal(2, #fragment:query_selector_all "li")
    assert.is_nil(fragment:query_selector "table")
    local kinds = fragment:map(function(node, i) return i .. node:node_name() end)
    assert.same({ "0h1", "1ul", "2p" }, kinds)
    local count = 0
    fragment:for_each(function(_, i) count = count + i end)
    assert.equal(3, count)
    assert.equal("ul", fragment:slice(1, 2)[1]:node_name())
  end)

  it("gives a root type as what its content shows it to be", function()
    local doc = yjs.open()
    doc:get_text("t"):insert(0, "x")
    doc:get_map("m"):set("k", 1)
    doc:get_array("a"):push { 1 }
    doc:get_xml_fragment("x"):push { yjs.xml_element "p" }
    local copy = yjs.open(doc:update())
    for name, kind in pairs { t = "text", m = "map", a = "array", x = "xml fragment", none = "unknown" } do
      assert.equal(kind, copy:get(name):kind())
    end
    assert.equal("xml text", copy:get("other", "xml text"):kind())
    assert.truthy(assert_error("usage", copy.get, copy, "t", "txt"):find("did you mean 'text'", 1, true))
  end)

  it("says in which root types edits were made", function()
    local doc, other = yjs.open(), yjs.open()
    doc:get_map("m"):set("inner", yjs.text "a")
    doc:get_array("a"):push { 1 }
    assert.same({ "m", "a" }, doc:changed_names())
    other:apply(doc:update())
    assert.same({}, doc:changed_names())
    assert.same({}, other:changed_names())
    other:get_map("m"):get("inner"):insert(1, "b")
    assert.same({ "m" }, other:changed_names())
  end)

  it("takes an update for an edit when it is applied within a transaction", function()
    local saved, doc = yjs.open(), yjs.open()
    saved:get_text("t"):insert(0, "saved")
    local update = saved:update()
    doc:apply(update)
    assert.is_nil(doc:update())
    doc = yjs.open()
    doc:transact(function()
      doc:apply(update)
      doc:get_text("t"):insert(5, "!")
    end)
    assert.same({ "t" }, doc:changed_names())
    assert.same({ t = "saved!" }, yjs.to_json(doc:update()))
  end)

  it("shows formats and embedded values of a text whose kind no update says", function()
    local document = yjs.open()
    local text = document:get_text "t"
    text:insert(0, "Hel", { bold = true })
    text:insert_embed(3, { img = "x" })
    local shown = yjs.to_json(document:update(), { key = "t", formatting = true })
    assert.same({ t = { { key = "bold", value = true }, "Hel", { key = "bold", value = json.null }, { img = "x" } } }, shown)
  end)
end)
