---@meta
-- The parts of the module. For editors (LuaCATS); compared with the module by tests/spec/meta_spec.lua.
error("this file is for editors; require 'liveblocks' instead")

---@class liveblocks.Session
local Session = {}

--- Grants permissions in the rooms that the pattern names: an id, a prefix with * behind it, or *.
---@param pattern string
---@param permissions liveblocks.Permission[]|liveblocks.Permission
---@return liveblocks.Session
function Session:allow(pattern, permissions) end

--- Asks for the token; once.
---@return { token: string }
---@return liveblocks.Meta meta
function Session:authorize() end

---@class liveblocks.Task
---@field done boolean
---@field traceback? string where it failed
local Task = {}

--- Waits for its end: returns what its function returned, or raises its error.
---@return any ...
function Task:wait() end

--- What it waits for, or its next wait, raises an error of kind "cancelled".
function Task:cancel() end

---@class liveblocks.task
local task = {}

--- Starts fn(...) as a task.
---@param fn function
---@param ... any
---@return liveblocks.Task
function task.spawn(fn, ...) end

--- Runs fn(...) as a task and waits for it.
---@param fn function
---@param ... any
---@return any ...
function task.run(fn, ...) end

--- Runs functions, or waits for tasks, side by side; the first error ends the others.
---@param list (function|liveblocks.Task)[]
---@return any[] results
function task.all(list) end

--- Calls fn(item, index) for every item, some at a time; the first error ends the others.
---@generic T
---@param items T[]|integer|fun(): T?
---@param fn fun(item: T, index: integer): any
---@param options? { concurrency?: integer }
---@return any[] results in the order of the items
function task.map(items, fn, options) end

--- Waits without holding others up.
---@param seconds number
function task.sleep(seconds) end

--- Runs fn(...) for at most so many seconds; then it is cancelled and an error of kind "timeout" raised.
---@param seconds number
---@param fn function
---@param ... any
---@return any ...
function task.timeout(seconds, fn, ...) end

--- Tasks that failed without anybody waiting for them; each is named once.
---@return liveblocks.Task[]
function task.unseen_failures() end

--- From now on the program does not wait for the tasks that the running coroutine starts.
function task.background() end

--- Is there something left that the program has to wait for?
---@return boolean
function task.any_left() end

--- Is this code running in a task?
---@return boolean
function task.in_task() end

---@class liveblocks.json
---@field null lightuserdata
local json = {}

--- Raises where the text is no JSON.
---@param text string
---@return any value
function json.decode(text) end

---@param text string
---@return any value nil when the text is no JSON
---@return string? problem what is wrong, and where
function json.try_decode(text) end

--- Raises where the value has no JSON form.
---@param value any
---@param options? { pretty?: boolean }
---@return string
function json.encode(value, options) end

--- Marks a table as an array, so that an empty one stays [].
---@generic T: table
---@param list T
---@return T
function json.array(list) end

--- Marks a table as an object, so that an empty one stays {}.
---@generic T: table
---@param map T
---@return T
function json.object(map) end

---@param value any
---@return boolean
function json.is_array(value) end

---@class liveblocks.query
local query = {}

--- The text of a filter.
---@param fields liveblocks.Query|string
---@return string
function query.format(fields) end

---@class liveblocks.webhook
local webhook = {}

--- Verifies a webhook: the event, or nil and an error of kind "webhook".
---@param request { secret?: string, secrets?: string[], headers: table, body: string, now?: number, tolerance?: number }
---@return { type: liveblocks.EventType, data: table }? event
---@return liveblocks.Error? err
function webhook.verify(request) end

--- The signature of a webhook, "v1,...".
---@param secret string
---@param id string
---@param timestamp integer|string
---@param body string
---@return string
function webhook.sign(secret, id, timestamp, body) end

---@class liveblocks.http
local http = {}

--- A request to another service. Raises for a status other than 2xx.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse
function http.request(options) end

--- The same, but it returns nil and the error.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse?
---@return liveblocks.Error? err
function http.try_request(options) end

---@class liveblocks.storage
local storage = {}

--- A new LiveObject with these fields.
---@param fields table<string, any>
---@return table view
function storage.object(fields) end

--- A new LiveMap with these entries.
---@param entries table<string, any>
---@return table view
function storage.map(entries) end

--- A new LiveList with these items.
---@param items any[]
---@return table view
function storage.list(items) end

--- A new LiveText: a text, or segments { text } or { text, attributes }.
---@param segments string|table[]
---@return table view
function storage.text(segments) end

--- A new LiveFile for a file that client:upload_file has uploaded.
---@param file { id: string, name: string, size: integer, mimeType: string }
---@return table view
function storage.file(file) end

--- What a view is; nil for other values.
---@param v any
---@return "LiveObject"|"LiveMap"|"LiveList"|"LiveText"|"LiveFile"|"plain"|nil
function storage.kind(v) end

--- A view or plain LSON as simple JSON: a copy, of plain tables.
---@param v any
---@return any
function storage.to_json(v) end

--- A view as plain LSON: a copy, of plain tables.
---@param v any
---@return any
function storage.to_lson(v) end

--- Opens a document in plain LSON for editing; nothing is sent.
---@param lson table<string, any>
---@return { root: table } document
function storage.open(lson) end

--- The JSON Patch for what was changed in an opened document.
---@param document { root: table }
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.patch(document, options) end

--- The JSON Patch that turns one document into another, both in plain LSON.
---@param before table<string, any>
---@param after table<string, any>
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.diff(before, after, options) end
