"""Runs the scenarios beside this file with the Python SDK; fails when one fails, or when a method was never called.

Usage: run.py BASE_URL
"""

import importlib
import inspect
import sys
import traceback
from importlib.metadata import version
from pathlib import Path

from liveblocks import Liveblocks

HERE = Path(__file__).parent
NOT_CALLS = {"close"}


class Recorder:
    """The SDK's client, noting which of its methods were called and came back."""

    def __init__(self, client):
        self._client = client
        self.called = set()

    def __getattr__(self, name):
        method = getattr(self._client, name)

        def call(*args, **kwargs):
            value = method(*args, **kwargs)
            self.called.add(name)
            return value

        return call


def main(base_url):
    sdk = Recorder(Liveblocks(secret="sk_localdev", base_url=base_url))
    failed = 0
    sys.path.insert(0, str(HERE))
    scenarios = []
    for name in sorted(path.stem for path in HERE.glob("*_scenario.py")):
        try:
            scenario = importlib.import_module(name)
            if not hasattr(Liveblocks, getattr(scenario, "NEEDS", "close")):
                continue  # it is about calls that an older SDK lacks
            scenarios.append(name)
            scenario.run(sdk)
        except Exception:  # the others still say something
            failed += 1
            print(f"python: {name}:", file=sys.stderr)
            traceback.print_exc()
    methods = {name for name, _ in inspect.getmembers(Liveblocks, inspect.isfunction) if not name.startswith("_")}
    missing = sorted(methods - sdk.called - NOT_CALLS)
    if missing:
        failed += 1
        print("python: never called, or never answered: " + ", ".join(missing), file=sys.stderr)
    print(f"python {version('liveblocks')}: {len(scenarios)} scenarios, {len(sdk.called)} of {len(methods - NOT_CALLS)} methods, {failed} failures")
    return 1 if failed else 0


sys.exit(main(sys.argv[1]))
