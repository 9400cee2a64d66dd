"""Signs an event, or verifies it and hands it to its handler, in process.

webhook.py sign DIR            writes event.json, event.headers and event.secret; needs no SDK
webhook.py DIR EVENTS WARMUP   prints the figures that run.lua reads
"""
import base64
import hashlib
import hmac
import json
import re
import sys
import time

KEY = b"a key for benchmarks only"
BODY = json.dumps(
    {
        "type": "commentCreated",
        "data": {
            "projectId": "6605555c2ae8d4dbe01e8f5b",
            "roomId": "room-1",
            "threadId": "th_bench",
            "commentId": "cm_bench",
            "createdAt": "2026-11-02T17:05:11.042Z",
            "createdBy": "alice@example.com",
        },
    }
)


def sign(directory):
    timestamp = str(int(time.time()))
    signed = f"msg_bench.{timestamp}.{BODY}".encode()
    signature = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    headers = {
        "webhook-id": "msg_bench",
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    secret = "whsec_" + base64.b64encode(KEY).decode()
    for name, text in (("json", BODY), ("headers", json.dumps(headers)), ("secret", secret)):
        with open(f"{directory}/event.{name}", "w", encoding="utf-8") as file:
            file.write(text)
    print(json.dumps({"signed": headers["webhook-id"]}))


def measure(directory, events, warmup):
    from liveblocks import WebhookHandler

    def read(name):
        with open(f"{directory}/event.{name}", encoding="utf-8") as file:
            return file.read()

    webhook, headers, body = WebhookHandler(read("secret")), json.loads(read("headers")), read("json")
    handled = []
    handlers = {"commentCreated": lambda event: handled.append(event["data"]["commentId"])}

    def dispatch(count):
        handled.clear()
        for _ in range(count):
            event = webhook.verify_request(headers=headers, raw_body=body)
            handlers[event["type"]](event)
        assert len(handled) == count, "a handler was not called"

    dispatch(warmup)
    wall, cpu = time.perf_counter(), time.process_time()
    dispatch(events)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with open("/proc/self/status", encoding="ascii") as status:
        peak = int(re.search(r"^VmHWM:\s+(\d+)", status.read(), re.M).group(1))
    print(json.dumps({"calls": events, "wall": wall, "cpu": cpu, "rss_kb": peak}))


if sys.argv[1] == "sign":
    sign(sys.argv[2])
else:
    measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
