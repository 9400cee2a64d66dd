"""Lists all rooms, page by page, into a table of SQLite, a commit a page, as list_migration.lua does: list_peer.py URL FILE.
Prints the figures that get_room.lua prints. The json and sqlite3 of Python, and an HTTP client without the SDK."""
import http.client
import json
import resource
import sqlite3
import sys
import time
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
began = time.monotonic()
connection = http.client.HTTPConnection(url.hostname, url.port)
db = sqlite3.connect(sys.argv[2], isolation_level=None)
db.execute("PRAGMA journal_mode = WAL")
db.execute("PRAGMA synchronous = FULL")
db.execute("CREATE TABLE item (key TEXT PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID")
db.execute("CREATE TABLE cursor (value TEXT)")
count, cursor = 0, None
while True:
    path = "/v2/rooms?limit=100" + (f"&startingAfter={cursor}" if cursor else "")
    connection.request("GET", path, headers={"Authorization": "Bearer sk_bench"})
    page = json.loads(connection.getresponse().read())
    cursor = page["nextCursor"]
    db.execute("BEGIN")
    db.executemany("INSERT OR IGNORE INTO item (key) VALUES (?)", [(room["id"],) for room in page["data"]])
    db.execute("DELETE FROM cursor")
    db.execute("INSERT INTO cursor VALUES (?)", (cursor,))
    db.execute("COMMIT")
    count += len(page["data"])
    if cursor is None:
        break
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"calls": count, "wall": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime, "rss_kb": usage.ru_maxrss}))
