"""Feeds and their messages."""

from support import body, refused

NEEDS = "create_feed"


def run(sdk):
    room = "py/feeds"
    sdk.create_room(body=body("CreateRoomRequestBody", {"id": room, "defaultAccesses": ["room:write"]}))
    first = {"feedId": "f", "metadata": {"name": "chat"}, "timestamp": 1700000000000}
    feed = sdk.create_feed(room, body=body("CreateFeedRequestBody", first))
    assert feed.created_at == 1700000000000, feed
    refused(409, sdk.create_feed, room, body=body("CreateFeedRequestBody", first))
    sdk.update_feed(room, "f", body=body("UpdateFeedRequestBody", {"metadata": {"name": "talk"}}))
    assert sdk.get_feed(room, "f").metadata.to_dict() == {"name": "talk"}
    assert len(sdk.get_feeds(room, since=1699999999999).data) == 1
    assert sdk.get_feeds(room, since=1700000000000).data == []

    def message(number):
        return body("CreateFeedMessageRequestBody", {
            "id": f"m{number}", "data": {"n": number}, "timestamp": 1700000000000 + number})

    for number in (1, 2, 3):
        assert sdk.create_feed_message(room, "f", body=message(number)).id == f"m{number}"
    assert [one.id for one in sdk.get_feed_messages(room, "f", limit=2).data] == ["m3", "m2"]
    assert [one.id for one in sdk.get_feed_messages(room, "f", since=1700000000002).data] == ["m3"]
    changed = sdk.update_feed_message(room, "f", "m1", body=body("UpdateFeedMessageRequestBody", {"data": {"n": 10}}))
    assert changed.data.to_dict() == {"n": 10}
    sdk.delete_feed_message(room, "f", "m1")
    assert len(sdk.get_feed_messages(room, "f").data) == 2
    sdk.delete_feed(room, "f")
    refused(404, sdk.get_feed, room, "f")
    sdk.delete_room(room)
