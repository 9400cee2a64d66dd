#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# For the run.sh of the engines.

# Until the engine listens on $PORT.
await_port() {
    tries=0
    until curl -s -o /dev/null "http://127.0.0.1:$PORT/"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || return 1
        sleep 0.1
    done
}

# Twenty requests at once, each of which makes the engine call, and one for the report.
call_by_requests() {
    number=0
    requests=
    while [ "$number" -lt 20 ]; do
        curl -sf "http://127.0.0.1:$PORT/call" >/dev/null &
        requests="$requests $!"
        number=$((number + 1))
    done
    for request in $requests; do wait "$request"; done
    curl -sf "http://127.0.0.1:$PORT/report" >/dev/null
}

# What is not signed gets 400.
refuses_forgery() { # url
    status=$(curl -s -o /dev/null -w '%{http_code}' --data '{"type":"threadCreated","data":{}}' "$1")
    [ "$status" = 400 ] || { echo "an event without a signature got $status"; return 1; }
}

# Until the comment of the recipe is there.
await_comment() { # user
    "$LBHOST" run "$ENGINES/rooms.lua" await "$1"
}
