"""What the scenarios share."""

import liveblocks.models
from liveblocks.errors import LiveblocksError


def body(name, value):
    """A request body of the SDK, by the name of its model, from a JSON value."""
    return getattr(liveblocks.models, name).from_dict(value)


def renamed(sdk, *names):
    """A method of the SDK by the first of the names that this version knows."""
    return next(getattr(sdk, name) for name in names if hasattr(type(sdk._client), name))


def words(text, *mentioned):
    """The body of a comment, as JSON: words, then user mentions."""
    children = [{"text": text}] + [{"type": "mention", "kind": "user", "id": user} for user in mentioned]
    return {"version": 1, "content": [{"type": "paragraph", "children": children}]}


def refused(status, function, *args, **kwargs):
    """Calls it; it must fail with this status."""
    try:
        function(*args, **kwargs)
    except LiveblocksError as error:
        assert error.status == status, error
        return error
    raise AssertionError(f"the call was not refused with {status}")
