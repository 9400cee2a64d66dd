"""json.loads and json.dumps on files: json_peer.py SECONDS FILE...

Prints {"file":,"decode":,"encode":} for each, in MB of text a second: the best of 5 spells.
Writes as httpx does for the Python SDK: no spaces, no escapes for what UTF-8 can say.
"""
import json
import sys
import time


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def rate(seconds, size, work):
    """The rate of one function over about `seconds`, cut into spells."""
    spells = []
    for _ in range(6):
        start, rounds, spent = time.perf_counter(), 0, 0.0
        while spent < seconds / 6:
            work()
            rounds += 1
            spent = time.perf_counter() - start
        spells.append(rounds * size / spent / 1e6)
    return max(spells[1:])  # the first one warms up


def main(seconds, *files):
    for name in files:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        value = json.loads(text)
        figures = {
            "file": name,
            "decode": rate(float(seconds), len(text.encode()), lambda: json.loads(text)),
            "encode": rate(float(seconds), len(dumps(value).encode()), lambda: dumps(value)),
        }
        print(json.dumps(figures))


main(*sys.argv[1:])
