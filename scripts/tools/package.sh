#!/bin/sh
# Packs the release build, in packages/ of the build directory (BUILD): Debian packages, and a tar archive of all of it.
#   scripts/tools/package.sh
# The packages need what this machine's Debian has: those that are made on bookworm run on trixie as well. Who they come
# from is DEBFULLNAME and DEBEMAIL. The same commit gives the same packages.
set -eu
umask 022 # what is installed can be read by all
cd "$(dirname "$0")/../.."
: "${BUILD:=$PWD/build}"

die() { printf 'package: %s\n' "$*" >&2; exit 1; }

version=$(sed -n 's/^#define LB_VERSION "\(.*\)"$/\1/p' bindings/liveblocks.h)
revision=$version-1
architecture=$(dpkg --print-architecture)
multiarch=$(dpkg-architecture -qDEB_HOST_MULTIARCH)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH
maintainer="${DEBFULLNAME:-lbhost maintainers} <${DEBEMAIL:-maintainers@lbhost.example}>"
out=$BUILD/packages
stage=$out/stage
home=https://liveblocks.io/docs

# What is linked into binaries, and whose licences go with them: directories of /usr/share/doc.
linked_in="liblua5.4-dev lua-cjson lua-argparse libsqlite3-dev"
package_of() { dpkg-query -S "$(realpath "/usr/lib/$multiarch/$1")" | head -1 | cut -d: -f1; }
# What is loaded when it is needed, which dpkg-shlibdeps does not see.
loaded="$(package_of libcurl.so.4), $(package_of libcrypto.so.3)"

rm -rf "$out"
mkdir -p "$stage"

# ---- What all packages have ------------------------------------------------------------------------

strip_files() { # directory
    find "$1" -type f \( -name '*.so' -o -name '*.so.*' -o -path '*/bin/*' \) -exec strip --strip-unneeded --remove-section=.comment {} +
    find "$1" -type f -name '*.a' -exec strip --strip-debug --remove-section=.comment --enable-deterministic-archives {} +
}

copyright() { # name of the package
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: lbhost\nSource: %s\n\n' "$home"
    printf 'Files: *\nCopyright: %s\nLicense: Expat\n' "$(sed -n 's/^Copyright (c) //p' LICENSE)"
    sed '1,/^Copyright/d; /./!s/^/./; s/^/ /' LICENSE | sed '1{/^ \.$/d}'
    [ "$1" = lbhost ] || return 0
    for part in $linked_in; do
        printf '\nComment: Linked into the program; the package %s says:\n' "$part"
        sed 's/^$/./; s/^/ /' "/usr/share/doc/$part/copyright"
    done
}

documents() { # name, directory
    doc=$2/usr/share/doc/$1
    mkdir -p "$doc"
    copyright "$1" >"$doc/copyright"
    {
        printf 'lbhost (%s) unstable; urgency=medium\n\n  * Version %s; see changelog.gz.\n\n' "$revision" "$version"
        printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
    } | gzip -9n >"$doc/changelog.Debian.gz"
    gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
}

# The shared libraries that files need, as dependencies.
needs() { # directory, files
    directory=$1
    shift
    mkdir -p "$out/shlibs/debian"
    printf 'Source: lbhost\n\nPackage: lbhost\nArchitecture: any\n' >"$out/shlibs/debian/control"
    [ ! -d "$out/libliveblocks1/DEBIAN" ] || set -- "-S$out/libliveblocks1" "$@"
    (cd "$out/shlibs" && dpkg-shlibdeps --ignore-missing-info -O "$@" 2>"$out/shlibs/log") | sed 's/^shlibs:Depends=//' ||
        { cat "$out/shlibs/log" >&2; die "dpkg-shlibdeps failed for $directory"; }
}

pack() { # name, section; the other fields on standard input
    tree=$out/$1
    mkdir -p "$tree/DEBIAN"
    documents "$1" "$tree"
    mkdir -p "$tree/usr/share/lintian/overrides"
    printf '# It is not uploaded to Debian.\n%s: initial-upload-closes-no-bugs\n' "$1" >"$tree/usr/share/lintian/overrides/$1"
    find "$tree/usr/share/man" -type f ! -name '*.gz' -exec gzip -9n {} + 2>/dev/null || true
    (cd "$tree" && find usr lib -type f 2>/dev/null | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums)
    {
        printf 'Package: %s\nSource: lbhost\nVersion: %s\nArchitecture: %s\nMaintainer: %s\n' "$1" "$revision" "$architecture" "$maintainer"
        printf 'Installed-Size: %s\nSection: %s\nPriority: optional\nHomepage: %s\n' "$(du -sk --exclude=DEBIAN "$tree" | cut -f1)" "$2" "$home"
        cat
    } >"$tree/DEBIAN/control"
    find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$out/$1_${revision}_$architecture.deb" >/dev/null
}

move() { # package, paths below the stage
    package=$1
    shift
    for path in "$@"; do
        mkdir -p "$out/$package/$(dirname "$path")"
        mv "$stage/$path" "$out/$package/$path"
    done
}

# ---- Debian packages -------------------------------------------------------------------------------

stage_files() {
    DESTDIR=$stage LIBDIR=/usr/lib/$multiarch sh scripts/tools/install.sh copy /usr
    rm "$stage/usr/share/lbhost/installed-files"
    strip_files "$stage"
}

library() {
    move libliveblocks1 "usr/lib/$multiarch/libliveblocks.so.1"
    mkdir -p "$out/libliveblocks1/DEBIAN"
    printf 'libliveblocks 1 libliveblocks1 (>= %s)\n' "$version" >"$out/libliveblocks1/DEBIAN/shlibs"
    { # the symbols, each since this version
        printf 'libliveblocks.so.1 libliveblocks1 #MINVER#\n* Build-Depends-Package: libliveblocks-dev\n LIVEBLOCKS_1@LIVEBLOCKS_1 %s\n' "$version"
        sed -n "s/^ *\\(lb_[a-z_0-9]*\\);\$/ \\1@LIVEBLOCKS_1 $version/p" bindings/liveblocks.map
    } >"$out/libliveblocks1/DEBIAN/symbols"
    printf 'activate-noawait ldconfig\n' >"$out/libliveblocks1/DEBIAN/triggers"
    pack libliveblocks1 libs <<CONTROL
Multi-Arch: same
Depends: $(needs libliveblocks1 "$out/libliveblocks1/usr/lib/$multiarch/libliveblocks.so.1")
Recommends: ca-certificates
Description: client of the Liveblocks REST API, shared library
 All calls of the Liveblocks REST API from C and C++, blocking or on an event
 loop, with safe retries, deadlines, pages, uploads and webhooks.
CONTROL
    move libliveblocks-dev usr/include/liveblocks "usr/lib/$multiarch/libliveblocks.so" "usr/lib/$multiarch/libliveblocks.a" \
        "usr/lib/$multiarch/pkgconfig" "usr/lib/$multiarch/cmake"
    mkdir -p "$out/libliveblocks-dev/usr/share/doc/libliveblocks-dev"
    mv "$stage/usr/share/doc/liveblocks/examples" "$out/libliveblocks-dev/usr/share/doc/libliveblocks-dev/examples"
    pack libliveblocks-dev libdevel <<CONTROL
Multi-Arch: same
Depends: libliveblocks1 (= $revision), libcurl4-openssl-dev | libcurl4-gnutls-dev, libssl-dev
Suggests: liblua5.4-dev, cmake, pkg-config
Description: client of the Liveblocks REST API, development files
 The headers, the static library, and what pkg-config and CMake read. The header
 liveblocks_lua.h is for programs that embed Lua and link its module.
CONTROL
}

# That of the interface 5.1 is for LuaJIT: the module cannot wait in PUC Lua 5.1, and says so.
lua_module() { # version, interpreter, words for the description
    [ -f "$stage/usr/lib/$multiarch/lua/$1/liveblocks.so" ] || return 0 # its headers were not there
    move "liblua$1-liveblocks" "usr/lib/$multiarch/lua/$1/liveblocks.so"
    pack "liblua$1-liveblocks" interpreters <<CONTROL
Depends: $(needs "liblua$1-liveblocks" "$out/liblua$1-liveblocks/usr/lib/$multiarch/lua/$1/liveblocks.so"), $loaded
Recommends: ca-certificates
Enhances: $2
Description: client of the Liveblocks REST API for $3
 All calls of the Liveblocks REST API, with tasks that make many at once,
 Storage that is edited as Lua tables, Yjs documents, comments and webhooks.
CONTROL
}

program() {
    move lbhost usr/bin/lbhost usr/lib/systemd usr/share/lbhost usr/share/man usr/share/bash-completion usr/share/zsh usr/share/fish
    mv "$out/lbhost/usr/share/zsh/site-functions" "$out/lbhost/usr/share/zsh/vendor-completions" # as Debian calls it
    mkdir -p "$out/lbhost/DEBIAN"
    cat >"$out/lbhost/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    deb-systemd-invoke stop lbhost.service || true
fi
SCRIPT
    cat >"$out/lbhost/DEBIAN/postrm" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = purge ] && command -v deb-systemd-helper >/dev/null; then
    deb-systemd-helper purge lbhost.service >/dev/null || true # who has enabled it
fi
SCRIPT
    chmod 755 "$out/lbhost/DEBIAN/prerm" "$out/lbhost/DEBIAN/postrm"
    pack lbhost net <<CONTROL
Depends: $(needs lbhost "$out/lbhost/usr/bin/lbhost"), $loaded, ca-certificates
Suggests: libedit2, lbhost-postgres
Description: run Lua scripts with the Liveblocks REST API
 Single calls and scripts, webhooks that are stored before they are
 acknowledged, migrations of many rooms, a prompt, and a local Liveblocks for
 development. libedit2 gives the prompt line editing.
CONTROL
    move lbhost-postgres usr/lib/lua/5.4/lbhost/plugins/postgres.so
    pack lbhost-postgres net <<CONTROL
Depends: lbhost (= $revision), $(needs lbhost-postgres "$out/lbhost-postgres/usr/lib/lua/5.4/lbhost/plugins/postgres.so")
Description: run Lua scripts with the Liveblocks REST API, PostgreSQL plugin
 Keeps the events of lbhost serve in PostgreSQL, so that several hosts share
 the work.
CONTROL
}

# ---- The tar archive -------------------------------------------------------------------------------

archive() {
    name=lbhost-$version-linux-$(uname -m)
    # shellcheck disable=SC2016 # pkg-config's variable
    DESTDIR=$out/tree PC_PREFIX='${pcfiledir}/../..' sh scripts/tools/install.sh copy /opt/lbhost
    rm "$out/tree/opt/lbhost/share/lbhost/installed-files"
    strip_files "$out/tree"
    install -m 644 LICENSE README.md CHANGELOG.md "$out/tree/opt/lbhost/"
    mkdir "$out/tree/opt/lbhost/licenses"
    for part in $linked_in; do install -m 644 "/usr/share/doc/$part/copyright" "$out/tree/opt/lbhost/licenses/$part"; done
    mv "$out/tree/opt/lbhost" "$out/tree/$name"
    tar -C "$out/tree" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
    glibc=$(find "$out/tree/$name" -type f \( -name '*.so*' -o -path '*/bin/lbhost' \) -exec objdump -T {} + 2>/dev/null |
        grep -o 'GLIBC_[0-9.]*' | sort -uV | tail -1)
}

[ -z "$(git status --porcelain 2>/dev/null)" ] || echo "with changes that are not committed"
stage_files
library
lua_module 5.5 lua5.5 "Lua 5.5"
lua_module 5.4 lua5.4 "Lua 5.4"
lua_module 5.3 lua5.3 "Lua 5.3"
lua_module 5.2 lua5.2 "Lua 5.2"
lua_module 5.1 luajit "LuaJIT"
program
left=$(find "$stage" -type f -o -type l)
[ -z "$left" ] || die "no package has $left"
archive
for directory in "$out"/*/; do rm -rf "$directory"; done
(cd "$out" && for file in *.deb *.tar.gz; do printf '%s/%s\n' "$out" "$file"; done)
echo "the archive needs $glibc, libcurl.so.4 and libcrypto.so.3"
