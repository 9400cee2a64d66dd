"""Applies the patches of cases.lua with the package jsonpatch: each must make exactly the edited document."""

import decimal
import json
import sys

import jsonpatch


def exact(text):
    """JSON with every digit kept."""
    return json.loads(text, parse_float=decimal.Decimal)


def typed(value):
    """True is no 1, as Python would have it."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return (type(value).__name__, value)


def main():
    bad = total = operations = 0
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            case = exact(line)
            total += 1
            operations += len(case["patch"])
            try:
                made = jsonpatch.apply_patch(case["before"], case["patch"])
                good = typed(made) == typed(case["after"])
                problem = "another document"
            except jsonpatch.JsonPatchException as error:
                good, problem = False, repr(error)
            if not good:
                bad += 1
                print(f"seed {case['seed']}: {problem}", file=sys.stderr)
    print(f"jsonpatch {jsonpatch.__version__}: {total} edits, {operations} operations, {bad} wrong")
    sys.exit(1 if bad or not total else 0)


main()
