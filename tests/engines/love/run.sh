#!/bin/sh
# shellcheck disable=SC1091,SC2154 # what run.sh and functions.sh give
# LÖVE, on a display that only memory shows.
# Needs: love
export ENGINES BASE_URL MODULES
SDL_AUDIODRIVER=dummy LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a love "$ENGINES/love"

# The recipe, with a key that is pressed.
mkdir "$DIR/recipe"
cp "$ENGINES/love/conf.lua" "$DIR/recipe/"
{ printf 'package.cpath = "%s/5.1/?.so;" .. package.cpath\n' "$MODULES"; cat "$ENGINES/love/recipe/main.lua" "$ENGINES/love/presses.lua"; } >"$DIR/recipe/main.lua"
SDL_AUDIODRIVER=dummy LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a love "$DIR/recipe"
await_comment love
