---@meta liveblocks
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost.

---@alias liveblocks.Permission "*:read"|"*:write"|"room:read"|"room:write"|"room:presence:write"|"storage:read"|"storage:write"|"storage:none"|"comments:read"|"comments:write"|"comments:none"|"comments:public:read"|"comments:public:write"|"comments:public:none"|"comments:private:read"|"comments:private:write"|"comments:private:none"|"feeds:read"|"feeds:write"|"feeds:none"
---@alias liveblocks.EventType "storageUpdated"|"ydocUpdated"|"userEntered"|"userLeft"|"roomCreated"|"roomDeleted"|"commentCreated"|"commentEdited"|"commentDeleted"|"commentReactionAdded"|"commentReactionRemoved"|"commentMetadataUpdated"|"threadCreated"|"threadDeleted"|"threadMetadataUpdated"|"threadMarkedAsResolved"|"threadMarkedAsUnresolved"|"notification"

---@class liveblocks.Client
---@field try liveblocks.Try the same calls, which return nil, err instead of raising
local Client = {}

--- Starts a call without waiting: returns a handle with wait(), cancel(), done(); it ends the call when it is
--- closed or collected.
---@param name string
---@param ... any what the call of that name takes
---@return liveblocks.Call
function Client:submit(name, ...) end

--- Calls what the table lacks.
---@param method string
---@param path string after the base URL, already percent-encoded
---@param options? liveblocks.RawOptions
---@return any value
---@return liveblocks.Meta meta
function Client:request(method, path, options) end

--- Opens a connection, so that the first call finds one: the name is looked up, the root certificates are read, and TLS is
--- agreed on. For an engine, before its first frame; outside of tasks it blocks. Raises when there is no connection.
---@return true
function Client:warm() end

--- Changes how fast requests are sent, from the next one on that waits for its turn: those of all clients that share the pace.
---@param pace { rate: number|false|nil, max_in_flight: integer? } rate: requests a second, false for any number; what is
---absent stays
function Client:set_pace(pace) end

--- Sends no further request for so many seconds, as after a 429.
---@param seconds number
function Client:pause(seconds) end

--- For how many seconds no further request is sent, since there was a 429; 0 when there was none.
---@return number
function Client:paused() end

--- Uploads an attachment or a Storage file from a file or a string, a large one in parts.
---@param room string
---@param options liveblocks.Upload
---@return table file its description, with its id
function Client:upload_file(room, options) end

--- Edits the Storage document of a room as plain Lua; sends one guarded JSON Patch.
---@param room_id string
---@param fn fun(root: table<string, any>): any
---@param options? liveblocks.MutateOptions
---@return table[] patch
---@return liveblocks.EditInfo info
function Client:mutate_storage(room_id, fn, options) end

--- Edits the Yjs document of a room; sends one update, nothing when nothing changed.
---@param room_id string
---@param fn fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any
---@param options? liveblocks.MutateYjsOptions
---@return string? update what was sent, nil when nothing was; with dry_run the change as text
---@return liveblocks.YjsEditInfo info
function Client:mutate_yjs(room_id, fn, options) end

--- Closes the client: its calls in flight end with kind "cancelled".
function Client:close() end

--- A client with other options over the same connections. Its requests are sent at the pace of this one, with this one's: a
--- `rate` or `max_in_flight` of its own is a limit within that, and a 429 of either stops both.
---@param options liveblocks.Options
---@return liveblocks.Client
function Client:with(options) end

---@class liveblocks.fields.get_rooms
---@field limit? integer
---@field startingAfter? string
---@field organizationId? string
---@field query? string|liveblocks.Query
---@field userId? string
---@field groupIds? string[]|string
---@field metadata? table<string, string>

--- List rooms, newest first; filter by metadata, user, groups or the query language.
--- `GET /v2/rooms`
---@param fields? liveblocks.fields.get_rooms
---@return table value
---@return liveblocks.Meta meta
function Client:get_rooms(fields) end

--- All items of all pages of get_rooms.
---@param fields? liveblocks.fields.get_rooms
---@return fun(): table
function Client:iter_rooms(fields) end

---@class liveblocks.fields.create_room
---@field idempotent? boolean
---@field defaultAccesses liveblocks.Permission[]
---@field engine? integer
---@field groupsAccesses? table<string, liveblocks.Permission[]>
---@field id string
---@field metadata? table<string, string|string[]>
---@field organizationId? string
---@field usersAccesses? table<string, liveblocks.Permission[]>

--- Create a room; with idempotent = true an existing room is returned instead of an error.
--- `POST /v2/rooms`
---@param fields liveblocks.fields.create_room
---@return table value
---@return liveblocks.Meta meta
function Client:create_room(fields) end

--- Read one room.
--- `GET /v2/rooms/{roomId}`
---@param room_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_room(room_id) end

---@class liveblocks.fields.update_room
---@field defaultAccesses? liveblocks.Permission[]|lightuserdata
---@field groupsAccesses? table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata
---@field metadata? table<string, string|string[]|lightuserdata>
---@field usersAccesses? table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata

--- Change accesses or metadata of a room; null deletes an entry.
--- `POST /v2/rooms/{roomId}`
---@param room_id string|integer
---@param fields? liveblocks.fields.update_room
---@return table value
---@return liveblocks.Meta meta
function Client:update_room(room_id, fields) end

--- Delete a room with all that is in it.
--- `DELETE /v2/rooms/{roomId}`
---@param room_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room(room_id) end

--- Load a room ahead of its first visitor.
--- `GET /v2/rooms/{roomId}/prewarm`
---@param room_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:prewarm_room(room_id) end

---@class liveblocks.fields.upsert_room
---@field create? {defaultAccesses: liveblocks.Permission[], organizationId?: string, usersAccesses?: table<string, liveblocks.Permission[]>, groupsAccesses?: table<string, liveblocks.Permission[]>, metadata?: table<string, string|string[]>}
---@field update {defaultAccesses?: liveblocks.Permission[]|lightuserdata, usersAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata, groupsAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata, metadata?: table<string, string|string[]|lightuserdata>}

--- Update a room, or create it when it is not there.
--- `POST /v2/rooms/{roomId}/upsert`
---@param room_id string|integer
---@param fields liveblocks.fields.upsert_room
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_room(room_id, fields) end

---@class liveblocks.fields.update_room_id
---@field newRoomId string

--- Rename a room; the path takes its current id.
--- `POST /v2/rooms/{roomId}/update-room-id`
---@param room_id string|integer
---@param fields liveblocks.fields.update_room_id
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_id(room_id, fields) end

---@class liveblocks.fields.update_room_organization_id
---@field fromOrganizationId string
---@field toOrganizationId string

--- Move a room to another organization.
--- `POST /v2/rooms/{roomId}/update-organization-id`
---@param room_id string|integer
---@param fields liveblocks.fields.update_room_organization_id
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_organization_id(room_id, fields) end

--- List who is connected to a room right now.
--- `GET /v2/rooms/{roomId}/active-users`
---@param room_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_active_users(room_id) end

---@class liveblocks.fields.set_presence
---@field data table<string, any>
---@field ttl? integer
---@field userId string
---@field userInfo table<string, any>

--- Show a user as present in a room for some seconds.
--- `POST /v2/rooms/{roomId}/presence`
---@param room_id string|integer
---@param fields liveblocks.fields.set_presence
---@return true|table value
---@return liveblocks.Meta meta
function Client:set_presence(room_id, fields) end

--- Send an event, any JSON value, to all who are connected to a room.
--- `POST /v2/rooms/{roomId}/broadcast-event`
---@param room_id string|integer
---@param body any
---@return true|table value
---@return liveblocks.Meta meta
function Client:broadcast_event(room_id, body) end

---@class liveblocks.fields.get_storage_document
---@field format? "plain-lson"|"json"

--- Read the Storage document of a room as plain LSON or simplified JSON.
--- `GET /v2/rooms/{roomId}/storage`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_storage_document
---@return table value
---@return liveblocks.Meta meta
function Client:get_storage_document(room_id, fields) end

---@class liveblocks.fields.initialize_storage_document
---@field data table<string, any>
---@field liveblocksType "LiveObject"

--- Write the Storage document of a room that has none.
--- `POST /v2/rooms/{roomId}/storage`
---@param room_id string|integer
---@param fields liveblocks.fields.initialize_storage_document
---@return table value
---@return liveblocks.Meta meta
function Client:initialize_storage_document(room_id, fields) end

--- Delete the Storage document of a room.
--- `DELETE /v2/rooms/{roomId}/storage`
---@param room_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_storage_document(room_id) end

--- Apply a JSON Patch (RFC 6902) to Storage, all of it or nothing.
--- `PATCH /v2/rooms/{roomId}/storage/json-patch`
---@param room_id string|integer
---@param body table<string, any>[]
---@return true|table value
---@return liveblocks.Meta meta
function Client:patch_storage_document(room_id, body) end

---@class liveblocks.fields.get_yjs_document
---@field formatting? boolean
---@field key? string
---@field type? "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"

--- Read the Yjs document of a room as JSON.
--- `GET /v2/rooms/{roomId}/ydoc`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_yjs_document
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_document(room_id, fields) end

---@class liveblocks.fields.send_yjs_binary_update
---@field guid? string
---@field contentType? string

--- Apply a binary Yjs update to a room.
--- `PUT /v2/rooms/{roomId}/ydoc`
---@param room_id string|integer
---@param body string|liveblocks.File
---@param fields? liveblocks.fields.send_yjs_binary_update
---@return true|table value
---@return liveblocks.Meta meta
function Client:send_yjs_binary_update(room_id, body, fields) end

---@class liveblocks.fields.get_yjs_document_as_binary_update
---@field guid? string

--- Read the Yjs document of a room as one binary update.
--- `GET /v2/rooms/{roomId}/ydoc-binary`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_yjs_document_as_binary_update
---@return string value
---@return liveblocks.Meta meta
function Client:get_yjs_document_as_binary_update(room_id, fields) end

---@class liveblocks.fields.get_yjs_versions
---@field limit? integer
---@field cursor? string

--- List the saved versions of a room.
--- `GET /v2/rooms/{roomId}/versions`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_yjs_versions
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_versions(room_id, fields) end

--- The newer name of get_yjs_versions.
Client.get_version_history = Client.get_yjs_versions

--- All items of all pages of get_yjs_versions.
---@param room_id string|integer
---@param fields? liveblocks.fields.get_yjs_versions
---@return fun(): table
function Client:iter_yjs_versions(room_id, fields) end

--- Read one saved version as a binary Yjs update.
--- `GET /v2/rooms/{roomId}/versions/{versionId}/yjs`
---@param room_id string|integer
---@param version_id string|integer
---@return string value
---@return liveblocks.Meta meta
function Client:get_yjs_version(room_id, version_id) end

--- Save a version of a room now.
--- `POST /v2/rooms/{roomId}/versions`
---@param room_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:create_yjs_version(room_id) end

--- The newer name of create_yjs_version.
Client.create_version_history_snapshot = Client.create_yjs_version

---@class liveblocks.fields.get_threads
---@field query? string|liveblocks.Query

--- List all threads of a room with their comments.
--- `GET /v2/rooms/{roomId}/threads`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_threads
---@return table value
---@return liveblocks.Meta meta
function Client:get_threads(room_id, fields) end

---@class liveblocks.fields.create_thread
---@field comment {userId: string, body: liveblocks.CommentBody, createdAt?: string, metadata?: table<string, string|number|boolean>, attachmentIds?: string[]}
---@field metadata? table<string, string|number|boolean>
---@field visibility? "public"|"private"

--- Start a thread with its first comment.
--- `POST /v2/rooms/{roomId}/threads`
---@param room_id string|integer
---@param fields liveblocks.fields.create_thread
---@return table value
---@return liveblocks.Meta meta
function Client:create_thread(room_id, fields) end

--- Read one thread with its comments.
--- `GET /v2/rooms/{roomId}/threads/{threadId}`
---@param room_id string|integer
---@param thread_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread(room_id, thread_id) end

--- Delete a thread.
--- `DELETE /v2/rooms/{roomId}/threads/{threadId}`
---@param room_id string|integer
---@param thread_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_thread(room_id, thread_id) end

---@class liveblocks.fields.edit_thread_metadata
---@field metadata table<string, string|number|boolean|lightuserdata>
---@field updatedAt? string
---@field userId string

--- Change metadata of a thread; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/metadata`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.edit_thread_metadata
---@return table value
---@return liveblocks.Meta meta
function Client:edit_thread_metadata(room_id, thread_id, fields) end

---@class liveblocks.fields.mark_thread_as_resolved
---@field userId string

--- Mark a thread as resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-resolved`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.mark_thread_as_resolved
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_resolved(room_id, thread_id, fields) end

---@class liveblocks.fields.mark_thread_as_unresolved
---@field userId string

--- Mark a thread as not resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-unresolved`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.mark_thread_as_unresolved
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_unresolved(room_id, thread_id, fields) end

---@class liveblocks.fields.subscribe_to_thread
---@field userId string

--- Subscribe a user to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/subscribe`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.subscribe_to_thread
---@return table value
---@return liveblocks.Meta meta
function Client:subscribe_to_thread(room_id, thread_id, fields) end

---@class liveblocks.fields.unsubscribe_from_thread
---@field userId string

--- End a user's subscription to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/unsubscribe`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.unsubscribe_from_thread
---@return true|table value
---@return liveblocks.Meta meta
function Client:unsubscribe_from_thread(room_id, thread_id, fields) end

--- List who is subscribed to a thread.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/subscriptions`
---@param room_id string|integer
---@param thread_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_subscriptions(room_id, thread_id) end

---@class liveblocks.fields.create_comment
---@field attachmentIds? string[]
---@field body liveblocks.CommentBody
---@field createdAt? string
---@field metadata? table<string, string|number|boolean>
---@field userId string

--- Add a comment to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields liveblocks.fields.create_comment
---@return table value
---@return liveblocks.Meta meta
function Client:create_comment(room_id, thread_id, fields) end

--- Read one comment.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_comment(room_id, thread_id, comment_id) end

---@class liveblocks.fields.edit_comment
---@field attachmentIds? string[]
---@field body liveblocks.CommentBody
---@field editedAt? string
---@field metadata? table<string, string|number|boolean>

--- Replace the body of a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields liveblocks.fields.edit_comment
---@return table value
---@return liveblocks.Meta meta
function Client:edit_comment(room_id, thread_id, comment_id, fields) end

--- Delete a comment; the thread goes with its last one.
--- `DELETE /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_comment(room_id, thread_id, comment_id) end

---@class liveblocks.fields.add_comment_reaction
---@field createdAt? string
---@field emoji string
---@field userId string

--- Add a user's emoji reaction to a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/add-reaction`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields liveblocks.fields.add_comment_reaction
---@return table value
---@return liveblocks.Meta meta
function Client:add_comment_reaction(room_id, thread_id, comment_id, fields) end

---@class liveblocks.fields.remove_comment_reaction
---@field emoji string
---@field removedAt? string
---@field userId string

--- Take a user's emoji reaction back.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/remove-reaction`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields liveblocks.fields.remove_comment_reaction
---@return true|table value
---@return liveblocks.Meta meta
function Client:remove_comment_reaction(room_id, thread_id, comment_id, fields) end

--- Get name, size and download URL of a comment's attachment.
--- `GET /v2/rooms/{roomId}/attachments/{attachmentId}`
---@param room_id string|integer
---@param attachment_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_attachment(room_id, attachment_id) end

---@class liveblocks.fields.edit_comment_metadata
---@field metadata table<string, string|number|boolean|lightuserdata>
---@field updatedAt? string
---@field userId string

--- Change metadata of a comment; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/metadata`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields liveblocks.fields.edit_comment_metadata
---@return table value
---@return liveblocks.Meta meta
function Client:edit_comment_metadata(room_id, thread_id, comment_id, fields) end

--- List the inbox notifications of a thread, of all users.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/inbox-notifications`
---@param room_id string|integer
---@param thread_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_inbox_notifications(room_id, thread_id) end

---@class liveblocks.fields.authorize_user
---@field organizationId? string
---@field permissions table<string, liveblocks.Permission[]>
---@field userId string
---@field userInfo? table<string, any>

--- Get an access token for a user.
--- `POST /v2/authorize-user`
---@param fields liveblocks.fields.authorize_user
---@return table value
---@return liveblocks.Meta meta
function Client:authorize_user(fields) end

---@class liveblocks.fields.identify_user
---@field groupIds? string[]
---@field organizationId? string
---@field userId string
---@field userInfo? table<string, any>

--- Get an ID token for a user.
--- `POST /v2/identify-user`
---@param fields liveblocks.fields.identify_user
---@return table value
---@return liveblocks.Meta meta
function Client:identify_user(fields) end

--- Read one inbox notification of a user.
--- `GET /v2/users/{userId}/inbox-notifications/{inboxNotificationId}`
---@param user_id string|integer
---@param inbox_notification_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_inbox_notification(user_id, inbox_notification_id) end

--- Delete one inbox notification of a user.
--- `DELETE /v2/users/{userId}/inbox-notifications/{inboxNotificationId}`
---@param user_id string|integer
---@param inbox_notification_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_inbox_notification(user_id, inbox_notification_id) end

---@class liveblocks.fields.get_inbox_notifications
---@field organizationId? string
---@field query? string|liveblocks.Query
---@field limit? integer
---@field startingAfter? string

--- List a user's inbox notifications.
--- `GET /v2/users/{userId}/inbox-notifications`
---@param user_id string|integer
---@param fields? liveblocks.fields.get_inbox_notifications
---@return table value
---@return liveblocks.Meta meta
function Client:get_inbox_notifications(user_id, fields) end

--- All items of all pages of get_inbox_notifications.
---@param user_id string|integer
---@param fields? liveblocks.fields.get_inbox_notifications
---@return fun(): table
function Client:iter_inbox_notifications(user_id, fields) end

---@class liveblocks.fields.delete_all_inbox_notifications
---@field organizationId? string

--- Delete all inbox notifications of a user.
--- `DELETE /v2/users/{userId}/inbox-notifications`
---@param user_id string|integer
---@param fields? liveblocks.fields.delete_all_inbox_notifications
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_all_inbox_notifications(user_id, fields) end

--- Read which channels notify a user of what.
--- `GET /v2/users/{userId}/notification-settings`
---@param user_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_notification_settings(user_id) end

---@class liveblocks.fields.update_notification_settings
---@field email? table<string, boolean>
---@field slack? table<string, boolean>
---@field teams? table<string, boolean>
---@field webPush? table<string, boolean>

--- Change which channels notify a user of what.
--- `POST /v2/users/{userId}/notification-settings`
---@param user_id string|integer
---@param fields? liveblocks.fields.update_notification_settings
---@return table value
---@return liveblocks.Meta meta
function Client:update_notification_settings(user_id, fields) end

--- Reset a user's notification settings.
--- `DELETE /v2/users/{userId}/notification-settings`
---@param user_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_notification_settings(user_id) end

--- Read what a user is subscribed to in a room.
--- `GET /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string|integer
---@param user_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_room_subscription_settings(room_id, user_id) end

---@class liveblocks.fields.update_room_subscription_settings
---@field textMentions? "mine"|"none"
---@field threads? "all"|"replies_and_mentions"|"none"

--- Change what a user is subscribed to in a room.
--- `POST /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string|integer
---@param user_id string|integer
---@param fields? liveblocks.fields.update_room_subscription_settings
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_subscription_settings(room_id, user_id, fields) end

--- Reset what a user is subscribed to in a room.
--- `DELETE /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string|integer
---@param user_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room_subscription_settings(room_id, user_id) end

---@class liveblocks.fields.get_user_room_subscription_settings
---@field limit? integer
---@field startingAfter? string
---@field organizationId? string

--- List a user's subscription settings of all rooms.
--- `GET /v2/users/{userId}/room-subscription-settings`
---@param user_id string|integer
---@param fields? liveblocks.fields.get_user_room_subscription_settings
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_room_subscription_settings(user_id, fields) end

--- All items of all pages of get_user_room_subscription_settings.
---@param user_id string|integer
---@param fields? liveblocks.fields.get_user_room_subscription_settings
---@return fun(): table
function Client:iter_user_room_subscription_settings(user_id, fields) end

---@class liveblocks.fields.trigger_inbox_notification
---@field activityData table<string, string|number|boolean>
---@field kind string
---@field organizationId? string
---@field roomId? string
---@field subjectId string
---@field userId string

--- Put a custom notification into a user's inbox.
--- `POST /v2/inbox-notifications/trigger`
---@param fields liveblocks.fields.trigger_inbox_notification
---@return true|table value
---@return liveblocks.Meta meta
function Client:trigger_inbox_notification(fields) end

--- Mark an inbox notification as read.
--- `POST /v2/inbox-notifications/{inboxNotificationId}/read`
---@param inbox_notification_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:mark_inbox_notification_as_read(inbox_notification_id) end

---@class liveblocks.fields.get_groups
---@field limit? integer
---@field startingAfter? string

--- List groups.
--- `GET /v2/groups`
---@param fields? liveblocks.fields.get_groups
---@return table value
---@return liveblocks.Meta meta
function Client:get_groups(fields) end

--- All items of all pages of get_groups.
---@param fields? liveblocks.fields.get_groups
---@return fun(): table
function Client:iter_groups(fields) end

---@class liveblocks.fields.create_group
---@field id string
---@field memberIds? string[]
---@field organizationId? string
---@field scopes? {mention?: boolean}

--- Create a group of users.
--- `POST /v2/groups`
---@param fields liveblocks.fields.create_group
---@return table value
---@return liveblocks.Meta meta
function Client:create_group(fields) end

--- Read one group.
--- `GET /v2/groups/{groupId}`
---@param group_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_group(group_id) end

--- Delete a group.
--- `DELETE /v2/groups/{groupId}`
---@param group_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_group(group_id) end

---@class liveblocks.fields.add_group_members
---@field memberIds string[]

--- Add users to a group.
--- `POST /v2/groups/{groupId}/add-members`
---@param group_id string|integer
---@param fields liveblocks.fields.add_group_members
---@return table value
---@return liveblocks.Meta meta
function Client:add_group_members(group_id, fields) end

---@class liveblocks.fields.remove_group_members
---@field memberIds string[]

--- Remove users from a group.
--- `POST /v2/groups/{groupId}/remove-members`
---@param group_id string|integer
---@param fields liveblocks.fields.remove_group_members
---@return table value
---@return liveblocks.Meta meta
function Client:remove_group_members(group_id, fields) end

---@class liveblocks.fields.get_user_groups
---@field limit? integer
---@field startingAfter? string

--- List the groups a user is in.
--- `GET /v2/users/{userId}/groups`
---@param user_id string|integer
---@param fields? liveblocks.fields.get_user_groups
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_groups(user_id, fields) end

--- All items of all pages of get_user_groups.
---@param user_id string|integer
---@param fields? liveblocks.fields.get_user_groups
---@return fun(): table
function Client:iter_user_groups(user_id, fields) end

---@class liveblocks.fields.get_ai_copilots
---@field limit? integer
---@field startingAfter? string

--- List AI copilots.
--- `GET /v2/ai/copilots`
---@param fields? liveblocks.fields.get_ai_copilots
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilots(fields) end

--- All items of all pages of get_ai_copilots.
---@param fields? liveblocks.fields.get_ai_copilots
---@return fun(): table
function Client:iter_ai_copilots(fields) end

---@class liveblocks.fields.create_ai_copilot
---@field alwaysUseKnowledge? boolean
---@field compatibleProviderName? string
---@field description? string
---@field knowledgePrompt? string
---@field name string
---@field provider "openai"|"anthropic"|"google"|"openai-compatible"
---@field providerApiKey string
---@field providerBaseUrl? string
---@field providerModel string
---@field providerOptions? table<string, any>
---@field settings? {maxTokens?: integer, temperature?: number, topP?: number, topK?: number, frequencyPenalty?: number, presencePenalty?: number, stopSequences?: string[], seed?: integer, maxRetries?: integer}
---@field systemPrompt string

--- Create an AI copilot.
--- `POST /v2/ai/copilots`
---@param fields liveblocks.fields.create_ai_copilot
---@return table value
---@return liveblocks.Meta meta
function Client:create_ai_copilot(fields) end

--- Read one AI copilot.
--- `GET /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilot(copilot_id) end

---@class liveblocks.fields.update_ai_copilot
---@field alwaysUseKnowledge? boolean
---@field compatibleProviderName? string
---@field description? string|lightuserdata
---@field knowledgePrompt? string|lightuserdata
---@field name? string
---@field provider? "openai"|"anthropic"|"google"|"openai-compatible"
---@field providerApiKey? string
---@field providerBaseUrl? string
---@field providerModel? string
---@field providerOptions? table<string, any>|lightuserdata
---@field settings? {maxTokens?: integer, temperature?: number, topP?: number, topK?: number, frequencyPenalty?: number, presencePenalty?: number, stopSequences?: string[], seed?: integer, maxRetries?: integer}|lightuserdata
---@field systemPrompt? string

--- Change an AI copilot; null clears what may be empty.
--- `POST /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@param fields? liveblocks.fields.update_ai_copilot
---@return table value
---@return liveblocks.Meta meta
function Client:update_ai_copilot(copilot_id, fields) end

--- Delete an AI copilot.
--- `DELETE /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_ai_copilot(copilot_id) end

---@class liveblocks.fields.get_knowledge_sources
---@field limit? integer
---@field startingAfter? string

--- List what a copilot knows from.
--- `GET /v2/ai/copilots/{copilotId}/knowledge`
---@param copilot_id string|integer
---@param fields? liveblocks.fields.get_knowledge_sources
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_sources(copilot_id, fields) end

--- All items of all pages of get_knowledge_sources.
---@param copilot_id string|integer
---@param fields? liveblocks.fields.get_knowledge_sources
---@return fun(): table
function Client:iter_knowledge_sources(copilot_id, fields) end

--- Read one knowledge source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/{knowledgeSourceId}`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_source(copilot_id, knowledge_source_id) end

---@class liveblocks.fields.create_web_knowledge_source
---@field copilotId? string
---@field type "individual_link"|"crawl"|"sitemap"
---@field url string

--- Let a copilot learn from a page, a site or a sitemap.
--- `POST /v2/ai/copilots/{copilotId}/knowledge/web`
---@param copilot_id string|integer
---@param fields liveblocks.fields.create_web_knowledge_source
---@return table value
---@return liveblocks.Meta meta
function Client:create_web_knowledge_source(copilot_id, fields) end

---@class liveblocks.fields.create_file_knowledge_source
---@field contentType? string

--- Let a copilot learn from a file.
--- `PUT /v2/ai/copilots/{copilotId}/knowledge/file/{name}`
---@param copilot_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields? liveblocks.fields.create_file_knowledge_source
---@return table value
---@return liveblocks.Meta meta
function Client:create_file_knowledge_source(copilot_id, name, body, fields) end

--- Read the text a copilot took from a file.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/file/{knowledgeSourceId}`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_file_knowledge_source_markdown(copilot_id, knowledge_source_id) end

--- Delete a file that a copilot knows from.
--- `DELETE /v2/ai/copilots/{copilotId}/knowledge/file/{knowledgeSourceId}`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_file_knowledge_source(copilot_id, knowledge_source_id) end

--- Delete a web source that a copilot knows from.
--- `DELETE /v2/ai/copilots/{copilotId}/knowledge/web/{knowledgeSourceId}`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_web_knowledge_source(copilot_id, knowledge_source_id) end

---@class liveblocks.fields.get_web_knowledge_source_links
---@field limit? integer
---@field startingAfter? string

--- List the pages found in a web source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/web/{knowledgeSourceId}/links`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@param fields? liveblocks.fields.get_web_knowledge_source_links
---@return table value
---@return liveblocks.Meta meta
function Client:get_web_knowledge_source_links(copilot_id, knowledge_source_id, fields) end

--- All items of all pages of get_web_knowledge_source_links.
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@param fields? liveblocks.fields.get_web_knowledge_source_links
---@return fun(): table
function Client:iter_web_knowledge_source_links(copilot_id, knowledge_source_id, fields) end

---@class liveblocks.fields.get_or_create_room
---@field defaultAccesses liveblocks.Permission[]
---@field groupsAccesses? table<string, liveblocks.Permission[]>
---@field id string
---@field metadata? table<string, string|string[]>
---@field organizationId? string
---@field usersAccesses? table<string, liveblocks.Permission[]>

--- Create a room, or return it when it exists.
--- `POST /v2/rooms?idempotent=true`
---@param fields liveblocks.fields.get_or_create_room
---@return table value
---@return liveblocks.Meta meta
function Client:get_or_create_room(fields) end

--- Delete a saved version of a room.
--- `DELETE /v2/rooms/{roomId}/versions/{versionId}`
---@param room_id string|integer
---@param version_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_version(room_id, version_id) end

--- List who takes part in a thread (deprecated: see get_thread_subscriptions).
--- `GET /v2/rooms/{roomId}/threads/{threadId}/participants`
---@param room_id string|integer
---@param thread_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_participants(room_id, thread_id) end

---@class liveblocks.fields.upload_attachment
---@field userId string
---@field fileSize? integer
---@field contentType? string

--- Upload a comment attachment in one piece; client:upload_file chooses the way for you.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/upload/{name}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields liveblocks.fields.upload_attachment
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment(room_id, attachment_id, name, body, fields) end

---@class liveblocks.fields.create_attachment_multipart_upload
---@field fileSize? integer

--- Begin the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{name}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param name string|integer
---@param fields? liveblocks.fields.create_attachment_multipart_upload
---@return table value
---@return liveblocks.Meta meta
function Client:create_attachment_multipart_upload(room_id, attachment_id, name, fields) end

---@class liveblocks.fields.upload_attachment_multipart_part
---@field contentType? string

--- Upload one part of an attachment.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/{partNumber}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param upload_id string|integer
---@param part_number string|integer
---@param body string|liveblocks.File
---@param fields? liveblocks.fields.upload_attachment_multipart_part
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment_multipart_part(room_id, attachment_id, upload_id, part_number, body, fields) end

---@class liveblocks.fields.complete_attachment_multipart_upload
---@field userId string
---@field parts {partNumber: integer, etag: string}[]

--- Finish the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/complete`
---@param room_id string|integer
---@param attachment_id string|integer
---@param upload_id string|integer
---@param fields liveblocks.fields.complete_attachment_multipart_upload
---@return table value
---@return liveblocks.Meta meta
function Client:complete_attachment_multipart_upload(room_id, attachment_id, upload_id, fields) end

--- Give up the upload of an attachment in parts.
--- `DELETE /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param upload_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:abort_attachment_multipart_upload(room_id, attachment_id, upload_id) end

--- Get name, size and download URL of a file in Storage.
--- `GET /v2/rooms/{roomId}/storage/files/{fileId}`
---@param room_id string|integer
---@param file_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_storage_file(room_id, file_id) end

--- The newer name of get_storage_file.
Client.get_file_url = Client.get_storage_file

---@class liveblocks.fields.upload_storage_file
---@field fileSize? integer
---@field contentType? string

--- Upload a file for Storage in one piece.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/upload/{name}`
---@param room_id string|integer
---@param file_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields? liveblocks.fields.upload_storage_file
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file(room_id, file_id, name, body, fields) end

---@class liveblocks.fields.create_storage_file_multipart_upload
---@field fileSize? integer

--- Begin the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{name}`
---@param room_id string|integer
---@param file_id string|integer
---@param name string|integer
---@param fields? liveblocks.fields.create_storage_file_multipart_upload
---@return table value
---@return liveblocks.Meta meta
function Client:create_storage_file_multipart_upload(room_id, file_id, name, fields) end

---@class liveblocks.fields.upload_storage_file_multipart_part
---@field contentType? string

--- Upload one part of a Storage file.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/{partNumber}`
---@param room_id string|integer
---@param file_id string|integer
---@param upload_id string|integer
---@param part_number string|integer
---@param body string|liveblocks.File
---@param fields? liveblocks.fields.upload_storage_file_multipart_part
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file_multipart_part(room_id, file_id, upload_id, part_number, body, fields) end

---@class liveblocks.fields.complete_storage_file_multipart_upload
---@field parts {partNumber: integer, etag: string}[]

--- Finish the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/complete`
---@param room_id string|integer
---@param file_id string|integer
---@param upload_id string|integer
---@param fields liveblocks.fields.complete_storage_file_multipart_upload
---@return table value
---@return liveblocks.Meta meta
function Client:complete_storage_file_multipart_upload(room_id, file_id, upload_id, fields) end

--- Give up the upload of a Storage file in parts.
--- `DELETE /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}`
---@param room_id string|integer
---@param file_id string|integer
---@param upload_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:abort_storage_file_multipart_upload(room_id, file_id, upload_id) end

--- Read Storage as nodes, one a line, and get an actor for send_message (undocumented by the vendor).
--- `POST /v2/rooms/{roomId}/request-storage-mutation`
---@param room_id string|integer
---@return string value
---@return liveblocks.Meta meta
function Client:request_storage_mutation(room_id) end

---@class liveblocks.fields.send_message
---@field messages table<string, any>[]

--- Send Storage operations (undocumented by the vendor).
--- `POST /v2/rooms/{roomId}/send-message`
---@param room_id string|integer
---@param fields liveblocks.fields.send_message
---@return table value
---@return liveblocks.Meta meta
function Client:send_message(room_id, fields) end

---@class liveblocks.fields.get_feeds
---@field limit? integer
---@field cursor? string
---@field since? integer

--- List the feeds of a room.
--- `GET /v2/rooms/{roomId}/feeds`
---@param room_id string|integer
---@param fields? liveblocks.fields.get_feeds
---@return table value
---@return liveblocks.Meta meta
function Client:get_feeds(room_id, fields) end

--- All items of all pages of get_feeds.
---@param room_id string|integer
---@param fields? liveblocks.fields.get_feeds
---@return fun(): table
function Client:iter_feeds(room_id, fields) end

---@class liveblocks.fields.create_feed
---@field feedId string
---@field metadata? table<string, any>
---@field timestamp? number

--- Create a feed in a room.
--- `POST /v2/rooms/{roomId}/feeds`
---@param room_id string|integer
---@param fields liveblocks.fields.create_feed
---@return table value
---@return liveblocks.Meta meta
function Client:create_feed(room_id, fields) end

--- Read one feed.
--- `GET /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string|integer
---@param feed_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_feed(room_id, feed_id) end

---@class liveblocks.fields.update_feed
---@field metadata table<string, any>

--- Change metadata of a feed.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields liveblocks.fields.update_feed
---@return table value
---@return liveblocks.Meta meta
function Client:update_feed(room_id, feed_id, fields) end

--- Delete a feed.
--- `DELETE /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string|integer
---@param feed_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_feed(room_id, feed_id) end

---@class liveblocks.fields.get_feed_messages
---@field limit? integer
---@field cursor? string
---@field since? integer

--- List the messages of a feed.
--- `GET /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields? liveblocks.fields.get_feed_messages
---@return table value
---@return liveblocks.Meta meta
function Client:get_feed_messages(room_id, feed_id, fields) end

--- All items of all pages of get_feed_messages.
---@param room_id string|integer
---@param feed_id string|integer
---@param fields? liveblocks.fields.get_feed_messages
---@return fun(): table
function Client:iter_feed_messages(room_id, feed_id, fields) end

---@class liveblocks.fields.create_feed_message
---@field data table<string, any>
---@field id? string
---@field timestamp? number

--- Add a message to a feed.
--- `POST /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields liveblocks.fields.create_feed_message
---@return table value
---@return liveblocks.Meta meta
function Client:create_feed_message(room_id, feed_id, fields) end

---@class liveblocks.fields.update_feed_message
---@field data table<string, any>
---@field timestamp? number

--- Replace the data of a feed's message.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}/messages/{messageId}`
---@param room_id string|integer
---@param feed_id string|integer
---@param message_id string|integer
---@param fields liveblocks.fields.update_feed_message
---@return table value
---@return liveblocks.Meta meta
function Client:update_feed_message(room_id, feed_id, message_id, fields) end

--- Delete a message of a feed.
--- `DELETE /v2/rooms/{roomId}/feeds/{feedId}/messages/{messageId}`
---@param room_id string|integer
---@param feed_id string|integer
---@param message_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_feed_message(room_id, feed_id, message_id) end

--- Old name of get_room_subscription_settings.
--- `GET /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string|integer
---@param user_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_room_notification_settings(room_id, user_id) end

---@class liveblocks.fields.update_room_notification_settings
---@field textMentions? "mine"|"none"
---@field threads? "all"|"replies_and_mentions"|"none"

--- Old name of update_room_subscription_settings.
--- `POST /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string|integer
---@param user_id string|integer
---@param fields? liveblocks.fields.update_room_notification_settings
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_notification_settings(room_id, user_id, fields) end

--- Old name of delete_room_subscription_settings.
--- `DELETE /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string|integer
---@param user_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room_notification_settings(room_id, user_id) end

---@class liveblocks.fields.get_management_projects
---@field limit? integer
---@field cursor? string
---@field name? string

--- List projects, or those with exactly this name.
--- `GET /v2/management/projects`
---@param fields? liveblocks.fields.get_management_projects
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_projects(fields) end

--- All items of all pages of get_management_projects.
---@param fields? liveblocks.fields.get_management_projects
---@return fun(): table
function Client:iter_management_projects(fields) end

---@class liveblocks.fields.create_management_project
---@field description? string
---@field name? string
---@field region? "earth"|"eu"|"fedramp"
---@field type "dev"|"prod"
---@field versionCreationTimeout? false|integer

--- Create a project.
--- `POST /v2/management/projects`
---@param fields liveblocks.fields.create_management_project
---@return table value
---@return liveblocks.Meta meta
function Client:create_management_project(fields) end

--- Read one project.
--- `GET /v2/management/projects/{projectId}`
---@param project_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_project(project_id) end

---@class liveblocks.fields.update_management_project
---@field description? string
---@field name? string
---@field versionCreationTimeout? false|integer

--- Change a project.
--- `POST /v2/management/projects/{projectId}`
---@param project_id string|integer
---@param fields? liveblocks.fields.update_management_project
---@return table value
---@return liveblocks.Meta meta
function Client:update_management_project(project_id, fields) end

--- Delete a project.
--- `DELETE /v2/management/projects/{projectId}`
---@param project_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_management_project(project_id) end

--- Switch a project's public key on.
--- `POST /v2/management/projects/{projectId}/api-keys/public/activate`
---@param project_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:activate_project_public_api_key(project_id) end

--- Switch a project's public key off.
--- `POST /v2/management/projects/{projectId}/api-keys/public/deactivate`
---@param project_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:deactivate_project_public_api_key(project_id) end

---@class liveblocks.fields.roll_project_public_api_key
---@field expirationIn? "now"|"1h"|"1hour"|"1 hour"|"24hrs"|"24hours"|"24 hours"|"3d"|"3days"|"3 days"|"7d"|"7days"|"7 days"

--- Replace a project's public key.
--- `POST /v2/management/projects/{projectId}/api-keys/public/roll`
---@param project_id string|integer
---@param fields? liveblocks.fields.roll_project_public_api_key
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_public_api_key(project_id, fields) end

---@class liveblocks.fields.roll_project_secret_api_key
---@field expirationIn? "now"|"1h"|"1hour"|"1 hour"|"24hrs"|"24hours"|"24 hours"|"3d"|"3days"|"3 days"|"7d"|"7days"|"7 days"
---@field newKeyExpirationIn? "now"|"3m"|"3min"|"3 minutes"|"5m"|"5min"|"5 minutes"|"1h"|"1hour"|"1 hour"|"24hrs"|"24hours"|"24 hours"|"48h"|"48hrs"|"48hours"|"48 hours"|"3d"|"3days"|"3 days"|"7d"|"7days"|"7 days"|"21d"|"21days"|"21 days"|"30d"|"30days"|"30 days"|"1y"|"1year"|"1 year"|"one year"

--- Replace a project's secret key.
--- `POST /v2/management/projects/{projectId}/api-keys/secret/roll`
---@param project_id string|integer
---@param fields? liveblocks.fields.roll_project_secret_api_key
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_secret_api_key(project_id, fields) end

---@class liveblocks.fields.get_management_webhooks
---@field limit? integer
---@field cursor? string

--- List a project's webhooks.
--- `GET /v2/management/projects/{projectId}/webhooks`
---@param project_id string|integer
---@param fields? liveblocks.fields.get_management_webhooks
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhooks(project_id, fields) end

--- All items of all pages of get_management_webhooks.
---@param project_id string|integer
---@param fields? liveblocks.fields.get_management_webhooks
---@return fun(): table
function Client:iter_management_webhooks(project_id, fields) end

---@class liveblocks.fields.create_management_webhook
---@field additionalHeaders? table<string, string>
---@field rateLimit? integer
---@field storageUpdatedThrottleSeconds? integer
---@field subscribedEvents liveblocks.EventType[]
---@field url string
---@field yDocUpdatedThrottleSeconds? integer

--- Create a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks`
---@param project_id string|integer
---@param fields liveblocks.fields.create_management_webhook
---@return table value
---@return liveblocks.Meta meta
function Client:create_management_webhook(project_id, fields) end

--- Read one webhook.
--- `GET /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string|integer
---@param webhook_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhook(project_id, webhook_id) end

---@class liveblocks.fields.update_management_webhook
---@field disabled? boolean
---@field rateLimit? integer
---@field storageUpdatedThrottleSeconds? integer
---@field subscribedEvents? liveblocks.EventType[]
---@field url? string
---@field yDocUpdatedThrottleSeconds? integer

--- Change a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields? liveblocks.fields.update_management_webhook
---@return table value
---@return liveblocks.Meta meta
function Client:update_management_webhook(project_id, webhook_id, fields) end

--- Delete a webhook.
--- `DELETE /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string|integer
---@param webhook_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_management_webhook(project_id, webhook_id) end

--- Replace a webhook's secret; the old one works for another 24 hours.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/secret/roll`
---@param project_id string|integer
---@param webhook_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:roll_management_webhook_secret(project_id, webhook_id) end

--- Read the headers that a webhook adds.
--- `GET /v2/management/projects/{projectId}/webhooks/{webhookId}/additional-headers`
---@param project_id string|integer
---@param webhook_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhook_additional_headers(project_id, webhook_id) end

---@class liveblocks.fields.upsert_management_webhook_additional_headers
---@field headers table<string, string>

--- Set headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/additional-headers`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields liveblocks.fields.upsert_management_webhook_additional_headers
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_management_webhook_additional_headers(project_id, webhook_id, fields) end

---@class liveblocks.fields.delete_management_webhook_additional_headers
---@field headers string[]

--- Remove headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/delete-additional-headers`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields liveblocks.fields.delete_management_webhook_additional_headers
---@return table value
---@return liveblocks.Meta meta
function Client:delete_management_webhook_additional_headers(project_id, webhook_id, fields) end

---@class liveblocks.fields.recover_failed_webhook_messages
---@field since string

--- Send a webhook's failed messages again.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/recover-failed-messages`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields liveblocks.fields.recover_failed_webhook_messages
---@return true|table value
---@return liveblocks.Meta meta
function Client:recover_failed_webhook_messages(project_id, webhook_id, fields) end

---@class liveblocks.fields.send_test_webhook
---@field subscribedEvent liveblocks.EventType

--- Send a test event to a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/test`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields liveblocks.fields.send_test_webhook
---@return table value
---@return liveblocks.Meta meta
function Client:send_test_webhook(project_id, webhook_id, fields) end

--- The calls of a client that return nil and the error where client:NAME raises it.
---@class liveblocks.Try
---@field request fun(self: liveblocks.Try, method: string, path: string, options?: liveblocks.RawOptions): any, liveblocks.Outcome Calls what the table lacks.
---@field warm fun(self: liveblocks.Try): true?, liveblocks.Error Opens a connection, so that the first call finds one.
---@field upload_file fun(self: liveblocks.Try, room: string, options: liveblocks.Upload): table?, liveblocks.Error Uploads an attachment or a Storage file.
---@field mutate_storage fun(self: liveblocks.Try, room_id: string, fn: (fun(root: table<string, any>): any), options?: liveblocks.MutateOptions): table[]?, liveblocks.EditOutcome Edits the Storage document of a room as plain Lua.
---@field mutate_yjs fun(self: liveblocks.Try, room_id: string, fn: (fun(document: liveblocks.yjs.Document, type: liveblocks.yjs.Type?): any), options?: liveblocks.MutateYjsOptions): string?, liveblocks.YjsEditOutcome Edits the Yjs document of a room.
---@field get_rooms fun(self: liveblocks.Try, fields?: liveblocks.fields.get_rooms): table?, liveblocks.Outcome List rooms, newest first; filter by metadata, user, groups or the query language.
---@field create_room fun(self: liveblocks.Try, fields: liveblocks.fields.create_room): table?, liveblocks.Outcome Create a room; with idempotent = true an existing room is returned instead of an error.
---@field get_room fun(self: liveblocks.Try, room_id: string|integer): table?, liveblocks.Outcome Read one room.
---@field update_room fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.update_room): table?, liveblocks.Outcome Change accesses or metadata of a room; null deletes an entry.
---@field delete_room fun(self: liveblocks.Try, room_id: string|integer): true|table|nil, liveblocks.Outcome Delete a room with all that is in it.
---@field prewarm_room fun(self: liveblocks.Try, room_id: string|integer): true|table|nil, liveblocks.Outcome Load a room ahead of its first visitor.
---@field upsert_room fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.upsert_room): table?, liveblocks.Outcome Update a room, or create it when it is not there.
---@field update_room_id fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.update_room_id): table?, liveblocks.Outcome Rename a room; the path takes its current id.
---@field update_room_organization_id fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.update_room_organization_id): table?, liveblocks.Outcome Move a room to another organization.
---@field get_active_users fun(self: liveblocks.Try, room_id: string|integer): table?, liveblocks.Outcome List who is connected to a room right now.
---@field set_presence fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.set_presence): true|table|nil, liveblocks.Outcome Show a user as present in a room for some seconds.
---@field broadcast_event fun(self: liveblocks.Try, room_id: string|integer, body: any): true|table|nil, liveblocks.Outcome Send an event, any JSON value, to all who are connected to a room.
---@field get_storage_document fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_storage_document): table?, liveblocks.Outcome Read the Storage document of a room as plain LSON or simplified JSON.
---@field initialize_storage_document fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.initialize_storage_document): table?, liveblocks.Outcome Write the Storage document of a room that has none.
---@field delete_storage_document fun(self: liveblocks.Try, room_id: string|integer): true|table|nil, liveblocks.Outcome Delete the Storage document of a room.
---@field patch_storage_document fun(self: liveblocks.Try, room_id: string|integer, body: table<string, any>[]): true|table|nil, liveblocks.Outcome Apply a JSON Patch (RFC 6902) to Storage, all of it or nothing.
---@field get_yjs_document fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_yjs_document): table?, liveblocks.Outcome Read the Yjs document of a room as JSON.
---@field send_yjs_binary_update fun(self: liveblocks.Try, room_id: string|integer, body: string|liveblocks.File, fields?: liveblocks.fields.send_yjs_binary_update): true|table|nil, liveblocks.Outcome Apply a binary Yjs update to a room.
---@field get_yjs_document_as_binary_update fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_yjs_document_as_binary_update): string?, liveblocks.Outcome Read the Yjs document of a room as one binary update.
---@field get_yjs_versions fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_yjs_versions): table?, liveblocks.Outcome List the saved versions of a room.
---@field get_version_history fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_yjs_versions): table?, liveblocks.Outcome List the saved versions of a room.
---@field get_yjs_version fun(self: liveblocks.Try, room_id: string|integer, version_id: string|integer): string?, liveblocks.Outcome Read one saved version as a binary Yjs update.
---@field create_yjs_version fun(self: liveblocks.Try, room_id: string|integer): table?, liveblocks.Outcome Save a version of a room now.
---@field create_version_history_snapshot fun(self: liveblocks.Try, room_id: string|integer): table?, liveblocks.Outcome Save a version of a room now.
---@field get_threads fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_threads): table?, liveblocks.Outcome List all threads of a room with their comments.
---@field create_thread fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.create_thread): table?, liveblocks.Outcome Start a thread with its first comment.
---@field get_thread fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer): table?, liveblocks.Outcome Read one thread with its comments.
---@field delete_thread fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer): true|table|nil, liveblocks.Outcome Delete a thread.
---@field edit_thread_metadata fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.edit_thread_metadata): table?, liveblocks.Outcome Change metadata of a thread; null deletes a key.
---@field mark_thread_as_resolved fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.mark_thread_as_resolved): table?, liveblocks.Outcome Mark a thread as resolved.
---@field mark_thread_as_unresolved fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.mark_thread_as_unresolved): table?, liveblocks.Outcome Mark a thread as not resolved.
---@field subscribe_to_thread fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.subscribe_to_thread): table?, liveblocks.Outcome Subscribe a user to a thread.
---@field unsubscribe_from_thread fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.unsubscribe_from_thread): true|table|nil, liveblocks.Outcome End a user's subscription to a thread.
---@field get_thread_subscriptions fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer): table?, liveblocks.Outcome List who is subscribed to a thread.
---@field create_comment fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, fields: liveblocks.fields.create_comment): table?, liveblocks.Outcome Add a comment to a thread.
---@field get_comment fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer): table?, liveblocks.Outcome Read one comment.
---@field edit_comment fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer, fields: liveblocks.fields.edit_comment): table?, liveblocks.Outcome Replace the body of a comment.
---@field delete_comment fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer): true|table|nil, liveblocks.Outcome Delete a comment; the thread goes with its last one.
---@field add_comment_reaction fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer, fields: liveblocks.fields.add_comment_reaction): table?, liveblocks.Outcome Add a user's emoji reaction to a comment.
---@field remove_comment_reaction fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer, fields: liveblocks.fields.remove_comment_reaction): true|table|nil, liveblocks.Outcome Take a user's emoji reaction back.
---@field get_attachment fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer): table?, liveblocks.Outcome Get name, size and download URL of a comment's attachment.
---@field edit_comment_metadata fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer, comment_id: string|integer, fields: liveblocks.fields.edit_comment_metadata): table?, liveblocks.Outcome Change metadata of a comment; null deletes a key.
---@field get_thread_inbox_notifications fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer): table?, liveblocks.Outcome List the inbox notifications of a thread, of all users.
---@field authorize_user fun(self: liveblocks.Try, fields: liveblocks.fields.authorize_user): table?, liveblocks.Outcome Get an access token for a user.
---@field identify_user fun(self: liveblocks.Try, fields: liveblocks.fields.identify_user): table?, liveblocks.Outcome Get an ID token for a user.
---@field get_inbox_notification fun(self: liveblocks.Try, user_id: string|integer, inbox_notification_id: string|integer): table?, liveblocks.Outcome Read one inbox notification of a user.
---@field delete_inbox_notification fun(self: liveblocks.Try, user_id: string|integer, inbox_notification_id: string|integer): true|table|nil, liveblocks.Outcome Delete one inbox notification of a user.
---@field get_inbox_notifications fun(self: liveblocks.Try, user_id: string|integer, fields?: liveblocks.fields.get_inbox_notifications): table?, liveblocks.Outcome List a user's inbox notifications.
---@field delete_all_inbox_notifications fun(self: liveblocks.Try, user_id: string|integer, fields?: liveblocks.fields.delete_all_inbox_notifications): true|table|nil, liveblocks.Outcome Delete all inbox notifications of a user.
---@field get_notification_settings fun(self: liveblocks.Try, user_id: string|integer): table?, liveblocks.Outcome Read which channels notify a user of what.
---@field update_notification_settings fun(self: liveblocks.Try, user_id: string|integer, fields?: liveblocks.fields.update_notification_settings): table?, liveblocks.Outcome Change which channels notify a user of what.
---@field delete_notification_settings fun(self: liveblocks.Try, user_id: string|integer): true|table|nil, liveblocks.Outcome Reset a user's notification settings.
---@field get_room_subscription_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer): table?, liveblocks.Outcome Read what a user is subscribed to in a room.
---@field update_room_subscription_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer, fields?: liveblocks.fields.update_room_subscription_settings): table?, liveblocks.Outcome Change what a user is subscribed to in a room.
---@field delete_room_subscription_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer): true|table|nil, liveblocks.Outcome Reset what a user is subscribed to in a room.
---@field get_user_room_subscription_settings fun(self: liveblocks.Try, user_id: string|integer, fields?: liveblocks.fields.get_user_room_subscription_settings): table?, liveblocks.Outcome List a user's subscription settings of all rooms.
---@field trigger_inbox_notification fun(self: liveblocks.Try, fields: liveblocks.fields.trigger_inbox_notification): true|table|nil, liveblocks.Outcome Put a custom notification into a user's inbox.
---@field mark_inbox_notification_as_read fun(self: liveblocks.Try, inbox_notification_id: string|integer): true|table|nil, liveblocks.Outcome Mark an inbox notification as read.
---@field get_groups fun(self: liveblocks.Try, fields?: liveblocks.fields.get_groups): table?, liveblocks.Outcome List groups.
---@field create_group fun(self: liveblocks.Try, fields: liveblocks.fields.create_group): table?, liveblocks.Outcome Create a group of users.
---@field get_group fun(self: liveblocks.Try, group_id: string|integer): table?, liveblocks.Outcome Read one group.
---@field delete_group fun(self: liveblocks.Try, group_id: string|integer): true|table|nil, liveblocks.Outcome Delete a group.
---@field add_group_members fun(self: liveblocks.Try, group_id: string|integer, fields: liveblocks.fields.add_group_members): table?, liveblocks.Outcome Add users to a group.
---@field remove_group_members fun(self: liveblocks.Try, group_id: string|integer, fields: liveblocks.fields.remove_group_members): table?, liveblocks.Outcome Remove users from a group.
---@field get_user_groups fun(self: liveblocks.Try, user_id: string|integer, fields?: liveblocks.fields.get_user_groups): table?, liveblocks.Outcome List the groups a user is in.
---@field get_ai_copilots fun(self: liveblocks.Try, fields?: liveblocks.fields.get_ai_copilots): table?, liveblocks.Outcome List AI copilots.
---@field create_ai_copilot fun(self: liveblocks.Try, fields: liveblocks.fields.create_ai_copilot): table?, liveblocks.Outcome Create an AI copilot.
---@field get_ai_copilot fun(self: liveblocks.Try, copilot_id: string|integer): table?, liveblocks.Outcome Read one AI copilot.
---@field update_ai_copilot fun(self: liveblocks.Try, copilot_id: string|integer, fields?: liveblocks.fields.update_ai_copilot): table?, liveblocks.Outcome Change an AI copilot; null clears what may be empty.
---@field delete_ai_copilot fun(self: liveblocks.Try, copilot_id: string|integer): true|table|nil, liveblocks.Outcome Delete an AI copilot.
---@field get_knowledge_sources fun(self: liveblocks.Try, copilot_id: string|integer, fields?: liveblocks.fields.get_knowledge_sources): table?, liveblocks.Outcome List what a copilot knows from.
---@field get_knowledge_source fun(self: liveblocks.Try, copilot_id: string|integer, knowledge_source_id: string|integer): table?, liveblocks.Outcome Read one knowledge source.
---@field create_web_knowledge_source fun(self: liveblocks.Try, copilot_id: string|integer, fields: liveblocks.fields.create_web_knowledge_source): table?, liveblocks.Outcome Let a copilot learn from a page, a site or a sitemap.
---@field create_file_knowledge_source fun(self: liveblocks.Try, copilot_id: string|integer, name: string|integer, body: string|liveblocks.File, fields?: liveblocks.fields.create_file_knowledge_source): table?, liveblocks.Outcome Let a copilot learn from a file.
---@field get_file_knowledge_source_markdown fun(self: liveblocks.Try, copilot_id: string|integer, knowledge_source_id: string|integer): table?, liveblocks.Outcome Read the text a copilot took from a file.
---@field delete_file_knowledge_source fun(self: liveblocks.Try, copilot_id: string|integer, knowledge_source_id: string|integer): true|table|nil, liveblocks.Outcome Delete a file that a copilot knows from.
---@field delete_web_knowledge_source fun(self: liveblocks.Try, copilot_id: string|integer, knowledge_source_id: string|integer): true|table|nil, liveblocks.Outcome Delete a web source that a copilot knows from.
---@field get_web_knowledge_source_links fun(self: liveblocks.Try, copilot_id: string|integer, knowledge_source_id: string|integer, fields?: liveblocks.fields.get_web_knowledge_source_links): table?, liveblocks.Outcome List the pages found in a web source.
---@field get_or_create_room fun(self: liveblocks.Try, fields: liveblocks.fields.get_or_create_room): table?, liveblocks.Outcome Create a room, or return it when it exists.
---@field delete_version fun(self: liveblocks.Try, room_id: string|integer, version_id: string|integer): true|table|nil, liveblocks.Outcome Delete a saved version of a room.
---@field get_thread_participants fun(self: liveblocks.Try, room_id: string|integer, thread_id: string|integer): table?, liveblocks.Outcome List who takes part in a thread (deprecated: see get_thread_subscriptions).
---@field upload_attachment fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer, name: string|integer, body: string|liveblocks.File, fields: liveblocks.fields.upload_attachment): table?, liveblocks.Outcome Upload a comment attachment in one piece; client:upload_file chooses the way for you.
---@field create_attachment_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer, name: string|integer, fields?: liveblocks.fields.create_attachment_multipart_upload): table?, liveblocks.Outcome Begin the upload of an attachment in parts.
---@field upload_attachment_multipart_part fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer, upload_id: string|integer, part_number: string|integer, body: string|liveblocks.File, fields?: liveblocks.fields.upload_attachment_multipart_part): table?, liveblocks.Outcome Upload one part of an attachment.
---@field complete_attachment_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer, upload_id: string|integer, fields: liveblocks.fields.complete_attachment_multipart_upload): table?, liveblocks.Outcome Finish the upload of an attachment in parts.
---@field abort_attachment_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, attachment_id: string|integer, upload_id: string|integer): true|table|nil, liveblocks.Outcome Give up the upload of an attachment in parts.
---@field get_storage_file fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer): table?, liveblocks.Outcome Get name, size and download URL of a file in Storage.
---@field get_file_url fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer): table?, liveblocks.Outcome Get name, size and download URL of a file in Storage.
---@field upload_storage_file fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer, name: string|integer, body: string|liveblocks.File, fields?: liveblocks.fields.upload_storage_file): table?, liveblocks.Outcome Upload a file for Storage in one piece.
---@field create_storage_file_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer, name: string|integer, fields?: liveblocks.fields.create_storage_file_multipart_upload): table?, liveblocks.Outcome Begin the upload of a Storage file in parts.
---@field upload_storage_file_multipart_part fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer, upload_id: string|integer, part_number: string|integer, body: string|liveblocks.File, fields?: liveblocks.fields.upload_storage_file_multipart_part): table?, liveblocks.Outcome Upload one part of a Storage file.
---@field complete_storage_file_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer, upload_id: string|integer, fields: liveblocks.fields.complete_storage_file_multipart_upload): table?, liveblocks.Outcome Finish the upload of a Storage file in parts.
---@field abort_storage_file_multipart_upload fun(self: liveblocks.Try, room_id: string|integer, file_id: string|integer, upload_id: string|integer): true|table|nil, liveblocks.Outcome Give up the upload of a Storage file in parts.
---@field request_storage_mutation fun(self: liveblocks.Try, room_id: string|integer): string?, liveblocks.Outcome Read Storage as nodes, one a line, and get an actor for send_message (undocumented by the vendor).
---@field send_message fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.send_message): table?, liveblocks.Outcome Send Storage operations (undocumented by the vendor).
---@field get_feeds fun(self: liveblocks.Try, room_id: string|integer, fields?: liveblocks.fields.get_feeds): table?, liveblocks.Outcome List the feeds of a room.
---@field create_feed fun(self: liveblocks.Try, room_id: string|integer, fields: liveblocks.fields.create_feed): table?, liveblocks.Outcome Create a feed in a room.
---@field get_feed fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer): table?, liveblocks.Outcome Read one feed.
---@field update_feed fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer, fields: liveblocks.fields.update_feed): table?, liveblocks.Outcome Change metadata of a feed.
---@field delete_feed fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer): true|table|nil, liveblocks.Outcome Delete a feed.
---@field get_feed_messages fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer, fields?: liveblocks.fields.get_feed_messages): table?, liveblocks.Outcome List the messages of a feed.
---@field create_feed_message fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer, fields: liveblocks.fields.create_feed_message): table?, liveblocks.Outcome Add a message to a feed.
---@field update_feed_message fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer, message_id: string|integer, fields: liveblocks.fields.update_feed_message): table?, liveblocks.Outcome Replace the data of a feed's message.
---@field delete_feed_message fun(self: liveblocks.Try, room_id: string|integer, feed_id: string|integer, message_id: string|integer): true|table|nil, liveblocks.Outcome Delete a message of a feed.
---@field get_room_notification_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer): table?, liveblocks.Outcome Old name of get_room_subscription_settings.
---@field update_room_notification_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer, fields?: liveblocks.fields.update_room_notification_settings): table?, liveblocks.Outcome Old name of update_room_subscription_settings.
---@field delete_room_notification_settings fun(self: liveblocks.Try, room_id: string|integer, user_id: string|integer): true|table|nil, liveblocks.Outcome Old name of delete_room_subscription_settings.
---@field get_management_projects fun(self: liveblocks.Try, fields?: liveblocks.fields.get_management_projects): table?, liveblocks.Outcome List projects, or those with exactly this name.
---@field create_management_project fun(self: liveblocks.Try, fields: liveblocks.fields.create_management_project): table?, liveblocks.Outcome Create a project.
---@field get_management_project fun(self: liveblocks.Try, project_id: string|integer): table?, liveblocks.Outcome Read one project.
---@field update_management_project fun(self: liveblocks.Try, project_id: string|integer, fields?: liveblocks.fields.update_management_project): table?, liveblocks.Outcome Change a project.
---@field delete_management_project fun(self: liveblocks.Try, project_id: string|integer): true|table|nil, liveblocks.Outcome Delete a project.
---@field activate_project_public_api_key fun(self: liveblocks.Try, project_id: string|integer): true|table|nil, liveblocks.Outcome Switch a project's public key on.
---@field deactivate_project_public_api_key fun(self: liveblocks.Try, project_id: string|integer): true|table|nil, liveblocks.Outcome Switch a project's public key off.
---@field roll_project_public_api_key fun(self: liveblocks.Try, project_id: string|integer, fields?: liveblocks.fields.roll_project_public_api_key): table?, liveblocks.Outcome Replace a project's public key.
---@field roll_project_secret_api_key fun(self: liveblocks.Try, project_id: string|integer, fields?: liveblocks.fields.roll_project_secret_api_key): table?, liveblocks.Outcome Replace a project's secret key.
---@field get_management_webhooks fun(self: liveblocks.Try, project_id: string|integer, fields?: liveblocks.fields.get_management_webhooks): table?, liveblocks.Outcome List a project's webhooks.
---@field create_management_webhook fun(self: liveblocks.Try, project_id: string|integer, fields: liveblocks.fields.create_management_webhook): table?, liveblocks.Outcome Create a webhook.
---@field get_management_webhook fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer): table?, liveblocks.Outcome Read one webhook.
---@field update_management_webhook fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer, fields?: liveblocks.fields.update_management_webhook): table?, liveblocks.Outcome Change a webhook.
---@field delete_management_webhook fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer): true|table|nil, liveblocks.Outcome Delete a webhook.
---@field roll_management_webhook_secret fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer): table?, liveblocks.Outcome Replace a webhook's secret; the old one works for another 24 hours.
---@field get_management_webhook_additional_headers fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer): table?, liveblocks.Outcome Read the headers that a webhook adds.
---@field upsert_management_webhook_additional_headers fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer, fields: liveblocks.fields.upsert_management_webhook_additional_headers): table?, liveblocks.Outcome Set headers that a webhook adds.
---@field delete_management_webhook_additional_headers fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer, fields: liveblocks.fields.delete_management_webhook_additional_headers): table?, liveblocks.Outcome Remove headers that a webhook adds.
---@field recover_failed_webhook_messages fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer, fields: liveblocks.fields.recover_failed_webhook_messages): true|table|nil, liveblocks.Outcome Send a webhook's failed messages again.
---@field send_test_webhook fun(self: liveblocks.Try, project_id: string|integer, webhook_id: string|integer, fields: liveblocks.fields.send_test_webhook): table?, liveblocks.Outcome Send a test event to a webhook.

---@class liveblocks.Session
local Session = {}

--- Grants permissions in the rooms that the pattern names: an id, a prefix with * after it, or *.
---@param pattern string
---@param permissions liveblocks.Permission[]|liveblocks.Permission
---@return liveblocks.Session self
function Session:allow(pattern, permissions) end

--- Asks for the token: { token = "..." }. A session can be authorized once.
---@return { token: string }
---@return liveblocks.Meta meta
function Session:authorize() end

---@class liveblocks
---@field version string
---@field null lightuserdata JSON null, the same value as cjson.null
---@field json liveblocks.json
---@field task liveblocks.task
---@field query liveblocks.query
---@field webhook liveblocks.webhook
---@field http liveblocks.http
---@field storage liveblocks.storage
---@field comment liveblocks.comment
---@field notify liveblocks.notify
---@field yjs liveblocks.yjs
---@field editor liveblocks.editor
---@field mail liveblocks.mail
---@field crypto liveblocks.crypto
local liveblocks = {}

--- Marks a table as a JSON array, so that an empty one stays [].
---@generic T: table
---@param list T
---@return T
function liveblocks.array(list) end

--- Marks a table as a JSON object, so that an empty one stays {}.
---@generic T: table
---@param map T
---@return T
function liveblocks.object(map) end

--- A client.
---@param options? liveblocks.Options
---@return liveblocks.Client
function liveblocks.new(options) end

--- Begins a session: an access token with permissions for rooms.
---@param client liveblocks.Client
---@param user_id string
---@param options? { userInfo?: table<string, any>, organizationId?: string }
---@return liveblocks.Session
function liveblocks.session(client, user_id, options) end

--- The table of calls.
---@return { name: string, group: string, method: string, path: string, help: string }[]
function liveblocks.endpoints() end

--- Seconds of a clock that is never set.
---@return number
function liveblocks.now() end

--- One step of the loop, for engines: moves bytes and lets tasks go on.
---@param seconds_of_work? number no further task is resumed once they have passed; nil: no bound
---@param seconds_to_wait? number for something to happen (0); with math.huge it raises when nothing can happen any more
---@return integer how much happened
function liveblocks.step(seconds_of_work, seconds_to_wait) end

--- How many tasks, calls and timers are unfinished.
---@return integer
function liveblocks.pending() end

--- A descriptor that is readable when a step has work to do.
---@return integer?
function liveblocks.fd() end

--- Seconds until a step is needed even if the descriptor stays quiet: 0 while a task is ready, nil for never.
---@return number?
function liveblocks.due() end

--- How an engine waits where the code that waits is not in a task of this module: fn(waitable) lets the engine go on, steps
--- the loop, and is called again until waitable:done(). It returns false where the engine cannot go on.
---@param fn? fun(waitable: userdata): any nil: the loop is always pumped
function liveblocks.on_wait(fn) end

---@class liveblocks.Hook
---@field options? fun(given: table): table a copy of the options that liveblocks.new() was given; returns those to use
---@field client? fun(client: table): table a client that liveblocks.new() has made; returns what the caller gets
---@field request? fun(options: table, send: function): table in the place of liveblocks.http.request()

--- Adds a hook. One that was added later is nearer to the caller: its `options` come first, its `client` last.
---@param hook liveblocks.Hook
---@return fun() remove takes it away again
function liveblocks.hook(hook) end

return liveblocks
