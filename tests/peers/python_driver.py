"""Makes the calls of calls.lua with the Python SDK.

Usage: python_driver.py CALLS.json RESULT.json BASE_URL

Each call is followed by a request to /peers-mark/ID, by which the recording server's log is cut into
calls. What the SDK makes of the response is of no interest; what it refuses to send is.
"""

import inspect
import io
import json
import re
import sys
import urllib.parse
import urllib.request
from enum import Enum

import liveblocks
import liveblocks.client
import liveblocks.models
import liveblocks.webhooks
from liveblocks.types import File

SECRET = "sk_test_peers"


# The SDK's names for operations that have another one in calls.lua.
NAMES = {"create_yjs_version": "create_version_history_snapshot", "get_yjs_versions": "get_version_history"}

# Uploads that choose their own id: the SDK has the single requests only, and not under another name.
WHOLE_UPLOADS = ("upload_attachment", "upload_file")


class Absent(Exception):
    """The SDK has no such call."""


def snake(name):
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def classes(annotation):
    """The classes that an annotation such as 'list[A | B] | Unset' names."""
    found = []
    for name in re.findall(r"[A-Z]\w+", annotation):
        if name in ("Unset", "Any"):
            continue
        found.append(File if name == "File" else getattr(liveblocks.models, name, None)
                     or getattr(sys.modules["liveblocks.models." + snake(name).lstrip("_")], name))
    return found


def model(value, annotation):
    """A JSON value as the first model class of the annotation that accepts it."""
    error = TypeError("no class accepts this value")
    for candidate in classes(annotation):
        try:
            return candidate.from_dict(value)
        except (KeyError, TypeError, ValueError, AttributeError) as reason:
            error = reason
    raise error


def body_of(row, annotation, fields):
    if annotation == "File":
        content = bytes(i % 251 for i in range(row["file"]["size"])) if "file" in row else bytes.fromhex(row["hex"])
        return File(payload=io.BytesIO(content))
    value = row.get("body") if row.get("has_body") else fields
    if annotation == "Any":
        return value
    if annotation.startswith("list["):
        return [model(item, annotation) for item in value]
    return model(value, annotation)


def query_value(name, value, annotation):
    if name == "group_ids" and isinstance(value, list):
        return ",".join(value)
    if isinstance(value, (list, dict)):
        raise TypeError(f"{name}: the SDK takes text only")
    enums = [kind for kind in classes(annotation) if issubclass(kind, Enum)]
    return enums[0](value) if enums else value


def keyword(name, parameters):
    plain = snake(name)
    return next((spelling for spelling in (plain, plain + "_") if spelling in parameters), None)


def call_method(client, row):
    """Any method of the SDK: path parameters, then query parameters and the body by keyword."""
    if row["op"] in WHOLE_UPLOADS and not row.get("step"):
        raise Absent(row["op"])
    method = getattr(client, row["op"], None) or getattr(client, NAMES.get(row["op"], ""), None)
    if method is None:
        raise Absent(row["op"])
    parameters = inspect.signature(method).parameters
    body_annotation = parameters["body"].annotation if "body" in parameters else None
    keywords, fields = {}, {}
    positional = [name for name, facts in parameters.items()
                  if facts.kind is facts.POSITIONAL_OR_KEYWORD]
    for name, value in (row.get("args") or {}).items():
        known = keyword(name, parameters)
        if known and known != "body" and known not in positional:
            keywords[known] = query_value(known, value, parameters[known].annotation)
        elif body_annotation:
            fields[name] = value
        else:
            raise TypeError(f"no parameter for {name}")
    path = row["path"]
    if row["op"] == "create_web_knowledge_source":
        fields["copilotId"] = path[0]
    if body_annotation:
        keywords["body"] = body_of(row, body_annotation, fields)
    method(*path, **keywords)


def call_session(client, row):
    args = row["args"]
    session = client.prepare_session(args["userId"], args.get("userInfo"), args.get("organizationId"))
    for pattern, permissions in row["allow"]:
        session.allow(pattern, permissions)
    try:
        session.authorize()
    except Exception:  # the response of the recording server is not a token
        if not row.get("twice"):
            raise
    if row.get("twice"):
        session.authorize()


class Clients:
    """One client for each base URL: making one is slow."""

    def __init__(self, base):
        self.base, self.made = base, {}

    def get(self, prefix):
        if prefix not in self.made:
            self.made[prefix] = liveblocks.Liveblocks(secret=SECRET, base_url=self.base + prefix)
        return self.made[prefix]


def perform(client, row, used):
    if row["op"] == "session":
        used.add("prepare_session")
        call_session(client, row)
    else:
        used.update({row["op"], NAMES.get(row["op"])})
        call_method(client, row)


def tell_server(url, body=None):
    """A request to the recording server itself: POST with a body, else GET."""
    with urllib.request.urlopen(url, body) as answer:
        answer.read()


def run_calls(calls, base):
    results, used, clients = {}, set(), Clients(base)
    for row in calls:
        result = {}
        for answer in row.get("answers", []):
            tell_server(base + "/__answer", json.dumps(answer).encode())
        try:
            perform(clients.get(row.get("base", "")), row, used)
        except Absent:
            result = {"absent": True}
        except Exception as error:  # noqa: BLE001  every error is a result
            result = {"error": f"{type(error).__name__}: {error}"}
        results[row["id"]] = result
        tell_server(base + "/peers-mark/" + urllib.parse.quote(row["id"], safe=""))
    return results, used


def unused_methods(used):
    """Public methods of the client that no row has called."""
    own = {name for name, value in vars(liveblocks.Liveblocks).items()
           if inspect.isfunction(value) and not name.startswith("_")}
    return sorted(own - used - {"close"})


def verify_webhooks(requests, now):
    class Clock:
        @staticmethod
        def time():
            return now

    liveblocks.webhooks.time = Clock
    verdicts = {}
    for row in requests:
        try:
            handler = liveblocks.WebhookHandler(row["secret"])
            event = handler.verify_request(headers=row["headers"], raw_body=row["body"])
            verdicts[row["id"]] = {"accepted": True, "event": event}
        except Exception as error:  # noqa: BLE001
            verdicts[row["id"]] = {"accepted": False, "error": f"{type(error).__name__}: {error}"}
    return verdicts


def main(source, target, base):
    with open(source, encoding="utf-8") as file:
        work = json.load(file)
    calls, used = run_calls(work["calls"], base)
    result = {
        "calls": calls,
        "unused": unused_methods(used),
        "webhooks": verify_webhooks(work["webhooks"], work["now"]),
    }
    with open(target, "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False)


if __name__ == "__main__":
    main(*sys.argv[1:4])
