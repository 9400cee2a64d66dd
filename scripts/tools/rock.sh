#!/bin/sh
# Builds the module for luarocks (liveblocks-dev-1.rockspec), which gives it the words; premake is not needed:
#   scripts/tools/rock.sh LUA LUA_INCLUDE CC CFLAGS LDFLAGS
set -eu
cd "$(dirname "$0")/../.."
lua=$1 include=$2 cc=$3 cflags=$4 ldflags=$5
made=build/rock

for header in curl/curl.h openssl/evp.h; do
    # shellcheck disable=SC2086 # lists of words
    printf '#include <%s>\n' "$header" | $cc $cflags -E -xc - >/dev/null 2>&1 || {
        echo "rock: the compiler does not find <$header>: install libcurl4-openssl-dev and libssl-dev (Debian), or name its directory, CFLAGS='-O2 -fPIC -I...'" >&2
        exit 1
    }
done

rm -rf "$made"
mkdir -p "$made"
find lua/liveblocks -name '*.lua' | LC_ALL=C sort >"$made/sources"
"$lua" -e '
local sources = {}
for path in io.lines("build/rock/sources") do
  sources[#sources + 1] = { (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/", ".")), path }
end
dofile "scripts/tools/embed.lua" ("build/rock/module_sources.c", "lblua_module_sources", sources)'

# As premake5.lua does for a release.
flags="-std=c11 -O2 -DNDEBUG -fPIC -fvisibility=hidden -I$include -Ibindings/lua $cflags"
printf '%s\n' bindings/client/*.c bindings/loading/*.c bindings/text/*.c bindings/yjs/*.c bindings/lua/*.c "$made/module_sources.c" |
    xargs -P "$(nproc)" -I{} sh -c "$cc $flags -c '{}' -o $made/\$(echo '{}' | tr / _ | sed 's/c\$/o/')"
# shellcheck disable=SC2086 # lists of words
$cc $ldflags -Wl,-Bsymbolic-functions -Wl,-z,relro,-z,now "$made"/*.o -lm -ldl -o "$made/liveblocks.so"
