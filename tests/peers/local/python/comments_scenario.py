"""Threads, comments, reactions, subscriptions and attachments."""

import urllib.request

from support import body, refused, words

ROOM = "py-comments"


def upload(sdk, attachment_id):
    """The SDK has no call for it."""
    client = sdk._client._client
    response = client.put(f"/v2/rooms/{ROOM}/attachments/{attachment_id}/upload/plan.txt?userId=ann&fileSize=5",
                          content=b"bytes", headers={"content-type": "application/octet-stream"})
    assert response.status_code == 200, response.text


def run(sdk):
    sdk.create_room(body=body("CreateRoomRequestBody", {"id": ROOM, "defaultAccesses": ["room:write"]}))
    attachment_id = "at_" + "A" * 21
    upload(sdk, attachment_id)
    thread = sdk.create_thread(ROOM, body=body("CreateThreadRequestBody", {
        "comment": {"userId": "ann", "body": words("look ", "bob")},
        "metadata": {"priority": 3, "open": True, "color": "blue"}}))
    assert thread.id.startswith("th_")

    comment = sdk.create_comment(ROOM, thread.id, body=body("CreateCommentRequestBody", {
        "userId": "bob", "body": words("seen"), "metadata": {"n": 1}, "attachmentIds": [attachment_id]}))
    assert comment.attachments[0].name == "plan.txt"
    attachment = sdk.get_attachment(ROOM, attachment_id)
    with urllib.request.urlopen(attachment.url) as response:
        assert response.read() == b"bytes"
    assert sdk.get_comment(ROOM, thread.id, comment.id).user_id == "bob"
    edited = sdk.edit_comment(ROOM, thread.id, comment.id, body=body("EditCommentRequestBody", {"body": words("done")}))
    assert edited.edited_at
    metadata = sdk.edit_comment_metadata(ROOM, thread.id, comment.id, body=body("EditCommentMetadataRequestBody", {
        "metadata": {"n": None, "m": 2.5}, "userId": "bob"}))
    assert metadata.to_dict() == {"m": 2.5}
    reaction = body("AddCommentReactionRequestBody", {"userId": "ann", "emoji": "👍"})
    assert sdk.add_comment_reaction(ROOM, thread.id, comment.id, body=reaction).emoji == "👍"
    refused(409, sdk.add_comment_reaction, ROOM, thread.id, comment.id, body=reaction)
    removal = body("RemoveCommentReactionRequestBody", {"userId": "ann", "emoji": "👍"})
    sdk.remove_comment_reaction(ROOM, thread.id, comment.id, body=removal)
    refused(404, sdk.remove_comment_reaction, ROOM, thread.id, comment.id, body=removal)

    metadata = sdk.edit_thread_metadata(ROOM, thread.id, body=body("EditThreadMetadataRequestBody", {
        "metadata": {"color": None, "priority": 4}, "userId": "ann"}))
    assert metadata.to_dict() == {"priority": 4, "open": True}
    user = {"userId": "ann"}
    assert sdk.mark_thread_as_resolved(ROOM, thread.id, body=body("MarkThreadAsResolvedRequestBody", user)).resolved
    assert len(sdk.get_threads(ROOM, query="resolved:true metadata['priority']>3").data) == 1
    assert not sdk.mark_thread_as_unresolved(ROOM, thread.id, body=body("MarkThreadAsUnresolvedRequestBody", user)).resolved
    assert sdk.get_threads(ROOM, query="resolved:true").data == []
    refused(422, sdk.get_threads, ROOM, query="resolved:")

    cat = {"userId": "cat"}
    assert sdk.subscribe_to_thread(ROOM, thread.id, body=body("SubscribeToThreadRequestBody", cat)).subject_id == thread.id
    subscribed = {one.user_id for one in sdk.get_thread_subscriptions(ROOM, thread.id).data}
    assert subscribed == {"ann", "bob", "cat"}, subscribed
    sdk.unsubscribe_from_thread(ROOM, thread.id, body=body("UnsubscribeFromThreadRequestBody", cat))

    sdk.delete_comment(ROOM, thread.id, comment.id)
    assert len([one for one in sdk.get_thread(ROOM, thread.id).comments if one.body]) == 1
    sdk.delete_thread(ROOM, thread.id)
    refused(404, sdk.get_thread, ROOM, thread.id)
    sdk.delete_room(ROOM)
