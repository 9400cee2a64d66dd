#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# Knot Resolver, which resolves nothing here.
# Needs: kresd
export ENGINES BASE_URL MODULES
mkdir -p "$DIR/kresd"
kresd -n -q -a "127.0.0.1@$PORT" -c "$ENGINES/knot-resolver/kresd.conf" "$DIR/kresd" </dev/null
