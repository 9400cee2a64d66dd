#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# Prosody, which listens to nobody here.
# Needs: prosody
export ENGINES BASE_URL MODULES
mkdir -p "$DIR/prosody"
sed -e "s|@DIR@|$DIR|g; s|@ENGINES@|$ENGINES|g" "$ENGINES/prosody/prosody.cfg.lua.in" >"$DIR/prosody.cfg.lua"
prosody --config "$DIR/prosody.cfg.lua" -F
