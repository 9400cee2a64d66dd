# root.sh - bare Debian systems in directories, for scripts that include it: fresh.sh and tests/packages/check.sh. FRESH is where
# the bare ones stay (default fresh/ in the build directory, BUILD). Needs root, debootstrap and unshare.
# shellcheck shell=sh

fresh=${FRESH:-${BUILD:-$PWD/build}/fresh}

# Makes a bare system of a release of Debian, if it is not there: $fresh/SUITE.base.
bare_root() { # suite
    case $1 in bookworm | trixie) ;; *) die "name a release of Debian: bookworm, or trixie" ;; esac
    [ "$(id -u)" = 0 ] || die "needs root, to make a root of its own"
    for tool in debootstrap unshare; do
        command -v "$tool" >/dev/null || die "$tool is missing: apt-get install debootstrap util-linux"
    done
    mkdir -p "$fresh"
    [ ! -e "$fresh/$1.base" ] || return 0
    printf '== a bare %s in %s\n' "$1" "$fresh/$1.base"
    rm -rf "$fresh/$1.base.part"
    debootstrap --variant=minbase --include=sudo "$1" "$fresh/$1.base.part" >"$fresh/debootstrap.log" 2>&1 ||
        { tail -20 "$fresh/debootstrap.log" >&2; die "debootstrap failed"; }
    mv "$fresh/$1.base.part" "$fresh/$1.base"
}

# A copy of it, which has the names of this machine's network and whose packages start no services.
new_root() { # suite, directory
    rm -rf --one-file-system "$2"
    cp -a "$fresh/$1.base" "$2"
    cp /etc/resolv.conf "$2/etc/resolv.conf"
    echo "127.0.0.1 localhost $(hostname)" >"$2/etc/hosts"
    printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
    chmod 755 "$2/usr/sbin/policy-rc.d"
}

# Runs this script with --inside, a root and the arguments, in namespaces of their own: processes and mounts end with it.
enter_root() { # script, root, arguments
    script=$1
    shift
    unshare --mount --pid --ipc --fork --kill-child --propagation private sh "$script" --inside "$@" </dev/null
}

# What a system needs, in the namespaces that enter_root() made.
mount_root() { # root
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$1/dev/pts"
    mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx"
}
