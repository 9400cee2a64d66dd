#!/bin/sh
# Runs a list of jobs, JOBS at once (one more than there are processors: they often wait), and says of each what has passed and failed, with
# all that a failed one has printed:
#   jobs.sh LIST
# A job is a line of words for job.sh. The last line has the totals: N passed, N failed. BUILD is the build directory,
# in whose directory jobs/ the output of each is kept. LOAD=N keeps N processors busy meanwhile, as on a machine that others use.
set -eu
cd "$(dirname "$0")/.."
kept=$BUILD/jobs

# What busted and cmocka say at their end, as "passed failed skipped".
totals() { # log
    awk '
        / success(es)? \/ [0-9]+ failures? \/ [0-9]+ errors? \/ [0-9]+ pending/ { passed += $1; failed += $4 + $7; skipped += $10 }
        /^\[  PASSED  \] [0-9]+ test/ { passed += $4 }
        /^\[  FAILED  \] [0-9]+ test/ { failed += $4 }
        /^\[  SKIPPED \] [0-9]+ test/ { skipped += $4 }
        END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

one() { # the words of a job
    log=$kept/$(printf %s "$*" | tr ' /' '__').log
    began=$(date +%s)
    status=0
    # In the foreground, or Ctrl-C would not reach it.
    timeout --foreground --kill-after=10 "${JOB_SECONDS:-600}" sh tests/job.sh "$@" >"$log" 2>&1 </dev/null || status=$?
    # shellcheck disable=SC2046 # three words
    set -- "$*" $(totals "$log")
    # A check has no totals of its own. A test that ended badly without a failure, or ran nothing, has failed.
    if [ "$status" = 0 ] && [ "$2$3$4" = 000 ]; then
        case $1 in check*) set -- "$1" 1 0 0 ;; *) echo "ran no test" >>"$log"; status=1 ;; esac
    fi
    if [ "$status" != 0 ] && [ "$3" = 0 ]; then
        echo "ended with status $status" >>"$log"
        set -- "$1" "$2" 1 "$4"
    fi
    {
        flock 9
        echo "$2 $3 $4" >>"$kept/results"
        word=ok
        [ "$3" = 0 ] || word=FAILED
        printf '%-6s %s: %d passed, %d failed%s, %d s\n' "$word" "$1" "$2" "$3" \
            "$([ "$4" = 0 ] || echo ", $4 skipped")" $(($(date +%s) - began))
        [ "$3" = 0 ] || cat "$log"
    } 9>"$kept/lock"
}

if [ "$1" = --one ]; then
    shift
    one "$@"
    exit
fi

busy=""
# shellcheck disable=SC2086 # process ids
trap '[ -z "$busy" ] || kill $busy 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM HUP
while [ "$(echo "$busy" | wc -w)" -lt "${LOAD:-0}" ]; do
    timeout 7200 sh -c 'while :; do :; done' &
    busy="$busy $!"
done

: >"$kept/results"
xargs -P "${JOBS:-$(($(nproc) + 1))}" -L 1 sh tests/jobs.sh --one <"$1"
awk '
    { passed += $1; failed += $2; skipped += $3 }
    END {
        printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
        exit failed > 0
    }' "$kept/results"
