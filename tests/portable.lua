-- The sources of the module run in LuaJIT and in Lua 5.2 to 5.5: what not all of these can read is refused.
local failed = 0

local function complain(path, number, what)
  failed = failed + 1
  io.stderr:write(("%s:%d: %s\n"):format(path, number, what))
end

-- Calls seen(kind, text, line) for each token but comments; a token is a string, a name, a number or an operator.
local function scan(text, seen)
  local at, line = 1, 1
  local function take(kind, stop)
    local token = text:sub(at, stop)
    if kind then seen(kind, token, line) end
    line = line + select(2, token:gsub("\n", ""))
    at = stop + 1
  end
  while at <= #text do
    local level = text:match("^%[(=*)%[", at) or text:match("^%-%-%[(=*)%[", at)
    local is_comment = text:find("^%-%-", at)
    local quote = text:match("^[\"']", at)
    if level then
      take(not is_comment and "long string" or nil, select(2, assert(text:find("]" .. level .. "]", at, true))))
    elseif is_comment then
      take(nil, (text:find("\n", at, true) or #text + 1) - 1)
    elseif quote then
      local stop = at + 1
      while text:sub(stop, stop) ~= quote do stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1) end
      take("string", stop)
    elseif text:find("^[%a_]", at) then
      take("name", select(2, text:find("^[%w_]+", at)))
    elseif text:find("^%d", at) then
      take("number", select(2, text:find("^0[xX]%x+", at)) or select(2, text:find("^[%d.]+[eE]?[+-]?%d*", at)))
    elseif text:find("^%s", at) then
      take(nil, select(2, text:find("^%s+", at)))
    else
      local operator = text:match("^[/<>=~]=", at) or text:match("^//", at) or text:match("^<<", at) or
        text:match("^>>", at) or text:match("^::", at) or text:match("^%.+", at) or text:sub(at, at)
      take("operator", at + #operator - 1)
    end
  end
end

local operators = { ["//"] = "math.floor(a / b)", ["<<"] = "multiply", [">>"] = "divide and math.floor", ["&"] = "%",
  ["|"] = "+", ["~"] = "arithmetic" }


local function check(path)
  local file = assert(io.open(path, "rb"))
  local tokens = {}
  scan(file:read("a"), function(kind, text, line) tokens[#tokens + 1] = { kind = kind, text = text, line = line } end)
  file:close()
  for i, token in ipairs(tokens) do
    local before, after = tokens[i - 1] or {}, tokens[i + 1] or {}
    if token.kind == "operator" and operators[token.text] then
      complain(path, token.line, ("`%s` is not in every Lua; %s instead"):format(token.text, operators[token.text]))
    elseif token.text == "<" and (after.text == "const" or after.text == "close") and (tokens[i + 2] or {}).text == ">" then
      complain(path, token.line, ("<%s> is not in every Lua"):format(after.text))
    elseif token.kind == "string" and token.text:find("\\u{", 1, true) then
      complain(path, token.line, "\\u{} is not in every Lua; utf8.char() or \\x instead")
    elseif token.kind == "string" and token.text:gsub("\\\\", ""):find("\\0") and token.text:find("[[%]%%]") then
      complain(path, token.line, "\\0 ends a pattern in some Luas; %z instead")
    elseif token.kind == "name" and token.text == "goto" then
      complain(path, token.line, "goto differs between Luas; a loop or a function instead")
    elseif before.text == "." and tokens[i - 2].text == "string" and (token.text == "pack" or token.text == "unpack") then
      complain(path, token.line, "string." .. token.text .. " is not in every Lua; C instead")
    elseif token.kind == "name" and (token.text == "gmatch" or token.text == "rep") and after.text == "(" then
      -- Commas at the level of the call: s:gmatch(pattern), string.gmatch(s, pattern).
      local depth, commas, j = 1, 0, i + 2
      while depth > 0 do
        local text = tokens[j].text
        if tokens[j].kind == "operator" then
          if text == "(" or text == "{" or text == "[" then depth = depth + 1 end
          if text == ")" or text == "}" or text == "]" then depth = depth - 1 end
          if text == "," and depth == 1 then commas = commas + 1 end
        end
        j = j + 1
      end
      if commas > (before.text == ":" and 0 or 1) then
        complain(path, token.line, token.text .. "() has one argument less in some Luas")
      end
    end
  end
end

local pipe = assert(io.popen("find lua/liveblocks -name '*.lua' | sort"))
for path in pipe:lines() do check(path) end
pipe:close()
if failed > 0 then os.exit(1) end
