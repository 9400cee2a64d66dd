-- Every public function with whatever a script may pass by mistake: it works, or raises an error that names it, and then the
-- document is as it was.
local liveblocks = require "liveblocks"
local document = require "liveblocks.yjs.document"
local errors = require "liveblocks.errors"
local seed = require "tests.support.seed"
local yjs = liveblocks.yjs

local update = "\1\1\1\0\4\1\1t\5hello\0" -- client 1: the text "hello" in the shared type "t"

-- A document with a type of each kind.
local function build()
  local doc = yjs.open(nil, { client_id = 1 })
  local fragment = doc:get_xml_fragment "xml"
  fragment:push { yjs.xml_element("p", { id = "1" }, { yjs.xml_text "some text" }), yjs.xml_element "hr" }
  doc:get_text("text"):insert(0, "some text", { bold = true })
  doc:get_array("array"):push { 1, "two", yjs.map { a = 1 }, yjs.text "t" }
  doc:get_map("map"):set("a", yjs.array { 1 })
  doc:get_map("map"):set("k", "value")
  local types = { array = doc:get_array "array", map = doc:get_map "map", text = doc:get_text "text", fragment = fragment,
    element = fragment:get(0), xml_text = fragment:get(0):get(0), unknown = doc:get "nothing" }
  return doc, types
end

-- ---- Values --------------------------------------------------------------------------------------

local NIL = {}

local function hostile_values()
  local other, types = build()
  local deleted = types.map:get "a"
  types.map:delete "a"
  local cyclic, holes, mixed = {}, { 1, nil, 3, nil, 5 }, { 1, a = 2 }
  cyclic.a = { cyclic }
  local deep = {}
  for _ = 1, 1100 do deep = { deep } end
  local list = { NIL, true, false, 0 / 0, math.huge, -math.huge, -1, 1.5, 0, 3, 2 ^ 53, 2 ^ 63, 1e300, "", "k", "\255", "a\237\160\128",
    ("x"):rep(3000), {}, cyclic, holes, mixed, deep, { [1.5] = 1 }, { [true] = 1 }, function() end,
    coroutine.create(function() end), io.stdout,
    types.text, types.element, deleted, other, other:snapshot(), yjs.map { a = 1 }, yjs.text { { insert = "a" } }, yjs.binary "\0\255",
    yjs.undefined, yjs.subdocument "guid", liveblocks.null, liveblocks.array {}, { version = 3 }, { version = "2" }, { gc = 1 },
    { client_id = -1 }, { key = {} }, { type = "text" }, { retain = 0 / 0 }, { insert = math.floor } }
  local within = { function(value) return { value } end, function(value) return { a = value } end,
    function(value) return { { insert = value } } end, function(value) return { { insert = "x", attributes = value } } end,
    function(value) return { { insert = "x", attributes = { a = value } } } end }
  for i = 1, #list do
    if list[i] ~= NIL then list[#list + 1] = within[i % #within + 1](list[i]) end
  end
  return list, #list
end

-- ---- Functions -----------------------------------------------------------------------------------

local functions = {
  open = { update, { version = 1 } }, merge = { { update }, { version = 1 } }, diff = { update, "\0", { version = 1 } },
  state_vector = { update, { version = 1 } }, convert = { update, 1, 2 }, check = { update, { version = 1 } }, units = { "text" },
  to_json = { update, { key = "t" } }, decode_snapshot = { yjs.open():snapshot():encode(), { version = 1 } }, binary = { "bytes" },
  subdocument = { "guid", { meta = 1 } }, array = { { 1 } }, map = { { a = 1 } }, text = { "text" }, xml_text = { "text" },
  xml_element = { "p", { a = 1 }, { yjs.xml_text() } }, xml_fragment = { { yjs.xml_text() } },
}

local name = { "name" }

local of_documents = {
  get_text = name, get_map = name, get_array = name, get_xml_fragment = name, get_xml_element = name, get_xml_text = name,
  get = { "name", "text" }, names = {}, changed_names = {}, to_json = { { key = "t" } }, subdocuments = {}, subdocument_guids = {},
  transact = { function() end }, client_id = {}, set_client_id = { 5 }, apply = { update, { version = 1 } },
  update = { "\0", { version = 1 } }, state_vector = {}, is_pending = {}, snapshot = {},
  at_snapshot = { yjs.open(nil, { gc = false }):snapshot() },
  relative_position = function(doc) return { doc:get_text "text", 2, 0 } end,
  absolute_position = function(doc) return { doc:relative_position(doc:get_text "text", 2) } end,
}

local common = { kind = {}, name = {}, is_deleted = {}, parent = {}, key = {}, to_json = {}, clone = {}, length = {}, to_string = {} }
local lists = { insert = { 0, { 1 } }, unshift = { { 1 } }, delete = { 0, 1 }, get = { 0 }, slice = { 0, 1 }, to_array = {},
  for_each = { function() end }, map = { function() end }, push = { { 1 } } }
local maps = { set = { "k", 1 }, get = { "k" }, has = { "k" }, delete = { "k" }, entries = {}, keys = {}, values = {},
  for_each = { function() end }, size = {}, clear = {} }
local attributes = { set_attribute = { "k", 1 }, get_attribute = { "k" }, has_attribute = { "k" }, remove_attribute = { "k" },
  get_attributes = {} }
local texts = { insert = { 0, "text", { bold = true } }, insert_embed = { 0, { a = 1 }, { bold = true } }, delete = { 0, 1 },
  format = { 0, 1, { bold = true } }, apply_delta = { { { insert = "x", attributes = { bold = true } } } }, to_delta = {} }
local nodes = { next_sibling = {}, prev_sibling = {} }
local fragments = { first_child = {}, insert_after = function(_, type) return { type:get(0), { yjs.xml_text() } } end,
  create_tree_walker = { function() return true end }, query_selector = { "p" }, query_selector_all = { "p" } }
local elements = { node_name = {} }

local of_types = {
  array = { lists }, map = { maps }, text = { texts, attributes }, fragment = { lists, fragments, nodes },
  element = { lists, fragments, attributes, nodes, elements }, xml_text = { texts, attributes, nodes }, unknown = { maps, lists },
}

-- ---- Calls ---------------------------------------------------------------------------------------

-- Only these read bytes that may be no update.
local reads_bytes = { ["yjs.open"] = true, ["yjs.merge"] = true, ["yjs.diff"] = true, ["yjs.state_vector"] = true,
  ["yjs.convert"] = true, ["yjs.check"] = true, ["yjs.to_json"] = true, ["yjs.decode_snapshot"] = true, apply = true, update = true,
  absolute_position = true, open = true }

local function shown(arguments, count)
  local texts_of = {}
  for i = 1, count do texts_of[i] = tostring(arguments[i]):sub(1, 40) end
  return table.concat(texts_of, ", ")
end

local function call(what, fn, arguments, count, doc)
  local before = doc and doc:update "\0"
  local ok, err = pcall(fn, table.unpack(arguments, 1, count))
  local function check(good, problem)
    if not good then error(("%s(%s): %s%s"):format(what, shown(arguments, count), problem or "", tostring(err)), 0) end
  end
  if not ok then
    check(errors.is(err))
    check(err.kind == "usage" or err.kind == "yjs" and reads_bytes[what])
    check(err.kind ~= "usage" or err.message:find(what, 1, true))
    check(not doc or before == doc:update "\0", "edited, although it failed: ")
  elseif doc and doc:update "\0" ~= before then
    ok, err = pcall(yjs.to_json, doc:update "\0")
    check(ok, "written as what cannot be read: ")
  end
end

-- Calls with one argument after the other replaced, and with some at random. make() gives the function, good arguments, the
-- index of the first that may be replaced, and the document.
local function try(what, make, values, count)
  local _, good, from = make()
  local last = math.max(#good, from) + 1
  for at = from, last do
    for i = 1, count do
      local fn, arguments, _, doc = make()
      local value = values[i]
      if value == NIL then value = nil end
      arguments[at] = value
      call(what, fn, arguments, math.max(#good, at), doc)
    end
  end
  for _ = 1, 20 do
    local fn, arguments, _, doc = make()
    for at = from, last do
      local value = values[math.random(count)]
      arguments[at] = value ~= NIL and value or nil
    end
    call(what, fn, arguments, last, doc)
  end
end

local function copy(list)
  local made = {}
  for i, value in ipairs(list) do made[i] = value end
  return made
end

local function method_maker(class, method, good)
  return function()
    local doc, types = build()
    local object = class and types[class] or doc
    local arguments = copy(type(good) == "function" and good(doc, object) or good)
    table.insert(arguments, 1, object)
    return object[method], arguments, 2, doc
  end
end

describe("a wrong argument", function()
  local values, count = hostile_values()
  before_each(function() seed.start() end)

  it("of a function of the module is named", function()
    for key, fn in pairs(yjs) do
      if type(fn) == "function" then
        assert.is_table(functions[key], key)
        try("yjs." .. key, function() return fn, copy(functions[key]), 1 end, values, count)
      end
    end
  end)

  it("of a method of a document is named", function()
    for key in pairs(document.methods()) do
      assert.is_truthy(of_documents[key], key)
      try(key, method_maker(nil, key, of_documents[key]), values, count)
    end
  end)

  for class, groups in pairs(of_types) do
    it(("of a method of a type (%s) is named"):format(class), function()
      local _, types = build()
      local methods = getmetatable(types[class]).__index
      for key in pairs(methods) do
        local good = common[key]
        for _, group in ipairs(groups) do good = group[key] or good end
        assert.is_truthy(good, key)
        try(key, method_maker(class, key, good), values, count)
      end
    end)
  end

  it("of a snapshot or a subdocument is named", function()
    local snapshot, sub = yjs.open():snapshot(), yjs.subdocument "guid"
    try("encode", function() return snapshot.encode, { snapshot, { version = 1 } }, 2 end, values, count)
    try("equal", function() return snapshot.equal, { snapshot, snapshot }, 2 end, values, count)
    try("open", function() return sub.open, { sub, update, { version = 1 } }, 2 end, values, count)
    try("load", function() return sub.load, { sub }, 2 end, values, count)
    for _, value in ipairs { {}, yjs.undefined, yjs.binary "" } do assert.is_false(snapshot == value) end
  end)
end)
