"""Storage, Yjs updates and versions."""

import io

from liveblocks.models import (
    AddJsonPatchOperation,
    GetStorageDocumentFormat,
    RemoveJsonPatchOperation,
    TestJsonPatchOperation,
)
from liveblocks.types import File

from support import body, refused, renamed

# A Yjs update: the text "hi" in the shared type "t".
UPDATE = bytes([1, 1, 1, 0, 4, 1, 1, 0x74, 2, 0x68, 0x69, 0])


def run(sdk):
    room = "py/storage"
    sdk.create_room(body=body("CreateRoomRequestBody", {"id": room, "defaultAccesses": []}))
    document = {"liveblocksType": "LiveObject", "data": {
        "title": "Plan", "list": {"liveblocksType": "LiveList", "data": [1, 2.5, None, {"plain": True}]},
        "map": {"liveblocksType": "LiveMap", "data": {"a": "b"}}}}
    sdk.initialize_storage_document(room, body=body("InitializeStorageDocumentBody", document))
    assert sdk.get_storage_document(room).to_dict() == document
    refused(409, sdk.initialize_storage_document, room, body=body("InitializeStorageDocumentBody", document))
    plain = sdk.get_storage_document(room, format_=GetStorageDocumentFormat.JSON).to_dict()
    assert plain == {"title": "Plan", "list": [1, 2.5, None, {"plain": True}], "map": {"a": "b"}}
    sdk.patch_storage_document(room, body=[
        TestJsonPatchOperation(op="test", path="/title", value="Plan"),
        AddJsonPatchOperation(op="add", path="/list/-", value="last"),
        RemoveJsonPatchOperation(op="remove", path="/map/a")])
    refused(422, sdk.patch_storage_document, room, body=[
        AddJsonPatchOperation(op="add", path="/lost", value=1),
        TestJsonPatchOperation(op="test", path="/title", value="Other")])
    plain = sdk.get_storage_document(room, format_=GetStorageDocumentFormat.JSON).to_dict()
    assert plain["list"][-1] == "last" and plain["map"] == {} and "lost" not in plain
    sdk.delete_storage_document(room)
    assert sdk.get_storage_document(room).to_dict() == {"liveblocksType": "LiveObject", "data": {}}

    assert sdk.get_yjs_document(room).to_dict() == {}
    sdk.send_yjs_binary_update(room, body=File(payload=io.BytesIO(UPDATE)))
    assert sdk.get_yjs_document_as_binary_update(room).payload.read() == UPDATE
    version = renamed(sdk, "create_version_history_snapshot", "create_yjs_version")(room).data.id
    versions = renamed(sdk, "get_version_history", "get_yjs_versions")(room, limit=10)
    assert [one.id for one in versions.data] == [version] and versions.next_cursor is None
    assert sdk.get_yjs_version(room, version).payload.read() == UPDATE
    if hasattr(type(sdk._client), "delete_version"):
        sdk.delete_version(room, version)
    sdk.delete_room(room)
