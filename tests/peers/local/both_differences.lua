-- Where the responses of the official dev server and of the local Liveblocks differ, and what decides it. The texts are
-- those that both.lua prints.
--
-- OAS: the vendor's OpenAPI description, https://liveblocks.io/docs/api-reference/rest-api-endpoints
local ROOM <const> = '{"createdAt": "<date>","defaultAccesses": ["room:write"],"groupsAccesses": %s,"id": "%s",' ..
  '"metadata": %s,"organizationId": "default","type": "room","usersAccesses": %s}'

local blue = ROOM:format("{}", "both/a b", '{"color": "blue","shape": "round"}', "{}")
local shared = ROOM:format('{"team": ["room:read"]}', "both/c", '{"tags": ["a","b"]}', '{"ann": ["room:write"]}')

-- The dev server gives the bare value of a key whose type is named.
local function in_an_object(key, value)
  return { why = "OAS: the response is an object", official = "200 " .. value, ours = ('200 {"%s": %s}'):format(key, value) }
end

return {
  ["get_room with another key"] = {
    why = "OAS: 403 with the code INVALID_SECRET_KEY",
    official = '403 {"error": "FORBIDDEN"}', ours = '403 {"error": "INVALID_SECRET_KEY"}',
  },
  ["create_room private"] = {
    why = "OAS: defaultAccesses may be [], which makes a private room",
    official = '422 {"error": "UNPROCESSABLE_ENTITY"}',
    ours = '200 {"createdAt": "<date>","defaultAccesses": [],"groupsAccesses": {},"id": "both/p","metadata": {},' ..
      '"organizationId": "default","type": "room","usersAccesses": {}}',
  },
  ["update_room null metadata"] = {
    why = "OAS: null deletes an entry of metadata",
    official = '422 {"error": "UNPROCESSABLE_ENTITY"}',
    ours = "200 " .. ROOM:format("{}", "both/a b", '{"color": "blue"}', "{}"),
  },
  ["get_rooms by metadata"] = {
    why = "OAS: a page has nextCursor and data; nextPage is gone",
    official = ('200 {"data": [%s],"nextCursor": null,"nextPage": null}'):format(blue),
    ours = ('200 {"data": [%s],"nextCursor": null}'):format(blue),
  },
  ["get_rooms all"] = {
    why = "OAS: rooms are listed newest first",
    official = ('200 {"data": [%s,%s],"nextCursor": null,"nextPage": null}'):format(blue, shared),
    ours = ('200 {"data": [%s,%s],"nextCursor": null}'):format(shared, blue),
  },
  ["get_storage_document other format"] = {
    why = "OAS: format is plain-lson or json",
    official = '200 {"data": {"list": {"data": [1,"two",{"plain": true},{"data": {"x": 1},"liveblocksType": "LiveObject"}],' ..
      '"liveblocksType": "LiveList"},"map": {"data": {"a": "b"},"liveblocksType": "LiveMap"},"n": 1.5,"none": null,' ..
      '"title": "Plan"},"liveblocksType": "LiveObject"}',
    ours = '422 {"error": "UNPROCESSABLE_ENTITY"}',
  },
  ["delete_storage_document"] = {
    why = "OAS: 200, and the Python SDK takes nothing else",
    official = "204 true", ours = "200 true",
  },
  ["upload_storage_file other name"] = {
    why = "OAS: the code of such a conflict is RESOURCE_ALREADY_EXISTS",
    official = '409 {"error": "CONFLICT"}', ours = '409 {"error": "RESOURCE_ALREADY_EXISTS"}',
  },
  ["get_yjs_document of maps"] = {
    why = "OAS: the response is the document as JSON, and [object Object] is not",
    official = '200 {"maps": "[object Object][object Object]"}',
    ours = '200 {"maps": [{"done": true},{}]}',
  },
  ["get_yjs_document as array of maps"] = {
    why = "OAS: type says as what the shared type is read",
    official = '500 {"error": "INTERNAL_SERVER_ERROR"}',
    ours = '200 {"maps": [{"done": true},{}]}',
  },
  ["get_yjs_document as text"] = in_an_object("t", '"hi"'),
  ["get_yjs_document as map"] = in_an_object("map",
    '{"a": 1,"arr": [1,"a",{}],"n": null,"o": {"x": [1,2.5,true]},"t": "inner"}'),
  ["get_yjs_document as array"] = in_an_object("array", '["x",null,{"q": 1},[1]]'),
  ["get_yjs_document as XML"] = in_an_object("xml",
    [["<paragraph level=\"2\"><bold><italic x=\"1\">hi</italic></bold> there<br></br></paragraph>"]]),
}
