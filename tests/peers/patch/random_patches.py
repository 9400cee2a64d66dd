"""Random documents and patches, good and bad, and what the package jsonpatch makes of them.

Usage: random_patches.py COUNT SEED FILE    one case a line: document, patch, and result or null when it is refused
"""

import copy
import json
import random
import sys

import jsonpatch

KEYS = ["a", "b", "c", "x/y", "m~n", "", "0", "-"]


def value(r, depth=0):
    kind = r.randrange(9 if depth < 3 else 6)
    if kind < 6:
        return r.choice([1, 2.5, "text", "", True, False, None, -3, "é"])
    if kind == 6:
        return [value(r, depth + 1) for _ in range(r.randrange(4))]
    return {r.choice(KEYS): value(r, depth + 1) for _ in range(r.randrange(4))}


# The package raises its own errors, and Python's where a list is asked for a name.
REFUSALS = (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError, IndexError)


def escape(key):
    return str(key).replace("~", "~0").replace("/", "~1")


def places(node, path=""):
    """All pointers into a document."""
    found = [path]
    if isinstance(node, dict):
        for key, item in node.items():
            found += places(item, path + "/" + escape(key))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            found += places(item, path + "/" + str(index))
    return found


def pointer(r, document):
    path = r.choice(places(document))
    return path + r.choice(["", "", "", "/" + escape(r.choice(KEYS)), "/-", "/1", "/99", "/01"])


def at(document, path):
    try:
        found = jsonpatch.JsonPointer(path).resolve(document)
        return None if type(found).__name__ == "EndOfList" else copy.deepcopy(found)
    except REFUSALS:
        return None


def operation(r, document):
    name = r.choice(["add", "add", "remove", "replace", "move", "copy", "test"])
    one = {"op": name, "path": pointer(r, document)}
    if name in ("add", "replace"):
        one["value"] = value(r)
    if name == "test":
        # True is 1 in Python: other values are texts.
        one["value"] = at(document, one["path"]) if r.random() < 0.8 else "other"
    if name in ("move", "copy"):
        one["from"] = pointer(r, document)
    return one


def apply(document, patch):
    # The root stays an object, as a Storage document does.
    result = jsonpatch.apply_patch(document, copy.deepcopy(patch))
    return result if isinstance(result, dict) else None


def rooted(one):
    return one["path"] == "" and one["op"] != "test" or one.get("from") == ""


def main():
    count, seed, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    r = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(count):
            document = {key: value(r) for key in r.sample(KEYS, r.randrange(1, 5))}
            patch, current = [], document
            for _ in range(r.randrange(1, 7)):
                one = operation(r, current)
                # A few texts that the standard forbids and this package allows; the root is not moved about.
                if "01" in one["path"] or "01" in one.get("from", "") or rooted(one):
                    continue
                # It moves values into themselves, when a neighbour takes their place, and takes `-` for a place to read from.
                if one["op"] == "move" and one["path"].startswith(one["from"] + "/"):
                    continue
                if one["op"] in ("remove", "replace", "test") and one["path"].endswith("/-") or one.get("from", "").endswith("/-"):
                    continue
                patch.append(one)
                try:
                    current = apply(current, [one])
                except REFUSALS:
                    if r.random() < 0.8:
                        patch.pop()
            try:
                result = apply(document, patch)
            except REFUSALS:
                result = None
            out.write(json.dumps({"document": document, "patch": patch, "result": result}) + "\n")


main()
