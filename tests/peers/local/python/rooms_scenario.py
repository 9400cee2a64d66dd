"""Rooms, presence, broadcasts and tokens."""

from liveblocks.errors import LiveblocksError

from support import body, refused


def run(sdk):
    make = {"id": "py/room é", "defaultAccesses": ["room:write"], "metadata": {"color": "blue", "tags": ["a", "b"]},
            "usersAccesses": {"ann": ["room:write"]}, "groupsAccesses": {"team": ["room:read"]}}
    room = sdk.create_room(body=body("CreateRoomRequestBody", make))
    assert room.id == "py/room é" and room.metadata["tags"] == ["a", "b"]
    error = refused(409, sdk.create_room, body=body("CreateRoomRequestBody", make))
    assert "already exists" in str(error)
    assert sdk.create_room(body=body("CreateRoomRequestBody", make), idempotent=True).id == room.id
    assert sdk.get_room(room.id).to_dict()["usersAccesses"] == {"ann": ["room:write"]}
    changed = sdk.update_room(room.id, body=body("UpdateRoomRequestBody", {"metadata": {"color": None}}))
    assert changed.metadata.to_dict() == {"tags": ["a", "b"]}
    made = sdk.upsert_room("py/upsert", body=body("UpsertRoomRequestBody", {
        "update": {"metadata": {"k": "v"}}, "create": {"id": "py/upsert", "defaultAccesses": []}}))
    assert made.metadata["k"] == "v"
    for i in range(25):
        sdk.create_room(body=body("CreateRoomRequestBody", {"id": f"py/page {i}", "defaultAccesses": []}))
    seen, cursor = [], None
    while True:
        page = sdk.get_rooms(limit=10, query='roomId^"py/page"', **({"starting_after": cursor} if cursor else {}))
        seen += [one.id for one in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == [f"py/page {i}" for i in reversed(range(25))]
    assert [one.id for one in sdk.get_rooms(user_id="ann").data] == [room.id]
    assert [one.id for one in sdk.get_rooms(group_ids="other,team").data] == [room.id]

    renamed = sdk.update_room_id(room.id, body=body("UpdateRoomIdRequestBody", {"newRoomId": "py/renamed"}))
    assert renamed.id == "py/renamed"
    refused(404, sdk.get_room, room.id)
    moved = sdk.update_room_organization_id("py/renamed", body=body("UpdateRoomOrganizationIdRequestBody", {
        "fromOrganizationId": "default", "toOrganizationId": "acme"}))
    assert moved.organization_id == "acme"
    assert [one.id for one in sdk.get_rooms(organization_id="acme").data] == ["py/renamed"]

    sdk.prewarm_room("py/renamed")
    sdk.set_presence("py/renamed", body=body("SetPresenceRequestBody", {
        "userId": "ann", "data": {"cursor": 1}, "userInfo": {"name": "Ann"}, "ttl": 3599}))
    assert [user.id for user in sdk.get_active_users("py/renamed").data] == ["ann"]
    for event in ({"type": "EMOJI"}, ["a"], "text", 1, True):
        sdk.broadcast_event("py/renamed", body=event)

    token = sdk.authorize_user(body=body("AuthorizeUserRequestBody", {
        "userId": "ann", "permissions": {"py/*": ["room:write"]}})).token
    assert token.count(".") == 2
    assert sdk.identify_user(body=body("IdentifyUserRequestBody", {"userId": "ann", "groupIds": ["team"]})).token
    session = sdk.prepare_session("ann")
    session.allow("py/*", session.FULL_ACCESS)
    assert session.authorize().token

    sdk.delete_room("py/renamed")
    try:
        sdk.get_room("py/renamed")
        raise AssertionError("a deleted room was found")
    except LiveblocksError as error:
        assert error.status == 404
