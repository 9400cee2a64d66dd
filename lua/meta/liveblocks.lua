---@meta _
-- Made from bindings/endpoints.def by scripts/tools/generate.lua; changes here are lost.
error("this file is for editors; require 'liveblocks' instead")

---@class liveblocks.Meta
---@field status integer
---@field attempts integer
---@field seconds number
---@field headers table any case
---@field warning string?

---@class liveblocks.Error
---@field kind "http"|"network"|"timeout"|"tls"|"json"|"usage"|"cancelled"|"memory"|"webhook"|"conflict"
---@field status integer?
---@field code string?
---@field message string
---@field reason string?
---@field suggestion string?
---@field docs string?
---@field retry_after number?
---@field method string?
---@field path string?
---@field attempts integer?
---@field body string?

---@class liveblocks.Client
---@field try liveblocks.Client the same calls, returning nil, err instead of raising
local Client = {}

--- List rooms, newest first; filter by metadata, user, groups or the query language.
--- `GET /v2/rooms`
---@param fields { limit?: integer, startingAfter?: string, organizationId?: string, query?: string|table, userId?: string, groupIds?: string[]|string, metadata?: table<string, string> }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_rooms(fields) end

--- All pages of get_rooms.
---@return fun(): table?
function Client:iter_rooms(...) end

--- Create a room; with idempotent = true an existing room is returned instead of an error.
--- `POST /v2/rooms`
---@param fields { idempotent?: boolean, defaultAccesses: any, engine?: any, groupsAccesses?: any, id: any, metadata?: any, organizationId?: any, usersAccesses?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_room(fields) end

--- Read one room.
--- `GET /v2/rooms/{roomId}`
---@param room_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_room(room_id) end

--- Change accesses or metadata of a room; null deletes an entry.
--- `POST /v2/rooms/{roomId}`
---@param room_id string
---@param fields { defaultAccesses?: any, groupsAccesses?: any, metadata?: any, usersAccesses?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room(room_id, fields) end

--- Delete a room with all that is in it.
--- `DELETE /v2/rooms/{roomId}`
---@param room_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room(room_id) end

--- Load a room ahead of its first visitor.
--- `GET /v2/rooms/{roomId}/prewarm`
---@param room_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:prewarm_room(room_id) end

--- Update a room, or create it when it is not there.
--- `POST /v2/rooms/{roomId}/upsert`
---@param room_id string
---@param fields { create?: any, update: any }
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_room(room_id, fields) end

--- Rename a room; the path takes its current id.
--- `POST /v2/rooms/{roomId}/update-room-id`
---@param room_id string
---@param fields { newRoomId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_id(room_id, fields) end

--- Move a room to another organization.
--- `POST /v2/rooms/{roomId}/update-organization-id`
---@param room_id string
---@param fields { fromOrganizationId: any, toOrganizationId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_organization_id(room_id, fields) end

--- List who is connected to a room right now.
--- `GET /v2/rooms/{roomId}/active-users`
---@param room_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_active_users(room_id) end

--- Show a user as present in a room for some seconds.
--- `POST /v2/rooms/{roomId}/presence`
---@param room_id string
---@param fields { data: any, ttl?: any, userId: any, userInfo?: any }
---@return true|table value
---@return liveblocks.Meta meta
function Client:set_presence(room_id, fields) end

--- Send an event, any JSON value, to all who are connected to a room.
--- `POST /v2/rooms/{roomId}/broadcast-event`
---@param room_id string
---@param body any
---@return true|table value
---@return liveblocks.Meta meta
function Client:broadcast_event(room_id, body) end

--- Read the Storage document of a room as plain LSON or simplified JSON.
--- `GET /v2/rooms/{roomId}/storage`
---@param room_id string
---@param fields { format?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_storage_document(room_id, fields) end

--- Write the Storage document of a room that has none.
--- `POST /v2/rooms/{roomId}/storage`
---@param room_id string
---@param fields { data: any, liveblocksType: any }
---@return table value
---@return liveblocks.Meta meta
function Client:initialize_storage_document(room_id, fields) end

--- Delete the Storage document of a room.
--- `DELETE /v2/rooms/{roomId}/storage`
---@param room_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_storage_document(room_id) end

--- Apply a JSON Patch (RFC 6902) to Storage, all of it or nothing.
--- `PATCH /v2/rooms/{roomId}/storage/json-patch`
---@param room_id string
---@param body any
---@return true|table value
---@return liveblocks.Meta meta
function Client:patch_storage_document(room_id, body) end

--- Read the Yjs document of a room as JSON.
--- `GET /v2/rooms/{roomId}/ydoc`
---@param room_id string
---@param fields { formatting?: boolean, key?: string, type?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_document(room_id, fields) end

--- Apply a binary Yjs update to a room.
--- `PUT /v2/rooms/{roomId}/ydoc`
---@param room_id string
---@param body string|{ file: string }
---@param fields { guid?: string }?
---@return true|table value
---@return liveblocks.Meta meta
function Client:send_yjs_binary_update(room_id, body, fields) end

--- Read the Yjs document of a room as one binary update.
--- `GET /v2/rooms/{roomId}/ydoc-binary`
---@param room_id string
---@param fields { guid?: string }?
---@return string value
---@return liveblocks.Meta meta
function Client:get_yjs_document_as_binary_update(room_id, fields) end

--- List the saved versions of a room.
--- `GET /v2/rooms/{roomId}/versions`
---@param room_id string
---@param fields { limit?: integer, cursor?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_yjs_versions(room_id, fields) end

--- The newer name of get_yjs_versions.
Client.get_version_history = Client.get_yjs_versions

--- All pages of get_yjs_versions.
---@return fun(): table?
function Client:iter_yjs_versions(...) end

--- Read one saved version as a binary Yjs update.
--- `GET /v2/rooms/{roomId}/versions/{versionId}/yjs`
---@param room_id string
---@param version_id string
---@return string value
---@return liveblocks.Meta meta
function Client:get_yjs_version(room_id, version_id) end

--- Save a version of a room now.
--- `POST /v2/rooms/{roomId}/versions`
---@param room_id string
---@return table value
---@return liveblocks.Meta meta
function Client:create_yjs_version(room_id) end

--- The newer name of create_yjs_version.
Client.create_version_history_snapshot = Client.create_yjs_version

--- List all threads of a room with their comments.
--- `GET /v2/rooms/{roomId}/threads`
---@param room_id string
---@param fields { query?: string|table }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_threads(room_id, fields) end

--- Start a thread with its first comment.
--- `POST /v2/rooms/{roomId}/threads`
---@param room_id string
---@param fields { comment: any, metadata?: any, visibility?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_thread(room_id, fields) end

--- Read one thread with its comments.
--- `GET /v2/rooms/{roomId}/threads/{threadId}`
---@param room_id string
---@param thread_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread(room_id, thread_id) end

--- Delete a thread.
--- `DELETE /v2/rooms/{roomId}/threads/{threadId}`
---@param room_id string
---@param thread_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_thread(room_id, thread_id) end

--- Change metadata of a thread; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/metadata`
---@param room_id string
---@param thread_id string
---@param fields { metadata: any, updatedAt?: any, userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:edit_thread_metadata(room_id, thread_id, fields) end

--- Mark a thread as resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-resolved`
---@param room_id string
---@param thread_id string
---@param fields { userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_resolved(room_id, thread_id, fields) end

--- Mark a thread as not resolved.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/mark-as-unresolved`
---@param room_id string
---@param thread_id string
---@param fields { userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:mark_thread_as_unresolved(room_id, thread_id, fields) end

--- Subscribe a user to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/subscribe`
---@param room_id string
---@param thread_id string
---@param fields { userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:subscribe_to_thread(room_id, thread_id, fields) end

--- End a user's subscription to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/unsubscribe`
---@param room_id string
---@param thread_id string
---@param fields { userId: any }
---@return true|table value
---@return liveblocks.Meta meta
function Client:unsubscribe_from_thread(room_id, thread_id, fields) end

--- List who is subscribed to a thread.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/subscriptions`
---@param room_id string
---@param thread_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_subscriptions(room_id, thread_id) end

--- Add a comment to a thread.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments`
---@param room_id string
---@param thread_id string
---@param fields { attachmentIds?: any, body: any, createdAt?: any, metadata?: any, userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_comment(room_id, thread_id, fields) end

--- Read one comment.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_comment(room_id, thread_id, comment_id) end

--- Replace the body of a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@param fields { attachmentIds?: any, body: any, editedAt?: any, metadata?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:edit_comment(room_id, thread_id, comment_id, fields) end

--- Delete a comment; the thread goes with its last one.
--- `DELETE /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_comment(room_id, thread_id, comment_id) end

--- Add a user's emoji reaction to a comment.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/add-reaction`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@param fields { createdAt?: any, emoji: any, userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:add_comment_reaction(room_id, thread_id, comment_id, fields) end

--- Take a user's emoji reaction back.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/remove-reaction`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@param fields { emoji: any, removedAt?: any, userId: any }
---@return true|table value
---@return liveblocks.Meta meta
function Client:remove_comment_reaction(room_id, thread_id, comment_id, fields) end

--- Get name, size and download URL of a comment's attachment.
--- `GET /v2/rooms/{roomId}/attachments/{attachmentId}`
---@param room_id string
---@param attachment_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_attachment(room_id, attachment_id) end

--- Change metadata of a comment; null deletes a key.
--- `POST /v2/rooms/{roomId}/threads/{threadId}/comments/{commentId}/metadata`
---@param room_id string
---@param thread_id string
---@param comment_id string
---@param fields { metadata: any, updatedAt?: any, userId: any }
---@return table value
---@return liveblocks.Meta meta
function Client:edit_comment_metadata(room_id, thread_id, comment_id, fields) end

--- List the inbox notifications of a thread, of all users.
--- `GET /v2/rooms/{roomId}/threads/{threadId}/inbox-notifications`
---@param room_id string
---@param thread_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_inbox_notifications(room_id, thread_id) end

--- Get an access token for a user.
--- `POST /v2/authorize-user`
---@param fields { organizationId?: any, permissions: any, userId: any, userInfo?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:authorize_user(fields) end

--- Get an ID token for a user.
--- `POST /v2/identify-user`
---@param fields { groupIds?: any, organizationId?: any, userId: any, userInfo?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:identify_user(fields) end

--- Read one inbox notification of a user.
--- `GET /v2/users/{userId}/inbox-notifications/{inboxNotificationId}`
---@param user_id string
---@param inbox_notification_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_inbox_notification(user_id, inbox_notification_id) end

--- Delete one inbox notification of a user.
--- `DELETE /v2/users/{userId}/inbox-notifications/{inboxNotificationId}`
---@param user_id string
---@param inbox_notification_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_inbox_notification(user_id, inbox_notification_id) end

--- List a user's inbox notifications.
--- `GET /v2/users/{userId}/inbox-notifications`
---@param user_id string
---@param fields { organizationId?: string, query?: string|table, limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_inbox_notifications(user_id, fields) end

--- All pages of get_inbox_notifications.
---@return fun(): table?
function Client:iter_inbox_notifications(...) end

--- Delete all inbox notifications of a user.
--- `DELETE /v2/users/{userId}/inbox-notifications`
---@param user_id string
---@param fields { organizationId?: string }?
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_all_inbox_notifications(user_id, fields) end

--- Read which channels notify a user of what.
--- `GET /v2/users/{userId}/notification-settings`
---@param user_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_notification_settings(user_id) end

--- Change which channels notify a user of what.
--- `POST /v2/users/{userId}/notification-settings`
---@param user_id string
---@param fields { email?: any, slack?: any, teams?: any, webPush?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_notification_settings(user_id, fields) end

--- Reset a user's notification settings.
--- `DELETE /v2/users/{userId}/notification-settings`
---@param user_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_notification_settings(user_id) end

--- Read what a user is subscribed to in a room.
--- `GET /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string
---@param user_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_room_subscription_settings(room_id, user_id) end

--- Change what a user is subscribed to in a room.
--- `POST /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string
---@param user_id string
---@param fields { textMentions?: any, threads?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_subscription_settings(room_id, user_id, fields) end

--- Reset what a user is subscribed to in a room.
--- `DELETE /v2/rooms/{roomId}/users/{userId}/subscription-settings`
---@param room_id string
---@param user_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room_subscription_settings(room_id, user_id) end

--- List a user's subscription settings of all rooms.
--- `GET /v2/users/{userId}/room-subscription-settings`
---@param user_id string
---@param fields { limit?: integer, startingAfter?: string, organizationId?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_room_subscription_settings(user_id, fields) end

--- All pages of get_user_room_subscription_settings.
---@return fun(): table?
function Client:iter_user_room_subscription_settings(...) end

--- Put a custom notification into a user's inbox.
--- `POST /v2/inbox-notifications/trigger`
---@param fields { activityData: any, kind: any, organizationId?: any, roomId?: any, subjectId: any, userId: any }
---@return true|table value
---@return liveblocks.Meta meta
function Client:trigger_inbox_notification(fields) end

--- Mark an inbox notification as read.
--- `POST /v2/inbox-notifications/{inboxNotificationId}/read`
---@param inbox_notification_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:mark_inbox_notification_as_read(inbox_notification_id) end

--- List groups.
--- `GET /v2/groups`
---@param fields { limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_groups(fields) end

--- All pages of get_groups.
---@return fun(): table?
function Client:iter_groups(...) end

--- Create a group of users.
--- `POST /v2/groups`
---@param fields { id: any, memberIds?: any, organizationId?: any, scopes?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_group(fields) end

--- Read one group.
--- `GET /v2/groups/{groupId}`
---@param group_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_group(group_id) end

--- Delete a group.
--- `DELETE /v2/groups/{groupId}`
---@param group_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_group(group_id) end

--- Add users to a group.
--- `POST /v2/groups/{groupId}/add-members`
---@param group_id string
---@param fields { memberIds: any }
---@return table value
---@return liveblocks.Meta meta
function Client:add_group_members(group_id, fields) end

--- Remove users from a group.
--- `POST /v2/groups/{groupId}/remove-members`
---@param group_id string
---@param fields { memberIds: any }
---@return table value
---@return liveblocks.Meta meta
function Client:remove_group_members(group_id, fields) end

--- List the groups a user is in.
--- `GET /v2/users/{userId}/groups`
---@param user_id string
---@param fields { limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_user_groups(user_id, fields) end

--- All pages of get_user_groups.
---@return fun(): table?
function Client:iter_user_groups(...) end

--- List AI copilots.
--- `GET /v2/ai/copilots`
---@param fields { limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilots(fields) end

--- All pages of get_ai_copilots.
---@return fun(): table?
function Client:iter_ai_copilots(...) end

--- Create an AI copilot.
--- `POST /v2/ai/copilots`
---@param fields { alwaysUseKnowledge?: any, compatibleProviderName?: any, description?: any, knowledgePrompt?: any, name: any, provider: any, providerApiKey: any, providerBaseUrl?: any, providerModel: any, providerOptions?: any, settings?: any, systemPrompt: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_ai_copilot(fields) end

--- Read one AI copilot.
--- `GET /v2/ai/copilots/{copilotId}`
---@param copilot_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_ai_copilot(copilot_id) end

--- Change an AI copilot; null clears what may be empty.
--- `POST /v2/ai/copilots/{copilotId}`
---@param copilot_id string
---@param fields { alwaysUseKnowledge?: any, compatibleProviderName?: any, description?: any, knowledgePrompt?: any, name?: any, provider?: any, providerApiKey?: any, providerBaseUrl?: any, providerModel?: any, providerOptions?: any, settings?: any, systemPrompt?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_ai_copilot(copilot_id, fields) end

--- Delete an AI copilot.
--- `DELETE /v2/ai/copilots/{copilotId}`
---@param copilot_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_ai_copilot(copilot_id) end

--- List what a copilot knows from.
--- `GET /v2/ai/copilots/{copilotId}/knowledge`
---@param copilot_id string
---@param fields { limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_sources(copilot_id, fields) end

--- All pages of get_knowledge_sources.
---@return fun(): table?
function Client:iter_knowledge_sources(...) end

--- Read one knowledge source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/{knowledgeSourceId}`
---@param copilot_id string
---@param knowledge_source_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_knowledge_source(copilot_id, knowledge_source_id) end

--- Let a copilot learn from a page, a site or a sitemap.
--- `POST /v2/ai/copilots/{copilotId}/knowledge/web`
---@param copilot_id string
---@param fields { copilotId?: any, type: any, url: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_web_knowledge_source(copilot_id, fields) end

--- Let a copilot learn from a file.
--- `PUT /v2/ai/copilots/{copilotId}/knowledge/file/{name}`
---@param copilot_id string
---@param name string
---@param body string|{ file: string }
---@return table value
---@return liveblocks.Meta meta
function Client:create_file_knowledge_source(copilot_id, name, body) end

--- Read the text a copilot took from a file.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/file/{knowledgeSourceId}`
---@param copilot_id string
---@param knowledge_source_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_file_knowledge_source_markdown(copilot_id, knowledge_source_id) end

--- Delete a file that a copilot knows from.
--- `DELETE /v2/ai/copilots/{copilotId}/knowledge/file/{knowledgeSourceId}`
---@param copilot_id string
---@param knowledge_source_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_file_knowledge_source(copilot_id, knowledge_source_id) end

--- Delete a web source that a copilot knows from.
--- `DELETE /v2/ai/copilots/{copilotId}/knowledge/web/{knowledgeSourceId}`
---@param copilot_id string
---@param knowledge_source_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_web_knowledge_source(copilot_id, knowledge_source_id) end

--- List the pages found in a web source.
--- `GET /v2/ai/copilots/{copilotId}/knowledge/web/{knowledgeSourceId}/links`
---@param copilot_id string
---@param knowledge_source_id string
---@param fields { limit?: integer, startingAfter?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_web_knowledge_source_links(copilot_id, knowledge_source_id, fields) end

--- All pages of get_web_knowledge_source_links.
---@return fun(): table?
function Client:iter_web_knowledge_source_links(...) end

--- Create a room, or return it when it exists.
--- `POST /v2/rooms?idempotent=true`
---@param fields { defaultAccesses: any, groupsAccesses?: any, id: any, metadata?: any, organizationId?: any, usersAccesses?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:get_or_create_room(fields) end

--- Delete a saved version of a room.
--- `DELETE /v2/rooms/{roomId}/versions/{versionId}`
---@param room_id string
---@param version_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_version(room_id, version_id) end

--- List who takes part in a thread (deprecated: see get_thread_subscriptions).
--- `GET /v2/rooms/{roomId}/threads/{threadId}/participants`
---@param room_id string
---@param thread_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_thread_participants(room_id, thread_id) end

--- Upload a comment attachment in one piece; client:upload_file chooses the way for you.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/upload/{name}`
---@param room_id string
---@param attachment_id string
---@param name string
---@param body string|{ file: string }
---@param fields { userId: string, fileSize?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment(room_id, attachment_id, name, body, fields) end

--- Begin the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{name}`
---@param room_id string
---@param attachment_id string
---@param name string
---@param fields { fileSize?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:create_attachment_multipart_upload(room_id, attachment_id, name, fields) end

--- Upload one part of an attachment.
--- `PUT /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/{partNumber}`
---@param room_id string
---@param attachment_id string
---@param upload_id string
---@param part_number string
---@param body string|{ file: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_attachment_multipart_part(room_id, attachment_id, upload_id, part_number, body) end

--- Finish the upload of an attachment in parts.
--- `POST /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}/complete`
---@param room_id string
---@param attachment_id string
---@param upload_id string
---@param fields { userId: string, parts: any }
---@return table value
---@return liveblocks.Meta meta
function Client:complete_attachment_multipart_upload(room_id, attachment_id, upload_id, fields) end

--- Give up the upload of an attachment in parts.
--- `DELETE /v2/rooms/{roomId}/attachments/{attachmentId}/multipart/{uploadId}`
---@param room_id string
---@param attachment_id string
---@param upload_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:abort_attachment_multipart_upload(room_id, attachment_id, upload_id) end

--- Get name, size and download URL of a file in Storage.
--- `GET /v2/rooms/{roomId}/storage/files/{fileId}`
---@param room_id string
---@param file_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_storage_file(room_id, file_id) end

--- The newer name of get_storage_file.
Client.get_file_url = Client.get_storage_file

--- Upload a file for Storage in one piece.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/upload/{name}`
---@param room_id string
---@param file_id string
---@param name string
---@param body string|{ file: string }
---@param fields { fileSize?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file(room_id, file_id, name, body, fields) end

--- Begin the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{name}`
---@param room_id string
---@param file_id string
---@param name string
---@param fields { fileSize?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:create_storage_file_multipart_upload(room_id, file_id, name, fields) end

--- Upload one part of a Storage file.
--- `PUT /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/{partNumber}`
---@param room_id string
---@param file_id string
---@param upload_id string
---@param part_number string
---@param body string|{ file: string }
---@return table value
---@return liveblocks.Meta meta
function Client:upload_storage_file_multipart_part(room_id, file_id, upload_id, part_number, body) end

--- Finish the upload of a Storage file in parts.
--- `POST /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}/complete`
---@param room_id string
---@param file_id string
---@param upload_id string
---@param fields { parts: any }
---@return table value
---@return liveblocks.Meta meta
function Client:complete_storage_file_multipart_upload(room_id, file_id, upload_id, fields) end

--- Give up the upload of a Storage file in parts.
--- `DELETE /v2/rooms/{roomId}/storage/files/{fileId}/multipart/{uploadId}`
---@param room_id string
---@param file_id string
---@param upload_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:abort_storage_file_multipart_upload(room_id, file_id, upload_id) end

--- Read Storage as nodes, one a line, and get an actor for send_message (undocumented by the vendor).
--- `POST /v2/rooms/{roomId}/request-storage-mutation`
---@param room_id string
---@return string value
---@return liveblocks.Meta meta
function Client:request_storage_mutation(room_id) end

--- Send Storage operations (undocumented by the vendor).
--- `POST /v2/rooms/{roomId}/send-message`
---@param room_id string
---@param fields { messages: any }
---@return table value
---@return liveblocks.Meta meta
function Client:send_message(room_id, fields) end

--- List the feeds of a room.
--- `GET /v2/rooms/{roomId}/feeds`
---@param room_id string
---@param fields { limit?: integer, cursor?: string, since?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_feeds(room_id, fields) end

--- All pages of get_feeds.
---@return fun(): table?
function Client:iter_feeds(...) end

--- Create a feed in a room.
--- `POST /v2/rooms/{roomId}/feeds`
---@param room_id string
---@param fields { feedId: any, metadata?: any, timestamp?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_feed(room_id, fields) end

--- Read one feed.
--- `GET /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string
---@param feed_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_feed(room_id, feed_id) end

--- Change metadata of a feed.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string
---@param feed_id string
---@param fields { metadata: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_feed(room_id, feed_id, fields) end

--- Delete a feed.
--- `DELETE /v2/rooms/{roomId}/feeds/{feedId}`
---@param room_id string
---@param feed_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_feed(room_id, feed_id) end

--- List the messages of a feed.
--- `GET /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string
---@param feed_id string
---@param fields { limit?: integer, cursor?: string, since?: integer }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_feed_messages(room_id, feed_id, fields) end

--- All pages of get_feed_messages.
---@return fun(): table?
function Client:iter_feed_messages(...) end

--- Add a message to a feed.
--- `POST /v2/rooms/{roomId}/feeds/{feedId}/messages`
---@param room_id string
---@param feed_id string
---@param fields { data: any, id?: any, timestamp?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_feed_message(room_id, feed_id, fields) end

--- Replace the data of a feed's message.
--- `PATCH /v2/rooms/{roomId}/feeds/{feedId}/messages/{messageId}`
---@param room_id string
---@param feed_id string
---@param message_id string
---@param fields { data: any, timestamp?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_feed_message(room_id, feed_id, message_id, fields) end

--- Delete a message of a feed.
--- `DELETE /v2/rooms/{roomId}/feeds/{feedId}/messages/{messageId}`
---@param room_id string
---@param feed_id string
---@param message_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_feed_message(room_id, feed_id, message_id) end

--- Old name of get_room_subscription_settings.
--- `GET /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string
---@param user_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_room_notification_settings(room_id, user_id) end

--- Old name of update_room_subscription_settings.
--- `POST /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string
---@param user_id string
---@param fields { textMentions?: any, threads?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_room_notification_settings(room_id, user_id, fields) end

--- Old name of delete_room_subscription_settings.
--- `DELETE /v2/rooms/{roomId}/users/{userId}/notification-settings`
---@param room_id string
---@param user_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_room_notification_settings(room_id, user_id) end

--- List projects.
--- `GET /v2/management/projects`
---@param fields { limit?: integer, cursor?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_projects(fields) end

--- All pages of get_management_projects.
---@return fun(): table?
function Client:iter_management_projects(...) end

--- Create a project.
--- `POST /v2/management/projects`
---@param fields { description?: any, name?: any, type: any, versionCreationTimeout?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_management_project(fields) end

--- Read one project.
--- `GET /v2/management/projects/{projectId}`
---@param project_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_project(project_id) end

--- Change a project.
--- `POST /v2/management/projects/{projectId}`
---@param project_id string
---@param fields { description?: any, name?: any, versionCreationTimeout?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_management_project(project_id, fields) end

--- Delete a project.
--- `DELETE /v2/management/projects/{projectId}`
---@param project_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_management_project(project_id) end

--- Switch a project's public key on.
--- `POST /v2/management/projects/{projectId}/api-keys/public/activate`
---@param project_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:activate_project_public_api_key(project_id) end

--- Switch a project's public key off.
--- `POST /v2/management/projects/{projectId}/api-keys/public/deactivate`
---@param project_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:deactivate_project_public_api_key(project_id) end

--- Replace a project's public key.
--- `POST /v2/management/projects/{projectId}/api-keys/public/roll`
---@param project_id string
---@param fields { expirationIn?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_public_api_key(project_id, fields) end

--- Replace a project's secret key.
--- `POST /v2/management/projects/{projectId}/api-keys/secret/roll`
---@param project_id string
---@param fields { expirationIn?: any, newKeyExpirationIn?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:roll_project_secret_api_key(project_id, fields) end

--- List a project's webhooks.
--- `GET /v2/management/projects/{projectId}/webhooks`
---@param project_id string
---@param fields { limit?: integer, cursor?: string }?
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhooks(project_id, fields) end

--- All pages of get_management_webhooks.
---@return fun(): table?
function Client:iter_management_webhooks(...) end

--- Create a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks`
---@param project_id string
---@param fields { additionalHeaders?: any, rateLimit?: any, storageUpdatedThrottleSeconds?: any, subscribedEvents: any, url: any, yDocUpdatedThrottleSeconds?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:create_management_webhook(project_id, fields) end

--- Read one webhook.
--- `GET /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string
---@param webhook_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhook(project_id, webhook_id) end

--- Change a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string
---@param webhook_id string
---@param fields { disabled?: any, rateLimit?: any, storageUpdatedThrottleSeconds?: any, subscribedEvents?: any, url?: any, yDocUpdatedThrottleSeconds?: any }
---@return table value
---@return liveblocks.Meta meta
function Client:update_management_webhook(project_id, webhook_id, fields) end

--- Delete a webhook.
--- `DELETE /v2/management/projects/{projectId}/webhooks/{webhookId}`
---@param project_id string
---@param webhook_id string
---@return true|table value
---@return liveblocks.Meta meta
function Client:delete_management_webhook(project_id, webhook_id) end

--- Replace a webhook's secret; the old one works for another 24 hours.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/secret/roll`
---@param project_id string
---@param webhook_id string
---@return table value
---@return liveblocks.Meta meta
function Client:roll_management_webhook_secret(project_id, webhook_id) end

--- Read the headers that a webhook adds.
--- `GET /v2/management/projects/{projectId}/webhooks/{webhookId}/additional-headers`
---@param project_id string
---@param webhook_id string
---@return table value
---@return liveblocks.Meta meta
function Client:get_management_webhook_additional_headers(project_id, webhook_id) end

--- Set headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/additional-headers`
---@param project_id string
---@param webhook_id string
---@param fields { headers: any }
---@return table value
---@return liveblocks.Meta meta
function Client:upsert_management_webhook_additional_headers(project_id, webhook_id, fields) end

--- Remove headers that a webhook adds.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/delete-additional-headers`
---@param project_id string
---@param webhook_id string
---@param fields { headers: any }
---@return table value
---@return liveblocks.Meta meta
function Client:delete_management_webhook_additional_headers(project_id, webhook_id, fields) end

--- Send a webhook's failed messages again.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/recover-failed-messages`
---@param project_id string
---@param webhook_id string
---@param fields { since: any }
---@return true|table value
---@return liveblocks.Meta meta
function Client:recover_failed_webhook_messages(project_id, webhook_id, fields) end

--- Send a test event to a webhook.
--- `POST /v2/management/projects/{projectId}/webhooks/{webhookId}/test`
---@param project_id string
---@param webhook_id string
---@param fields { subscribedEvent: any }
---@return table value
---@return liveblocks.Meta meta
function Client:send_test_webhook(project_id, webhook_id, fields) end

--- Edits the Storage document of a room as plain Lua; sends one guarded JSON Patch.
---@param room_id string
---@param fn fun(root: table): any
---@param options { dry_run: boolean?, attempts: integer?, guard: "values"|"structure"|"none"|nil,
---allow_conversion: boolean?, allow_map: boolean?, idempotent: boolean?, before_send: function? }?
---@return table[] patch
---@return { attempts: integer, sent: boolean, result: any } info
function Client:mutate_storage(room_id, fn, options) end

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
