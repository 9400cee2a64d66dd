---@meta _
-- What the values of the module look like. For editors (LuaCATS); compared with the module by tests/spec/module/meta_spec.lua.

---@alias liveblocks.Kind "http"|"network"|"timeout"|"tls"|"json"|"usage"|"cancelled"|"memory"|"webhook"|"conflict"|"store"|"yjs"

--- What is known about a response.
---@class liveblocks.Meta
---@field status integer of HTTP
---@field attempts integer how often the request was sent
---@field seconds number from the call to the end of its response
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
---@field body? string of the response
---@field traceback? string where in its task it was raised

--- What client.try returns second: of a call that went well what is known of its response, of one that failed the error.
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
---@field max_response? integer bytes of a response (64 MiB)
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
---@field response? "json"|"text"|"binary"|"none"

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

--- Waits for the response.
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

--- The encoding of an update: 1 (default) or 2.
---@class liveblocks.yjs.EncodingOptions
---@field version? 1|2

--- What client:mutate_yjs takes besides the function.
---@class liveblocks.MutateYjsOptions
---@field guid? string of a subdocument
---@field key? string the name of a root type, which the function gets as its second argument
---@field dry_run? boolean sends nothing, and returns the change as text
---@field before_send? fun(update: string) called ahead of the request

--- What client:mutate_yjs says of an edit.
---@class liveblocks.YjsEditInfo
---@field sent boolean
---@field changed string[] the names of the root types that were edited
---@field result any what the function returned
---@field update? string what is, or in a dry run would be, sent

--- The same as the second value of client.try:mutate_yjs, or the error.
---@class liveblocks.YjsEditOutcome: liveblocks.YjsEditInfo, liveblocks.Error

--- A Yjs document, as liveblocks.yjs.open gives it.
---@class liveblocks.yjs.Document
---@field get_text fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get_map fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get_array fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get_xml_fragment fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get_xml_element fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get_xml_text fun(self: liveblocks.yjs.Document, name?: string): liveblocks.yjs.Type
---@field get fun(self: liveblocks.yjs.Document, name: string, kind?: "text"|"map"|"array"|"xml fragment"|"xml element"|"xml text"): liveblocks.yjs.Type
---@field names fun(self: liveblocks.yjs.Document): string[]
---@field changed_names fun(self: liveblocks.yjs.Document): string[]
---@field subdocuments fun(self: liveblocks.yjs.Document): liveblocks.yjs.Subdocument[]
---@field subdocument_guids fun(self: liveblocks.yjs.Document): string[]
---@field to_json fun(self: liveblocks.yjs.Document, options?: table): any
---@field transact fun(self: liveblocks.yjs.Document, fn: fun(document: liveblocks.yjs.Document): any): any
---@field client_id fun(self: liveblocks.yjs.Document): integer
---@field set_client_id fun(self: liveblocks.yjs.Document, id: integer)
---@field apply fun(self: liveblocks.yjs.Document, update: string, options?: liveblocks.yjs.EncodingOptions)
---@field update fun(self: liveblocks.yjs.Document, state_vector?: string, options?: liveblocks.yjs.EncodingOptions): string?
---@field state_vector fun(self: liveblocks.yjs.Document): string
---@field is_pending fun(self: liveblocks.yjs.Document): boolean
---@field snapshot fun(self: liveblocks.yjs.Document): liveblocks.yjs.Snapshot
---@field at_snapshot fun(self: liveblocks.yjs.Document, snapshot: liveblocks.yjs.Snapshot): liveblocks.yjs.Document
---@field relative_position fun(self: liveblocks.yjs.Document, type: liveblocks.yjs.Type, index: integer, association?: integer): string
---@field absolute_position fun(self: liveblocks.yjs.Document, bytes: string): liveblocks.yjs.Type?

--- A document within a document: its content is kept by its guid.
---@class liveblocks.yjs.Subdocument
---@field guid string
---@field options table autoLoad, gc and meta
---@field should_load boolean
---@field load fun(self: liveblocks.yjs.Subdocument): liveblocks.yjs.Subdocument
---@field open fun(self: liveblocks.yjs.Subdocument, updates?: string|string[], options?: liveblocks.yjs.EncodingOptions): liveblocks.yjs.Document

---@class liveblocks.yjs.Snapshot
---@field encode fun(self: liveblocks.yjs.Snapshot, options?: liveblocks.yjs.EncodingOptions): string
---@field equal fun(self: liveblocks.yjs.Snapshot, other: liveblocks.yjs.Snapshot): boolean

--- A shared type of a Yjs document; which methods it has depends on its kind.
---@class liveblocks.yjs.Type
---@field document liveblocks.yjs.Document
---@field kind fun(self: liveblocks.yjs.Type): string
---@field name fun(self: liveblocks.yjs.Type): string?
---@field is_deleted fun(self: liveblocks.yjs.Type): boolean
---@field parent fun(self: liveblocks.yjs.Type): liveblocks.yjs.Type?
---@field key fun(self: liveblocks.yjs.Type): string|integer|nil
---@field to_json fun(self: liveblocks.yjs.Type): any
---@field clone fun(self: liveblocks.yjs.Type): any
---@field length fun(self: liveblocks.yjs.Type): integer
---@field insert fun(self: liveblocks.yjs.Type, index: integer, content: any, attributes?: table<string, any>)
---@field unshift fun(self: liveblocks.yjs.Type, list: any[])
---@field delete fun(self: liveblocks.yjs.Type, index: integer, length?: integer)
---@field get fun(self: liveblocks.yjs.Type, index: integer|string): any
---@field slice fun(self: liveblocks.yjs.Type, first?: integer, last?: integer): any[]
---@field to_array fun(self: liveblocks.yjs.Type): any[]
---@field for_each fun(self: liveblocks.yjs.Type, fn: fun(value: any, index: integer|string))
---@field map fun(self: liveblocks.yjs.Type, fn: (fun(value: any, index: integer): any)): any[]
---@field push fun(self: liveblocks.yjs.Type, list: any[])
---@field set fun(self: liveblocks.yjs.Type, key: string, value: any): any
---@field has fun(self: liveblocks.yjs.Type, key: string): boolean
---@field entries fun(self: liveblocks.yjs.Type): fun(): string?, any
---@field keys fun(self: liveblocks.yjs.Type): string[]
---@field values fun(self: liveblocks.yjs.Type): any[]
---@field size fun(self: liveblocks.yjs.Type): integer
---@field clear fun(self: liveblocks.yjs.Type)
---@field set_attribute fun(self: liveblocks.yjs.Type, name: string, value: any): any
---@field get_attribute fun(self: liveblocks.yjs.Type, name: string): any
---@field has_attribute fun(self: liveblocks.yjs.Type, name: string): boolean
---@field remove_attribute fun(self: liveblocks.yjs.Type, name: string)
---@field get_attributes fun(self: liveblocks.yjs.Type): table<string, any>
---@field insert_embed fun(self: liveblocks.yjs.Type, index: integer, value: any, attributes?: table<string, any>): liveblocks.yjs.Type?
---@field format fun(self: liveblocks.yjs.Type, index: integer, length: integer, attributes?: table<string, any>)
---@field apply_delta fun(self: liveblocks.yjs.Type, delta: table[])
---@field to_delta fun(self: liveblocks.yjs.Type, snapshot?: liveblocks.yjs.Snapshot, before?: liveblocks.yjs.Snapshot): table[]
---@field to_string fun(self: liveblocks.yjs.Type): string
---@field next_sibling fun(self: liveblocks.yjs.Type): liveblocks.yjs.Type?
---@field prev_sibling fun(self: liveblocks.yjs.Type): liveblocks.yjs.Type?
---@field first_child fun(self: liveblocks.yjs.Type): liveblocks.yjs.Type?
---@field insert_after fun(self: liveblocks.yjs.Type, node?: liveblocks.yjs.Type, list: any[])
---@field create_tree_walker fun(self: liveblocks.yjs.Type, filter?: (fun(node: liveblocks.yjs.Type): boolean)): fun(): liveblocks.yjs.Type?
---@field query_selector fun(self: liveblocks.yjs.Type, name: string): liveblocks.yjs.Type?
---@field query_selector_all fun(self: liveblocks.yjs.Type, name: string): liveblocks.yjs.Type[]
---@field node_name fun(self: liveblocks.yjs.Type): string
