---@meta
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost. Beside it: what is written by hand.
error("this file is for editors; require 'liveblocks' instead")

---@alias liveblocks.Permission "*:read"|"*:write"|"room:read"|"room:write"|"room:presence:write"|"storage:read"|"storage:write"|"storage:none"|"comments:read"|"comments:write"|"comments:none"|"comments:public:read"|"comments:public:write"|"comments:public:none"|"comments:private:read"|"comments:private:write"|"comments:private:none"|"feeds:read"|"feeds:write"|"feeds:none"
---@alias liveblocks.EventType "storageUpdated"|"ydocUpdated"|"userEntered"|"userLeft"|"roomCreated"|"roomDeleted"|"commentCreated"|"commentEdited"|"commentDeleted"|"commentReactionAdded"|"commentReactionRemoved"|"commentMetadataUpdated"|"threadCreated"|"threadDeleted"|"threadMetadataUpdated"|"threadMarkedAsResolved"|"threadMarkedAsUnresolved"|"notification"


---@class liveblocks.Client
---@field try liveblocks.Client the same calls, which return nil, err instead of raising
local Client = {}

--- Starts a call without waiting: returns a handle with wait(), cancel(), done(); it ends the call when it is
--- closed or collected.
---@param name string
---@param ... any what the call of that name takes
---@return liveblocks.Call
function Client:submit(name, ...) end

--- Calls what the table lacks.
---@param method string
---@param path string behind the base URL, already percent-encoded
---@param options? liveblocks.RawOptions
---@return any value
---@return liveblocks.Meta meta
function Client:request(method, path, options) end

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
---@return { attempts: integer, sent: boolean, result: any } info
function Client:mutate_storage(room_id, fn, options) end

--- Closes the client: its calls in flight end with kind "cancelled".
function Client:close() end

--- A client with other options over the same connections.
---@param options liveblocks.Options
---@return liveblocks.Client
function Client:with(options) end

--- List rooms, newest first; filter by metadata, user, groups or the query language.
--- `GET /v2/rooms`
---@param fields? { limit?: integer, startingAfter?: string, organizationId?: string, query?: string|liveblocks.Query, userId?: string, groupIds?: string[]|string, metadata?: table<string, string> }
---@return table value
---@return liveblocks.Meta meta
function Client:get_rooms(fields) end

--- All items of all pages of get_rooms.
---@param fields? { limit?: integer, startingAfter?: string, organizationId?: string, query?: string|liveblocks.Query, userId?: string, groupIds?: string[]|string, metadata?: table<string, string> }
---@return fun(): table?
function Client:iter_rooms(fields) end

--- Create a room; with idempotent = true an existing room is returned instead of an error.
--- `POST /v2/rooms`
---@param fields { idempotent?: boolean, defaultAccesses: liveblocks.Permission[], engine?: integer, groupsAccesses?: table<string, liveblocks.Permission[]>, id: string, metadata?: table<string, string|string[]>, organizationId?: string, usersAccesses?: table<string, liveblocks.Permission[]> }
---@return table value
---@return liveblocks.Meta meta
function Client:create_room(fields) end

--- Read one room.
--- `GET /v2/rooms/{roomId}`
---@param room_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_room(room_id) end

--- Change accesses or metadata of a room; null deletes an entry.
--- `POST /v2/rooms/{roomId}`
---@param room_id string|integer
---@param fields? { defaultAccesses?: liveblocks.Permission[]|lightuserdata, groupsAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata, metadata?: table<string, string|string[]|lightuserdata>, usersAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata }
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

--- Update a room, or create it when it is not there.
--- `POST /v2/rooms/{roomId}/upsert`
---@param room_id string|integer
---@param fields { create?: {id?: string, defaultAccesses: liveblocks.Permission[], organizationId?: string, usersAccesses?: table<string, liveblocks.Permission[]>, groupsAccesses?: table<string, liveblocks.Permission[]>, metadata?: table<string, string|string[]>, engine?: integer}, update: {defaultAccesses?: liveblocks.Permission[]|lightuserdata, usersAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata, groupsAccesses?: table<string, liveblocks.Permission[]|lightuserdata>|lightuserdata, metadata?: table<string, string|string[]|lightuserdata>} }
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_room(room_id, fields) end

--- Rename a room; the path takes its current id.
--- `POST /v2/rooms/{roomId}/update-room-id`
---@param room_id string|integer
---@param fields { newRoomId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_id(room_id, fields) end

--- Move a room to another organization.
--- `POST /v2/rooms/{roomId}/update-organization-id`
---@param room_id string|integer
---@param fields { fromOrganizationId: string, toOrganizationId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_organization_id(room_id, fields) end

--- List who is connected to a room right now.
--- `GET /v2/rooms/{roomId}/active-users`
---@param room_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_active_users(room_id) end

--- Show a user as present in a room for some seconds.
--- `POST /v2/rooms/{roomId}/presence`
---@param room_id string|integer
---@param fields { data: table<string, any>, ttl?: integer, userId: string, userInfo?: table<string, any> }
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

--- Read the Storage document of a room as plain LSON or simplified JSON.
--- `GET /v2/rooms/{roomId}/storage`
---@param room_id string|integer
---@param fields? { format?: "plain-lson"|"json" }
---@return table value
---@return liveblocks.Meta meta
function Client:get_storage_document(room_id, fields) end

--- Write the Storage document of a room that has none.
--- `POST /v2/rooms/{roomId}/storage`
---@param room_id string|integer
---@param fields { data: table<string, any>, liveblocksType: "LiveObject" }
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

--- Read the Yjs document of a room as JSON.
--- `GET /v2/rooms/{roomId}/ydoc`
---@param room_id string|integer
---@param fields? { formatting?: boolean, key?: string, type?: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray" }
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_document(room_id, fields) end

--- Apply a binary Yjs update to a room.
--- `PUT /v2/rooms/{roomId}/ydoc`
---@param room_id string|integer
---@param body string|liveblocks.File
---@param fields? { guid?: string, contentType?: string }
---@return true|table value
---@return liveblocks.Meta meta
function Client:send_yjs_binary_update(room_id, body, fields) end

--- Read the Yjs document of a room as one binary update.
--- `GET /v2/rooms/{roomId}/ydoc-binary`
---@param room_id string|integer
---@param fields? { guid?: string }
---@return string value
---@return liveblocks.Meta meta
function Client:get_yjs_document_as_binary_update(room_id, fields) end

--- List the saved versions of a room.
--- `GET /v2/rooms/{roomId}/versions`
---@param room_id string|integer
---@param fields? { limit?: integer, cursor?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_versions(room_id, fields) end

--- The newer name of get_yjs_versions.
Client.get_version_history = Client.get_yjs_versions

--- All items of all pages of get_yjs_versions.
---@param room_id string|integer
---@param fields? { limit?: integer, cursor?: string }
---@return fun(): table?
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

--- List all threads of a room with their comments.
--- `GET /v2/rooms/{roomId}/threads`
---@param room_id string|integer
---@param fields? { query?: string|liveblocks.Query }
---@return table value
---@return liveblocks.Meta meta
function Client:get_threads(room_id, fields) end

--- Start a thread with its first comment.
--- `POST /v2/rooms/{roomId}/threads`
---@param room_id string|integer
---@param fields { comment: {userId: string, body: liveblocks.CommentBody, createdAt?: string, metadata?: table<string, string|number|boolean>, attachmentIds?: string[]}, metadata?: table<string, string|number|boolean>, visibility?: "public"|"private" }
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

--- Change metadata of a thread; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/metadata`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { metadata: table<string, string|number|boolean|lightuserdata>, updatedAt?: string, userId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:edit_thread_metadata(room_id, thread_id, fields) end

--- Mark a thread as resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-resolved`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { userId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_resolved(room_id, thread_id, fields) end

--- Mark a thread as not resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-unresolved`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { userId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_unresolved(room_id, thread_id, fields) end

--- Subscribe a user to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/subscribe`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { userId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:subscribe_to_thread(room_id, thread_id, fields) end

--- End a user's subscription to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/unsubscribe`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { userId: string }
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

--- Add a comment to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments`
---@param room_id string|integer
---@param thread_id string|integer
---@param fields { attachmentIds?: string[], body: liveblocks.CommentBody, createdAt?: string, metadata?: table<string, string|number|boolean>, userId: string }
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

--- Replace the body of a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields { attachmentIds?: string[], body: liveblocks.CommentBody, editedAt?: string, metadata?: table<string, string|number|boolean> }
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

--- Add a user's emoji reaction to a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/add-reaction`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields { createdAt?: string, emoji: string, userId: string }
---@return table value
---@return liveblocks.Meta meta
function Client:add_comment_reaction(room_id, thread_id, comment_id, fields) end

--- Take a user's emoji reaction back.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/remove-reaction`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields { emoji: string, removedAt?: string, userId: string }
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

--- Change metadata of a comment; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/metadata`
---@param room_id string|integer
---@param thread_id string|integer
---@param comment_id string|integer
---@param fields { metadata: table<string, string|number|boolean|lightuserdata>, updatedAt?: string, userId: string }
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

--- Get an access token for a user.
--- `POST /v2/authorize-user`
---@param fields { organizationId?: string, permissions: table<string, liveblocks.Permission[]>, userId: string, userInfo?: table<string, any> }
---@return table value
---@return liveblocks.Meta meta
function Client:authorize_user(fields) end

--- Get an ID token for a user.
--- `POST /v2/identify-user`
---@param fields { groupIds?: string[], organizationId?: string, userId: string, userInfo?: table<string, any> }
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

--- List a user's inbox notifications.
--- `GET /v2/users/{userId}/inbox-notifications`
---@param user_id string|integer
---@param fields? { organizationId?: string, query?: string|liveblocks.Query, limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_inbox_notifications(user_id, fields) end

--- All items of all pages of get_inbox_notifications.
---@param user_id string|integer
---@param fields? { organizationId?: string, query?: string|liveblocks.Query, limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_inbox_notifications(user_id, fields) end

--- Delete all inbox notifications of a user.
--- `DELETE /v2/users/{userId}/inbox-notifications`
---@param user_id string|integer
---@param fields? { organizationId?: string }
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_all_inbox_notifications(user_id, fields) end

--- Read which channels notify a user of what.
--- `GET /v2/users/{userId}/notification-settings`
---@param user_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_notification_settings(user_id) end

--- Change which channels notify a user of what.
--- `POST /v2/users/{userId}/notification-settings`
---@param user_id string|integer
---@param fields? { email?: table<string, boolean>, slack?: table<string, boolean>, teams?: table<string, boolean>, webPush?: table<string, boolean> }
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

--- Change what a user is subscribed to in a room.
--- `POST /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string|integer
---@param user_id string|integer
---@param fields? { textMentions?: "mine"|"none", threads?: "all"|"replies_and_mentions"|"none" }
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

--- List a user's subscription settings of all rooms.
--- `GET /v2/users/{userId}/room-subscription-settings`
---@param user_id string|integer
---@param fields? { limit?: integer, startingAfter?: string, organizationId?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_room_subscription_settings(user_id, fields) end

--- All items of all pages of get_user_room_subscription_settings.
---@param user_id string|integer
---@param fields? { limit?: integer, startingAfter?: string, organizationId?: string }
---@return fun(): table?
function Client:iter_user_room_subscription_settings(user_id, fields) end

--- Put a custom notification into a user's inbox.
--- `POST /v2/inbox-notifications/trigger`
---@param fields { activityData: table<string, string|number|boolean>, kind: string, organizationId?: string, roomId?: string, subjectId: string, userId: string }
---@return true|table value
---@return liveblocks.Meta meta
function Client:trigger_inbox_notification(fields) end

--- Mark an inbox notification as read.
--- `POST /v2/inbox-notifications/{inboxNotificationId}/read`
---@param inbox_notification_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:mark_inbox_notification_as_read(inbox_notification_id) end

--- List groups.
--- `GET /v2/groups`
---@param fields? { limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_groups(fields) end

--- All items of all pages of get_groups.
---@param fields? { limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_groups(fields) end

--- Create a group of users.
--- `POST /v2/groups`
---@param fields { id: string, memberIds?: string[], organizationId?: string, scopes?: {mention?: boolean} }
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

--- Add users to a group.
--- `POST /v2/groups/{groupId}/add-members`
---@param group_id string|integer
---@param fields { memberIds: string[] }
---@return table value
---@return liveblocks.Meta meta
function Client:add_group_members(group_id, fields) end

--- Remove users from a group.
--- `POST /v2/groups/{groupId}/remove-members`
---@param group_id string|integer
---@param fields { memberIds: string[] }
---@return table value
---@return liveblocks.Meta meta
function Client:remove_group_members(group_id, fields) end

--- List the groups a user is in.
--- `GET /v2/users/{userId}/groups`
---@param user_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_groups(user_id, fields) end

--- All items of all pages of get_user_groups.
---@param user_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_user_groups(user_id, fields) end

--- List AI copilots.
--- `GET /v2/ai/copilots`
---@param fields? { limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilots(fields) end

--- All items of all pages of get_ai_copilots.
---@param fields? { limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_ai_copilots(fields) end

--- Create an AI copilot.
--- `POST /v2/ai/copilots`
---@param fields { alwaysUseKnowledge?: boolean, compatibleProviderName?: string, description?: string, knowledgePrompt?: string, name: string, provider: "openai"|"anthropic"|"google"|"openai-compatible", providerApiKey: string, providerBaseUrl?: string, providerModel: string, providerOptions?: table<string, any>, settings?: {maxTokens?: integer, temperature?: number, topP?: number, topK?: integer, frequencyPenalty?: number, presencePenalty?: number, stopSequences?: string[], seed?: integer, maxRetries?: integer}, systemPrompt: string }
---@return table value
---@return liveblocks.Meta meta
function Client:create_ai_copilot(fields) end

--- Read one AI copilot.
--- `GET /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilot(copilot_id) end

--- Change an AI copilot; null clears what may be empty.
--- `POST /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@param fields? { alwaysUseKnowledge?: boolean, compatibleProviderName?: string, description?: string|lightuserdata, knowledgePrompt?: string|lightuserdata, name?: string, provider?: "openai"|"anthropic"|"google"|"openai-compatible", providerApiKey?: string, providerBaseUrl?: string, providerModel?: string, providerOptions?: table<string, any>|lightuserdata, settings?: {maxTokens?: integer, temperature?: number, topP?: number, topK?: integer, frequencyPenalty?: number, presencePenalty?: number, stopSequences?: string[], seed?: integer, maxRetries?: integer}|lightuserdata, systemPrompt?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:update_ai_copilot(copilot_id, fields) end

--- Delete an AI copilot.
--- `DELETE /v2/ai/copilots/{copilotId}`
---@param copilot_id string|integer
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_ai_copilot(copilot_id) end

--- List what a copilot knows from.
--- `GET /v2/ai/copilots/{copilotId}/knowledge`
---@param copilot_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_sources(copilot_id, fields) end

--- All items of all pages of get_knowledge_sources.
---@param copilot_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_knowledge_sources(copilot_id, fields) end

--- Read one knowledge source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/{knowledgeSourceId}`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_source(copilot_id, knowledge_source_id) end

--- Let a copilot learn from a page, a site or a sitemap.
--- `POST /v2/ai/copilots/{copilotId}/knowledge/web`
---@param copilot_id string|integer
---@param fields { copilotId?: string, type: "individual_link"|"crawl"|"sitemap", url: string }
---@return table value
---@return liveblocks.Meta meta
function Client:create_web_knowledge_source(copilot_id, fields) end

--- Let a copilot learn from a file.
--- `PUT /v2/ai/copilots/{copilotId}/knowledge/file/{name}`
---@param copilot_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields? { contentType?: string }
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

--- List the pages found in a web source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/web/{knowledgeSourceId}/links`
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_web_knowledge_source_links(copilot_id, knowledge_source_id, fields) end

--- All items of all pages of get_web_knowledge_source_links.
---@param copilot_id string|integer
---@param knowledge_source_id string|integer
---@param fields? { limit?: integer, startingAfter?: string }
---@return fun(): table?
function Client:iter_web_knowledge_source_links(copilot_id, knowledge_source_id, fields) end

--- Create a room, or return it when it exists.
--- `POST /v2/rooms?idempotent=true`
---@param fields { defaultAccesses: liveblocks.Permission[], groupsAccesses?: table<string, liveblocks.Permission[]>, id: string, metadata?: table<string, string|string[]>, organizationId?: string, usersAccesses?: table<string, liveblocks.Permission[]> }
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

--- Upload a comment attachment in one piece; client:upload_file chooses the way for you.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/upload/{name}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields { userId: string, fileSize?: integer, contentType?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment(room_id, attachment_id, name, body, fields) end

--- Begin the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{name}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param name string|integer
---@param fields? { fileSize?: integer }
---@return table value
---@return liveblocks.Meta meta
function Client:create_attachment_multipart_upload(room_id, attachment_id, name, fields) end

--- Upload one part of an attachment.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/{partNumber}`
---@param room_id string|integer
---@param attachment_id string|integer
---@param upload_id string|integer
---@param part_number string|integer
---@param body string|liveblocks.File
---@param fields? { contentType?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment_multipart_part(room_id, attachment_id, upload_id, part_number, body, fields) end

--- Finish the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/complete`
---@param room_id string|integer
---@param attachment_id string|integer
---@param upload_id string|integer
---@param fields { userId: string, parts: {partNumber: integer, etag: string}[] }
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

--- Upload a file for Storage in one piece.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/upload/{name}`
---@param room_id string|integer
---@param file_id string|integer
---@param name string|integer
---@param body string|liveblocks.File
---@param fields? { fileSize?: integer, contentType?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file(room_id, file_id, name, body, fields) end

--- Begin the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{name}`
---@param room_id string|integer
---@param file_id string|integer
---@param name string|integer
---@param fields? { fileSize?: integer }
---@return table value
---@return liveblocks.Meta meta
function Client:create_storage_file_multipart_upload(room_id, file_id, name, fields) end

--- Upload one part of a Storage file.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/{partNumber}`
---@param room_id string|integer
---@param file_id string|integer
---@param upload_id string|integer
---@param part_number string|integer
---@param body string|liveblocks.File
---@param fields? { contentType?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file_multipart_part(room_id, file_id, upload_id, part_number, body, fields) end

--- Finish the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/complete`
---@param room_id string|integer
---@param file_id string|integer
---@param upload_id string|integer
---@param fields { parts: {partNumber: integer, etag: string}[] }
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

--- Send Storage operations (undocumented by the vendor).
--- `POST /v2/rooms/{roomId}/send-message`
---@param room_id string|integer
---@param fields { messages: table<string, any>[] }
---@return table value
---@return liveblocks.Meta meta
function Client:send_message(room_id, fields) end

--- List the feeds of a room.
--- `GET /v2/rooms/{roomId}/feeds`
---@param room_id string|integer
---@param fields? { limit?: integer, cursor?: string, since?: integer }
---@return table value
---@return liveblocks.Meta meta
function Client:get_feeds(room_id, fields) end

--- All items of all pages of get_feeds.
---@param room_id string|integer
---@param fields? { limit?: integer, cursor?: string, since?: integer }
---@return fun(): table?
function Client:iter_feeds(room_id, fields) end

--- Create a feed in a room.
--- `POST /v2/rooms/{roomId}/feeds`
---@param room_id string|integer
---@param fields { feedId: string, metadata?: table<string, any>, timestamp?: number }
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

--- Change metadata of a feed.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields { metadata: table<string, any> }
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

--- List the messages of a feed.
--- `GET /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields? { limit?: integer, cursor?: string, since?: integer }
---@return table value
---@return liveblocks.Meta meta
function Client:get_feed_messages(room_id, feed_id, fields) end

--- All items of all pages of get_feed_messages.
---@param room_id string|integer
---@param feed_id string|integer
---@param fields? { limit?: integer, cursor?: string, since?: integer }
---@return fun(): table?
function Client:iter_feed_messages(room_id, feed_id, fields) end

--- Add a message to a feed.
--- `POST /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string|integer
---@param feed_id string|integer
---@param fields { data: table<string, any>, id?: string, timestamp?: number }
---@return table value
---@return liveblocks.Meta meta
function Client:create_feed_message(room_id, feed_id, fields) end

--- Replace the data of a feed's message.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}/messages/{messageId}`
---@param room_id string|integer
---@param feed_id string|integer
---@param message_id string|integer
---@param fields { data: table<string, any>, timestamp?: number }
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

--- Old name of update_room_subscription_settings.
--- `POST /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string|integer
---@param user_id string|integer
---@param fields? { textMentions?: "mine"|"none", threads?: "all"|"replies_and_mentions"|"none" }
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

--- List projects.
--- `GET /v2/management/projects`
---@param fields? { limit?: integer, cursor?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_projects(fields) end

--- All items of all pages of get_management_projects.
---@param fields? { limit?: integer, cursor?: string }
---@return fun(): table?
function Client:iter_management_projects(fields) end

--- Create a project.
--- `POST /v2/management/projects`
---@param fields { description?: string, name?: string, type: "dev"|"prod", versionCreationTimeout?: false|integer }
---@return table value
---@return liveblocks.Meta meta
function Client:create_management_project(fields) end

--- Read one project.
--- `GET /v2/management/projects/{projectId}`
---@param project_id string|integer
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_project(project_id) end

--- Change a project.
--- `POST /v2/management/projects/{projectId}`
---@param project_id string|integer
---@param fields? { description?: string, name?: string, versionCreationTimeout?: false|integer }
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

--- Replace a project's public key.
--- `POST /v2/management/projects/{projectId}/api-keys/public/roll`
---@param project_id string|integer
---@param fields? { expirationIn?: "now"|"1h"|"1hour"|"1 hour"|"24hrs"|"24hours"|"24 hours"|"3d"|"3days"|"3 days"|"7d"|"7days"|"7 days" }
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_public_api_key(project_id, fields) end

--- Replace a project's secret key.
--- `POST /v2/management/projects/{projectId}/api-keys/secret/roll`
---@param project_id string|integer
---@param fields? { expirationIn?: "now"|"1h"|"1hour"|"1 hour"|"24hrs"|"24hours"|"24 hours"|"3d"|"3days"|"3 days"|"7d"|"7days"|"7 days", newKeyExpirationIn?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_secret_api_key(project_id, fields) end

--- List a project's webhooks.
--- `GET /v2/management/projects/{projectId}/webhooks`
---@param project_id string|integer
---@param fields? { limit?: integer, cursor?: string }
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhooks(project_id, fields) end

--- All items of all pages of get_management_webhooks.
---@param project_id string|integer
---@param fields? { limit?: integer, cursor?: string }
---@return fun(): table?
function Client:iter_management_webhooks(project_id, fields) end

--- Create a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks`
---@param project_id string|integer
---@param fields { additionalHeaders?: table<string, string>, rateLimit?: integer, storageUpdatedThrottleSeconds?: integer, subscribedEvents: liveblocks.EventType[], url: string, yDocUpdatedThrottleSeconds?: integer }
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

--- Change a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields? { disabled?: boolean, rateLimit?: integer, storageUpdatedThrottleSeconds?: integer, subscribedEvents?: liveblocks.EventType[], url?: string, yDocUpdatedThrottleSeconds?: integer }
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

--- Set headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/additional-headers`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields { headers: table<string, string> }
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_management_webhook_additional_headers(project_id, webhook_id, fields) end

--- Remove headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/delete-additional-headers`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields { headers: string[] }
---@return table value
---@return liveblocks.Meta meta
function Client:delete_management_webhook_additional_headers(project_id, webhook_id, fields) end

--- Send a webhook's failed messages again.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/recover-failed-messages`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields { since: string }
---@return true|table value
---@return liveblocks.Meta meta
function Client:recover_failed_webhook_messages(project_id, webhook_id, fields) end

--- Send a test event to a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/test`
---@param project_id string|integer
---@param webhook_id string|integer
---@param fields { subscribedEvent: liveblocks.EventType }
---@return table value
---@return liveblocks.Meta meta
function Client:send_test_webhook(project_id, webhook_id, fields) end

---@class liveblocks.Session
local Session = {}

--- Grants permissions in the rooms that the pattern names: an id, a prefix with * behind it, or *.
---@param pattern string
---@param permissions liveblocks.Permission[]|liveblocks.Permission
---@return liveblocks.Session self
function Session:allow(pattern, permissions) end

--- Asks for the token: { token = "..." }. A session can be authorized once.
---@return { token: string }
---@return liveblocks.Meta meta
function Session:authorize() end

---@class liveblocks.task
local task = {}

---@class liveblocks.Task
---@field done boolean
---@field traceback string? where it failed
local Task = {}

--- Starts fn(...) as a task, at the next step of the loop.
---@param fn function
---@param ... any
---@return liveblocks.Task
function task.spawn(fn, ...) end

--- From now on the tasks that the running coroutine starts, and those that they start, are in the background: the program
--- does not wait for them to end.
function task.background() end

--- Is there something left that the program has to wait for?
---@return boolean
function task.any_left() end

--- Waits for the task: returns what its function returned, or raises its error.
---@return any ...
function Task:wait() end

--- Makes what the task waits for, or its next wait, raise an error of kind "cancelled"; its call is ended.
function Task:cancel() end

--- Runs fn(...) as a task and waits for it.
---@param fn function
---@param ... any
---@return any ...
function task.run(fn, ...) end

--- Runs functions (or waits for tasks) side by side and returns the list of their first results.
---@param list (function|liveblocks.Task)[]
---@return any[]
function task.all(list) end

--- Calls fn(item, index) for every item, `concurrency` (16) at a time; returns the results in order. The first
--- error ends the others.
---@generic T
---@param items T[]|integer|fun(): T? a list, a count or an iterator
---@param fn fun(item: T, index: integer): any
---@param options? { concurrency?: integer }
---@return any[]
function task.map(items, fn, options) end

--- Waits without blocking other tasks.
---@param seconds number
function task.sleep(seconds) end

--- Runs fn(...) for at most `seconds`; then cancels it and raises an error of kind "timeout".
---@param seconds number
---@param fn function
---@param ... any
---@return any ...
function task.timeout(seconds, fn, ...) end

--- Tasks that have failed without anybody waiting for them; the list is emptied.
---@return liveblocks.Task[]
function task.unseen_failures() end

--- Calls fn(task) when a task fails that nobody waits for, instead of keeping it for unseen_failures. nil: no longer.
---@param fn fun(task: liveblocks.Task)?
function task.on_failure(fn) end

--- Is this code running in a task?
---@return boolean
function task.in_task() end

---@class liveblocks.query
local query = {}

--- Writes a table as text of the query language. Names are written in alphabetical order.
---@param fields liveblocks.Query|string a text is returned as it is
---@return string
function query.format(fields) end

---@class liveblocks.webhook
local webhook = {}

--- The signature of a webhook: "v1,...". For tests and for sending events.
---@param secret string
---@param id string
---@param timestamp integer|string
---@param body string
---@return string
function webhook.sign(secret, id, timestamp, body) end

--- A function that verifies webhooks, for who receives many: verify(headers, body, now?) returns the event and its id,
--- or nil and an error of kind "webhook". Its `code` is MISSING_HEADER, MALFORMED_HEADER, TOO_OLD, FROM_FUTURE,
--- WRONG_SIGNATURE or MALFORMED_BODY.
---@param secrets string[] any of them may have signed
---@param tolerance number? seconds, both ways (300)
---@return fun(headers: table, body: string, now: number?): table?, any
function webhook.verifier(secrets, tolerance) end

--- Verifies a webhook and returns its event. Event types that this version does not know pass as they are.
---@param request { secret?: string, secrets?: string[], headers: table, body: string, now?: number, tolerance?: number }
---@return { type: liveblocks.EventType, data: table }? event
---@return liveblocks.Error? err of kind "webhook"; `code` as for webhook.verifier
function webhook.verify(request) end

---@class liveblocks.http
local http = {}

---@class liveblocks.HttpResponse
---@field status integer
---@field headers table<string, string> by name, in any case
---@field body string
local Response = {}

--- The body as a Lua value.
---@return any
function Response:json() end

--- Sends a request. Raises for a status other than 2xx and when there is no answer.
---@param options liveblocks.HttpOptions
---@return liveblocks.HttpResponse
function http.request(options) end

--- The same, but returns nil and the error instead of raising.
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

--- A new LiveMap with these entries. The API does not promise to make one: see `allow_map` of mutate_storage.
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

--- A JSON value with its objects as LiveObject and its lists as LiveList, at every level.
---@param content any
function storage.live(content) end

--- A new LiveFile for a file that client:upload_file has uploaded, from what that returned.
---@param file { id: string, name: string, size: integer, mimeType: string }
---@return table view
function storage.file(file) end

--- What a view is: "LiveObject", "LiveMap", "LiveList", "LiveText", "LiveFile" or "plain"; nil for other values.
---@param v any
---@return "LiveObject"|"LiveMap"|"LiveList"|"LiveText"|"LiveFile"|"plain"|nil
function storage.kind(v) end

--- A view or plain LSON as simple JSON, as the API's `format = "json"` gives it: a copy, of plain tables.
---@param v any
---@return any
function storage.to_json(v) end

--- A view as plain LSON: a copy, of plain tables.
---@param v any
---@return any
function storage.to_lson(v) end

--- Opens a document in plain LSON for editing; nothing is sent. storage.patch(document) is what has changed since.
---@param lson table<string, any>
---@return { root: table } document its `root` is the view of the root
function storage.open(lson) end

--- The JSON Patch for what was changed in an opened document; options as those of mutate_storage.
---@param document { root: table }
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.patch(document, options) end

--- The JSON Patch that turns one document into another, both in plain LSON. Items of lists with the same `id` are taken
--- for the same.
---@param before table<string, any>
---@param after table<string, any>
---@param options? liveblocks.MutateOptions
---@return table[] patch
function storage.diff(before, after, options) end

---@class liveblocks.comment
local comment = {}

---@class liveblocks.CommentOptions
---@field users? fun(ids: string[]): table[] what is known of users, in the order of the ids; false for an unknown one
---@field groups? fun(ids: string[]): table[] the same for groups
---@field separator? string between paragraphs (a newline; two in Markdown)
---@field elements? { paragraph?: function, text?: function, link?: function, mention?: function }

--- Makes a text safe to stand in HTML, between tags or in a quoted attribute.
---@param text any
---@return string
function comment.escape_html(text) end

--- The elements of HTML, for the option `elements`.
---@param attributes table<string, string> what is added to the tags p, strong, code, a and span
---@return table<string, function>
function comment.html_elements(attributes) end

--- A comment body as plain text.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_text(body, options) end

--- A comment body as HTML. All that comes from the comment is escaped.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_html(body, options) end

--- A comment body as Markdown.
---@param body table
---@param options liveblocks.CommentOptions?
---@return string
function comment.to_markdown(body, options) end

--- The mentions of a body in their order, each id once.
---@param body table? nothing is mentioned in the missing body of a deleted comment
---@param predicate (fun(mention: table): boolean)?
---@return { type: "mention", kind: "user"|"group", id: string, userIds: string[]? }[]
function comment.mentions(body, predicate) end

--- A comment body from Markdown (GitHub's, as the Node SDK reads it). @name becomes a mention of that user.
---@param text string
---@return { version: 1, content: table[] }
function comment.from_markdown(text) end

---@class liveblocks.notify
local notify = {}

---@class liveblocks.EmailOptions
---@field users? fun(ids: string[]): table[] what is known of users (name, ...), in the order of the ids; false for none
---@field groups? fun(ids: string[]): table[] the same for groups
---@field room? fun(id: string): { name: string?, url: string? }? what is known of the room
---@field styles? { paragraph?: string, strong?: string, code?: string, mention?: string, link?: string } CSS

---@class liveblocks.EmailComment
---@field id string
---@field threadId string
---@field roomId string
---@field author { id: string, info: table }
---@field createdAt string
---@field url string? the address of the room with the comment as its fragment
---@field body string HTML

---@class liveblocks.Email
---@field type "unreadMention"|"unreadReplies"
---@field comment liveblocks.EmailComment? with unreadMention
---@field comments liveblocks.EmailComment[]? with unreadReplies
---@field roomInfo { name: string, url: string? }

--- What to tell a user about a thread. Returns nil when there is nothing (left) to tell; nil and the error when the
--- thread or the notification does not exist any more.
---@param client liveblocks.Client
---@param event table a webhook event of type "notification", kind "thread"
---@param options liveblocks.EmailOptions?
---@return liveblocks.Email?
---@return liveblocks.Error? gone
function notify.thread_email(client, event, options) end

---@class liveblocks.yjs
local yjs = {}

--- One update with what all of them say, in whatever order they came; what they say twice is in it once. A single one
--- is returned byte for byte.
---@param updates string[]
---@return string update
function yjs.merge(updates) end

--- Reads an update to its end; raises an error of kind "yjs" when it is none.
---@param update string
function yjs.check(update) end

--- The shared types of a document as JSON values by their names, as get_yjs_document answers them.
---@param updates string|string[] one update, or those that make the document together
---@param options { key: string?, type: "ymap"|"ytext"|"yxmltext"|"yxmlfragment"|"yarray"|nil, formatting: boolean? }?
---@return any
function yjs.to_json(updates, options) end

---@class liveblocks.mail
local mail = {}

---@class liveblocks.MailOptions
---@field url string smtps://host (TLS) or smtp://host[:port] (STARTTLS)
---@field user? string
---@field password? string
---@field plain? boolean smtp:// without TLS, for a server on this machine
---@field ca_file? string
---@field from string an address, or "Name <address>"
---@field to string|string[]
---@field cc? string|string[]
---@field bcc? string|string[] get it, but are not named in it
---@field reply_to? string
---@field subject string
---@field text? string for readers without HTML; one of text and html is required
---@field html? string
---@field id? string the left part of its Message-ID; the same again lets readers drop a second copy
---@field headers? table<string, string>
---@field timeout? number seconds (30)

--- The text of an e-mail, with its sender and recipients: what send() sends.
---@param options liveblocks.MailOptions
---@return string message
---@return { from: string, recipients: string[], id: string } envelope
function mail.message(options) end

--- Sends an e-mail. Raises when the server does not take it: `status` is the code of SMTP when it has refused (550), and
--- none when it could not be reached. It is tried again only when it cannot have been sent.
---@param options liveblocks.MailOptions
---@return { id: string } sent its Message-ID
function mail.send(options) end

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
---@field mail liveblocks.mail
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

return liveblocks
