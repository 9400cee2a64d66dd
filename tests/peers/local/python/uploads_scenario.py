"""Attachments and files of Storage: whole, and in parts."""

import io
import urllib.request

from liveblocks.types import File

from support import body, refused

NEEDS = "upload_storage_file"

ROOM = "py/uploads"
PART = 5 * 1024 * 1024


def content(data):
    return File(payload=io.BytesIO(data))


def read(url):
    with urllib.request.urlopen(url) as response:
        return response.read()


def in_parts(sdk, kind, file_id, **user):
    """Uploads two parts; `kind` is attachment or storage_file. Returns the bytes."""
    def call(verb, thing):
        return getattr(sdk, f"{verb}_{kind}_multipart_{thing}")

    name = "".join(word.capitalize() for word in kind.split("_"))
    data = b"a" * PART + b"end"
    upload = call("create", "upload")(ROOM, file_id, "big.bin", file_size=len(data))
    parts = []
    for number, piece in ((1, data[:PART]), (2, data[PART:])):
        part = call("upload", "part")(ROOM, file_id, upload.upload_id, number, body=content(piece))
        parts.append({"partNumber": part.part_number, "etag": part.etag})
    request = body(f"Complete{name}MultipartUploadRequestBody", {"parts": parts})
    call("complete", "upload")(ROOM, file_id, upload.upload_id, body=request, **user)
    dropped = call("create", "upload")(ROOM, file_id[:-1] + "Z", "no.bin", file_size=len(data))
    call("abort", "upload")(ROOM, file_id[:-1] + "Z", dropped.upload_id)
    return data


def run(sdk):
    sdk.create_room(body=body("CreateRoomRequestBody", {"id": ROOM, "defaultAccesses": []}))
    file_id, attachment_id = "fl_" + "A" * 21, "at_" + "A" * 21
    assert sdk.upload_storage_file(ROOM, file_id, "plan.txt", body=content(b"bytes"), file_size=5).id == file_id
    assert read(sdk.get_storage_file(ROOM, file_id).url) == b"bytes"
    attachment = sdk.upload_attachment(ROOM, attachment_id, "plan.txt", body=content(b"words"), user_id="ann", file_size=5)
    assert attachment.name == "plan.txt"
    refused(404, sdk.get_storage_file, ROOM, "fl_" + "B" * 21)

    other = "fl_" + "C" * 21
    assert in_parts(sdk, "storage_file", other) == read(sdk.get_storage_file(ROOM, other).url)
    in_parts(sdk, "attachment", "at_" + "C" * 21, user_id="ann")
    sdk.delete_room(ROOM)
