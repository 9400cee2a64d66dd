-- Documents of values that are easily damaged on their way, as the fields of a Storage document (plain LSON). Each is
-- the text that our codec writes, so that decode and encode must give back every byte; its names are in order.

local DEEPEST = 998 -- lists inside data inside the document: 1,000 levels

local function live(kind, data)
  return ('{"data":%s,"liveblocksType":"%s"}'):format(data, kind)
end

return {
  { "empty arrays and objects side by side",
    '{"a":[],"b":{},"c":[[],{},{"x":[],"y":{}}],"d":{"list":[],"map":{}},'
    .. '"e":' .. live("LiveList", "[]") .. ',"f":' .. live("LiveObject", "{}") .. ',"g":' .. live("LiveMap", "{}")
    .. ',"h":' .. live("LiveList", "[[],{}," .. live("LiveList", "[]") .. "]") .. "}" },
  { "64-bit integers",
    '{"above":9007199254740993,"greatest":9223372036854775807,"least":-9223372036854775808,"negative":-9007199254740993,'
    .. '"safe":9007199254740991,"zero":0}' },
  { "numbers of 17 digits",
    '{"a":0.10000000000000002,"b":0.30000000000000004,"c":1.2345678901234567,"d":12345678901234567,'
    .. '"e":2.2250738585072014e-308,"f":0.1,"g":100.00000000000001}' },
  { "1.0, -0.0 and the ends of what a number can be",
    '{"greatest":1.7976931348623157e+308,"least":5e-324,"minus":-1.0,"negative_zero":-0.0,"one":1.0,"tiny":1e-308,'
    .. '"whole":1e+22}' },
  { "NUL, control and astral characters",
    '{"":"empty name","astral":"\xf0\x9f\x98\x80\xf0\x9d\x84\x9e\xf4\x8f\xbf\xbf","control":"\\u0001\\b\\t\\n\\f\\r\\u001f\127",'
    .. '"k\\u0000y":"a\\u0000b","lines":"\xe2\x80\xa8\xe2\x80\xa9",'
    .. '"marks":"\\"\\\\/\'<>&","\xf0\x9f\x98\x80":"\xef\xbf\xbd\xef\xbb\xbf"}' },
  { "nulls",
    '{"a":null,"b":[null,1,null],"c":{"d":null},"e":' .. live("LiveList", "[null,[null]]")
    .. ',"f":' .. live("LiveMap", '{"g":null}') .. ',"h":[],"i":{}}' },
  { "true, false and texts that look like them", '{"a":true,"b":false,"c":"true","d":"null","e":"0","f":""}' },
  { "1,000 levels", '{"deep":' .. ("["):rep(DEEPEST) .. ("]"):rep(DEEPEST) .. "}" },
}
