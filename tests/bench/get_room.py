"""get_room through the Python SDK: get_room.py turn|flight BASE CALLS WARMUP [IN_FLIGHT]

In turn with the synchronous client, in flight with the asynchronous one.
"""
import asyncio
import json
import re
import sys
import time

from liveblocks import AsyncLiveblocks, Liveblocks


def check(room, room_id):
    if room.id != room_id:
        raise SystemExit(f"asked for {room_id}, got {room.id}")


def in_turn(base):
    client = Liveblocks(secret="sk_bench", base_url=base)

    async def run(count):
        for i in range(1, count + 1):
            check(client.get_room(f"room-{i}"), f"room-{i}")

    return run


def in_flight(base, width):
    """As many workers as calls in flight; each takes the next room until none is left."""
    client = AsyncLiveblocks(secret="sk_bench", base_url=base)

    async def worker(rooms):
        for i in rooms:
            check(await client.get_room(f"room-{i}"), f"room-{i}")

    async def run(count):
        rooms = iter(range(1, count + 1))
        await asyncio.gather(*(worker(rooms) for _ in range(width)))

    return run


async def main(mode, base, calls, warmup, width="64"):
    run = in_turn(base) if mode == "turn" else in_flight(base, int(width))
    await run(int(warmup))
    wall, cpu = time.perf_counter(), time.process_time()
    await run(int(calls))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    with open("/proc/self/status", encoding="ascii") as status:
        peak = int(re.search(r"^VmHWM:\s+(\d+)", status.read(), re.M).group(1))
    print(json.dumps({"calls": int(calls), "wall": wall, "cpu": cpu, "rss_kb": peak}))


asyncio.run(main(*sys.argv[1:]))
