---@meta _
-- What the values of the module look like. For editors (LuaCATS); compared with the module by tests/spec/module/meta_spec.lua.

---@alias liveblocks.Kind "http"|"network"|"timeout"|"tls"|"json"|"usage"|"cancelled"|"memory"|"webhook"|"conflict"|"store"|"yjs"

--- What is known about an answer.
---@class liveblocks.Meta
---@field status integer of HTTP
---@field attempts integer how often the request was sent
---@field seconds number from the call to the end of its answer
---@field headers table<string, string> by name, in any case
---@field warning? string the server's X-LB-Warn
---@field error? liveblocks.Error of a call that failed, for `log`

--- What a call raises, and what client.try returns after nil. tostring() is one line.
---@class liveblocks.Error
---@field kind liveblocks.Kind
---@field message string
---@field status? integer of HTTP
---@field code? string the vendor's `error`, for example "ROOM_NOT_FOUND"
---@field reason? string
---@field suggestion? string
---@field docs? string
---@field warning? string
---@field retry_after? number seconds
---@field method? string
---@field path? string
---@field attempts? integer
---@field body? string of the answer
---@field traceback? string where in its task it was raised

--- What client.try returns second: of a call that went well what is known of its answer, of one that failed the error.
---@class liveblocks.Outcome: liveblocks.Meta, liveblocks.Error
---@field status? integer of HTTP

--- What became of an edit of Storage.
---@class liveblocks.EditInfo
---@field attempts integer
---@field sent boolean
---@field result any what the function returned

--- The same as the second value of client.try:mutate_storage, or the error.
---@class liveblocks.EditOutcome: liveblocks.EditInfo, liveblocks.Error

--- The body of a comment.
---@class liveblocks.CommentBody
---@field version integer
---@field content table<string, any>[]

--- Bytes of a file, or a stretch of them.
---@class liveblocks.File
---@field file string path
---@field offset? integer bytes
---@field length? integer bytes; to the end when it is left out

--- A filter: plain values, comparisons, and tables of these by name.
---@alias liveblocks.Query table<string, liveblocks.QueryValue|liveblocks.Comparison|table<string, any>>
---@alias liveblocks.QueryValue string|number|boolean|lightuserdata

---@class liveblocks.Comparison
---@field startsWith? string
---@field lt? number
---@field lte? number
---@field gt? number
---@field gte? number

---@class liveblocks.Options
---@field secret? string the secret key; else LIVEBLOCKS_SECRET_KEY
---@field base_url? string else LIVEBLOCKS_BASE_URL, else https://api.liveblocks.io; may have a path
---@field timeout? number seconds for a call with its retries (30)
---@field connect_timeout? number seconds (10)
---@field retries? integer (3)
---@field rate? number requests a second
---@field max_in_flight? integer (100)
---@field max_reply? integer bytes of an answer (64 MiB)
---@field backoff? number seconds before the first repeat (0.25)
---@field max_backoff? number seconds, also for Retry-After (60)
---@field ca_file? string PEM file of root certificates
---@field user_agent? string
---@field warn? fun(text: string, meta?: liveblocks.Meta)
---@field log? fun(row: { method: string, path: string, name?: string }, meta: liveblocks.Meta) of each call; `meta.error` of one that failed

---@class liveblocks.RequestOptions
---@field query? table<string, string|number|boolean>
---@field headers? table<string, string|number|boolean>
---@field json? any a value to send as JSON
---@field body? string bytes
---@field file? string path
---@field content_type? string
---@field timeout? number seconds
---@field retries? integer
---@field idempotent? boolean may it be sent again when it is unknown whether it arrived?

---@class liveblocks.RawOptions: liveblocks.RequestOptions
---@field reply? "json"|"text"|"binary"|"none"

---@class liveblocks.HttpOptions: liveblocks.RequestOptions
---@field url string
---@field method? string GET, or POST with a body
---@field ca_file? string

---@class liveblocks.Upload
---@field kind "attachment"|"storage"
---@field file? string path
---@field data? string bytes, instead of file
---@field name? string that of the file when it is left out
---@field id? string
---@field userId? string for an attachment
---@field contentType? string
---@field partSize? integer bytes (5 MiB)
---@field concurrency? integer parts at once (5)

--- A call that has been started.
---@class liveblocks.Call
local Call = {}

--- Waits for the answer.
---@return any value
---@return liveblocks.Meta meta
---@return string? warning the server's X-LB-Warn
function Call:wait() end

--- Ends the call: it raises an error of kind "cancelled".
function Call:cancel() end

---@return boolean
function Call:done() end

---@class liveblocks.MutateOptions
---@field dry_run? boolean
---@field attempts? integer
---@field guard? "values"|"structure"|"none"
---@field allow_conversion? boolean
---@field allow_map? boolean
---@field idempotent? boolean
---@field before_send? function
