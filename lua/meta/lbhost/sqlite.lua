---@meta lbhost.sqlite
-- SQLite databases, written in C (host/sqlite.c). Failures raise errors of kind "store" with a `code` such as "SQLITE_FULL".

---@class lbhost.sqlite
local sqlite = {}

--- What is bound to a ? of a statement.
---@alias lbhost.sqlite.Parameter string|number|boolean|nil|userdata

--- Opens a database; ":memory:" is one that is kept nowhere.
---@param path string
---@param options? { create?: boolean, readonly?: boolean, private?: boolean, busy_timeout?: number } private: a new file can
---be read by its owner alone; busy_timeout: seconds for which another process may hold a lock (0)
---@return lbhost.sqlite.Database
function sqlite.open(path, options) end

--- Bytes as a parameter that is stored as a blob.
---@param bytes string
---@return userdata
function sqlite.blob(bytes) end

---@class lbhost.sqlite.Database
local Database = {}

--- Runs statements without parameters.
---@param sql string
function Database:exec(sql) end

--- Runs a statement, which is kept prepared.
---@param sql string
---@param ... lbhost.sqlite.Parameter
---@return integer changes how many rows it has changed
function Database:run(sql, ...) end

--- The values of the first row, or nil.
---@param sql string
---@param ... lbhost.sqlite.Parameter
---@return any ...
function Database:row(sql, ...) end

--- An iterator of the values of all rows.
---@param sql string
---@param ... lbhost.sqlite.Parameter
---@return fun(): any ...
function Database:rows(sql, ...) end

--- Runs fn(...) in a transaction and returns what it returns; an error rolls back and is raised again.
---@param fn function
---@param ... any
---@return any ...
function Database:transaction(fn, ...) end

--- The row that the last INSERT has made.
---@return integer
function Database:last_rowid() end

--- May be called again.
function Database:close() end

return sqlite
